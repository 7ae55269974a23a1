import { useEffect, useRef, useState, type ReactNode } from 'react';

import { selectDocument, selectSilence } from '../session/selectors.ts';
import type { Failure } from '../session/state.ts';
import { useMessages } from './messages/useMessages.ts';
import { useNextStep } from './nextStep.ts';
import { useActions, useEditor, usePage, useView } from './page.ts';
import { CopyReport } from './parts/CopyReport.tsx';
import { Icon, type IconName } from './parts/Icon.tsx';

/** Trouble only: what happened, what is safe, what next. */
export function Notices() {
  const { view } = usePage();
  const actions = useActions();
  const m = useMessages();
  const notice = useEditor((state) => state.notice);
  const trouble = useView((state) => state.trouble);
  return (
    <div className="notices">
      {notice !== null && <FailureNotice failure={notice} onClose={() => actions.dismissNotice()} />}
      {notice === null && <Refused />}
      {trouble !== null && (
        <Notice title={m.notices.notOpened} onClose={() => view.setState({ trouble: null })}>
          <p>{trouble(m)}</p>
        </Notice>
      )}
      <Silent />
      <StrangePicture />
      <NewVersion />
    </div>
  );
}

type NoticeKind = 'trouble' | 'watch' | 'news';

const ICONS: Readonly<Record<NoticeKind, IconName>> = { trouble: 'warn', watch: 'warn', news: 'again' };

interface NoticeProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
  readonly onClose: () => void;
  /** Of the button that closes it. */
  readonly closing?: string;
  readonly kind?: NoticeKind;
}

function Notice({ title, children, action, onClose, closing, kind = 'trouble' }: NoticeProps) {
  const ref = useRef<HTMLDivElement>(null);
  const m = useMessages();
  // Trouble takes the focus so that the next step is one key away; advice and news do not.
  useEffect(() => {
    if (kind === 'trouble') ref.current?.focus();
  }, [kind]);
  useEffect(() => {
    const notice = ref.current;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      onClose();
    };
    notice?.addEventListener('keydown', onKey);
    return () => notice?.removeEventListener('keydown', onKey);
  }, [onClose]);
  return (
    <div
      ref={ref}
      className={kind === 'trouble' ? 'notice' : `notice is-${kind}`}
      role={kind === 'trouble' ? 'alert' : 'status'}
      tabIndex={-1}
    >
      <Icon name={ICONS[kind]} />
      <div>
        <h2>{title}</h2>
        {children}
      </div>
      <div className="notice-actions">
        {action}
        <button type="button" className="word-button" onClick={onClose}>
          {closing ?? m.close}
        </button>
      </div>
    </div>
  );
}

function FailureNotice({ failure, onClose }: { readonly failure: Failure; readonly onClose: () => void }) {
  const next = useNextStep(failure);
  const m = useMessages();
  // The first sentence is the headline; what follows says more and is read after it.
  const [headline = '', ...more] = failure.happened.split(/(?<=\.)\s+/);
  return (
    <Notice
      title={m.failure(headline).replace(/[.。]$/, '')}
      onClose={onClose}
      action={
        next !== null && (
          <button type="button" className="act" onClick={next}>
            {m.failure(failure.nextLabel)}
          </button>
        )
      }
    >
      {more.length > 0 && <p>{m.failure(more.join(' '))}</p>}
      <p>{m.failure(failure.safe)}</p>
      {failure.detail !== undefined && (
        <details>
          <summary>{m.details}</summary>
          <pre>{`${failure.code}: ${m.failure(failure.detail)}`}</pre>
          <CopyReport failure={failure} />
        </details>
      )}
    </Notice>
  );
}

/** A stored session that this version must not touch; its records can still be saved. */
function Refused() {
  const session = useEditor((state) => state.session);
  const [closedFor, setClosedFor] = useState<string | null>(null);
  if (session.status !== 'refused' || closedFor === session.id) return null;
  return <FailureNotice failure={session.failure} onClose={() => setClosedFor(session.id)} />;
}

/** The model may hang; whether it does, nobody knows but by waiting. */
function Silent() {
  const actions = useActions();
  const { notices: m } = useMessages();
  const silentForMs = useEditor(selectSilence);
  if (silentForMs === null) return null;
  return (
    <Notice
      title={m.silent(Math.round(silentForMs / 1000))}
      kind="watch"
      onClose={() => actions.waitOn()}
      closing={m.waitOn}
      action={
        <button type="button" className="word-button is-edged" onClick={() => void actions.restartModel()}>
          {m.restart}
        </button>
      }
    >
      <p>{m.silentSafe}</p>
    </Notice>
  );
}

/** The start picture is of a kind that the model was not trained on; said once for each session. */
function StrangePicture() {
  const { view } = usePage();
  const m = useMessages();
  const check = useEditor((state) => state.pictureCheck);
  const session = useEditor((state) => selectDocument(state)?.id ?? null);
  const [closedFor, setClosedFor] = useState<string | null>(null);
  if (check.status !== 'checked' || check.isKnownWorld || closedFor === session) return null;
  return (
    <Notice
      title={m.notices.strange}
      kind="watch"
      onClose={() => setClosedFor(session)}
      action={
        <button
          type="button"
          className="word-button is-edged"
          onClick={() => view.setState({ dialog: 'about' })}
        >
          {m.whatItKnows}
        </button>
      }
    >
      <p>{m.notices.strangeWhy(check.psnrDb.toFixed(1))}</p>
    </Notice>
  );
}

/** A newer build waits. It is offered while nothing is made, and taken only once everything is stored. */
function NewVersion() {
  const { view, editor } = usePage();
  const { notices: m } = useMessages();
  const load = useView((state) => state.loadNewVersion);
  const isIdle = useEditor(({ run, queue }) => run.status === 'idle' && queue.length === 0);
  if (load === null || !isIdle) return null;
  const take = async (): Promise<void> => {
    await editor.actions.settled();
    // What could not be stored has a notice of its own; loading now would lose it.
    if (editor.state.getState().saved.status !== 'failed') load();
  };
  return (
    <Notice
      title={m.newVersion}
      kind="news"
      onClose={() => view.setState({ loadNewVersion: null })}
      action={
        <button type="button" className="word-button is-edged" onClick={() => void take()}>
          {m.loadNewVersion}
        </button>
      }
    >
      <p>{m.newVersionSafe}</p>
    </Notice>
  );
}
