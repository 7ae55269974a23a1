import { useEffect, useRef, useState, type ReactNode } from 'react';

import { selectDocument } from '../session/selectors.ts';
import type { Failure } from '../session/state.ts';
import { useMessages } from './messages/useMessages.ts';
import { useNextStep } from './nextStep.ts';
import { useActions, useEditor, usePage, useView } from './page.ts';
import { Icon } from './parts/Icon.tsx';

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
      <StrangePicture />
    </div>
  );
}

interface NoticeProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
  readonly onClose: () => void;
  readonly isWatch?: boolean;
}

function Notice({ title, children, action, onClose, isWatch = false }: NoticeProps) {
  const ref = useRef<HTMLDivElement>(null);
  const m = useMessages();
  // Trouble takes the focus so that the next step is one key away; advice does not.
  useEffect(() => {
    if (!isWatch) ref.current?.focus();
  }, [isWatch]);
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
      className={isWatch ? 'notice is-watch' : 'notice'}
      role={isWatch ? 'status' : 'alert'}
      tabIndex={-1}
    >
      <Icon name="warn" />
      <div>
        <h2>{title}</h2>
        {children}
      </div>
      <div className="notice-actions">
        {action}
        <button type="button" className="word-button" onClick={onClose}>
          {m.close}
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
      title={headline.replace(/\.$/, '')}
      onClose={onClose}
      action={
        next !== null && (
          <button type="button" className="act" onClick={next}>
            {failure.nextLabel}
          </button>
        )
      }
    >
      {more.length > 0 && <p>{more.join(' ')}</p>}
      <p>{failure.safe}</p>
      {failure.detail !== undefined && (
        <details>
          <summary>{m.details}</summary>
          <pre>{`${failure.code}: ${failure.detail}`}</pre>
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
      isWatch
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
