import { useEffect, useState } from 'react';

import { selectDocument } from '../../session/selectors.ts';
import type { SessionSummary } from '../../session/state.ts';
import { leaveOptions } from '../keep.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, useEditor, usePage } from '../page.ts';
import { Dialog } from '../parts/Dialog.tsx';

export function SessionsDialog() {
  const page = usePage();
  const { view } = page;
  const actions = useActions();
  const { sessions: m, sessionsHere } = useMessages();
  const sessions = useEditor((state) => state.sessions);
  const openId = useEditor((state) => selectDocument(state)?.id ?? null);
  const [isSure, setIsSure] = useState(false);
  useEffect(() => void actions.listSessions(), [actions]);
  const close = (): void => view.setState({ dialog: null });
  const open = async (id: SessionSummary['id']): Promise<void> => {
    view.setState({ isHome: false });
    if (id === openId || (await actions.openSession(id, leaveOptions(page)))) close();
  };
  return (
    <Dialog title={sessionsHere} onClose={close}>
      <p className="quiet">{m.note}</p>
      {sessions.length === 0 && <p>{m.none}</p>}
      <ul className="session-list">
        {sessions.map((session) => (
          <SessionItem
            key={session.id}
            session={session}
            isOpen={session.id === openId}
            onOpen={() => void open(session.id)}
            onDelete={() => void actions.deleteSession(session.id)}
          />
        ))}
      </ul>
      {sessions.length > 0 && (
        <div className="dialog-actions">
          {isSure ? (
            <>
              <p>{m.sure}</p>
              <button type="button" className="word-button is-edged" onClick={() => setIsSure(false)}>
                {m.keep}
              </button>
              <button
                type="button"
                className="act"
                onClick={() => {
                  void actions.deleteEverything();
                  setIsSure(false);
                }}
              >
                {m.deleteAll}
              </button>
            </>
          ) : (
            <button type="button" className="word-button push" onClick={() => setIsSure(true)}>
              {m.deleteAllHere}
            </button>
          )}
        </div>
      )}
    </Dialog>
  );
}

interface SessionItemProps {
  readonly session: SessionSummary;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
  readonly onDelete: () => void;
}

function SessionItem({ session, isOpen, onOpen, onDelete }: SessionItemProps) {
  const { urlOf } = usePage();
  const { sessions: m, delete: deleteWord, tag } = useMessages();
  const [url] = useState(() => (session.thumbnail === null ? null : urlOf(session.thumbnail)));
  return (
    <li>
      <button type="button" className="session-open" onClick={onOpen}>
        <span className={url === null ? 'thumb is-empty' : 'thumb'}>
          {url !== null && <img src={url} alt="" />}
        </span>
        <span>
          <span className="turn-words">{session.name}</span>
          <span className="turn-meta">
            {m.about(
              session.turnCount,
              new Date(session.modifiedAt).toLocaleString(tag, { dateStyle: 'medium', timeStyle: 'short' }),
            )}
            {isOpen && m.openNow}
          </span>
        </span>
      </button>
      <button type="button" className="word-button" aria-label={m.deleteOne(session.name)} onClick={onDelete}>
        {deleteWord}
      </button>
    </li>
  );
}
