import { useEffect, useState } from 'react';

import { selectDocument } from '../../session/selectors.ts';
import type { SessionSummary } from '../../session/state.ts';
import { leaveOptions } from '../keep.ts';
import { useActions, useEditor, usePage } from '../page.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { countOf } from '../words.ts';

export function SessionsDialog() {
  const page = usePage();
  const { view } = page;
  const actions = useActions();
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
    <Dialog title="Sessions on this device" onClose={close}>
      <p className="quiet">
        Stored in this browser. The browser may delete them when the disk is full; a session file is yours to
        keep.
      </p>
      {sessions.length === 0 && <p>Nothing is stored yet. Open a picture to begin.</p>}
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
              <p>Delete every session stored here? This cannot be undone.</p>
              <button type="button" className="word-button is-edged" onClick={() => setIsSure(false)}>
                Keep them
              </button>
              <button
                type="button"
                className="act"
                onClick={() => {
                  void actions.deleteEverything();
                  setIsSure(false);
                }}
              >
                Delete everything
              </button>
            </>
          ) : (
            <button type="button" className="word-button push" onClick={() => setIsSure(true)}>
              Delete everything stored here
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
            {`${countOf(session.turnCount, 'turn', 'turns')}, ${new Date(session.modifiedAt).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })}${isOpen ? ', open now' : ''}`}
          </span>
        </span>
      </button>
      <button type="button" className="word-button" aria-label={`Delete ${session.name}`} onClick={onDelete}>
        Delete
      </button>
    </li>
  );
}
