import { useEffect, useRef, useState } from 'react';

import { useMessages } from '../messages/useMessages.ts';
import { useActions, usePage, type StoredBytes } from '../page.ts';
import { whileShown } from '../whileShown.ts';
import { inBytes } from '../words.ts';

type Kind = keyof StoredBytes;
const KINDS: readonly Kind[] = ['models', 'sessions'];

/** What this browser keeps of the page, in bytes for each kind, and how to be rid of it. */
export function StoredHere() {
  const { measureStored, deleteModels } = usePage();
  const { deleteEverything } = useActions();
  const { stored: m } = useMessages();
  const [bytes, setBytes] = useState<StoredBytes | null>(null);
  const [asked, setAsked] = useState<Kind | null>(null);
  const [said, setSaid] = useState('');
  const saying = useRef<HTMLParagraphElement>(null);
  const measure = async (): Promise<void> => setBytes(await measureStored());
  useEffect(() => whileShown(measureStored(), setBytes), [measureStored]);

  /** The focus must not be lost with the question that it was in. */
  function answer(): void {
    setAsked(null);
    saying.current?.focus();
  }

  async function remove(kind: Kind): Promise<void> {
    answer();
    const isGone = await (kind === 'models' ? deleteModels() : deleteEverything());
    setSaid(isGone ? m.gone[kind] : m.inUse[kind]);
    await measure();
  }

  return (
    <section aria-labelledby="stored-head">
      <h3 id="stored-head">{m.title}</h3>
      <dl className="number-list">
        {KINDS.map((kind) => (
          <div key={kind}>
            <dt>{m.kinds[kind]}</dt>
            <dd className="stored-row">
              <span>{bytes === null ? m.measuring : inBytes(bytes[kind])}</span>
              <button
                type="button"
                className="word-button push"
                aria-label={m.deleteKind[kind]}
                disabled={bytes === null || bytes[kind] === 0}
                onClick={() => setAsked(kind)}
              >
                {m.delete}
              </button>
            </dd>
          </div>
        ))}
        <div>
          <dt>{m.total}</dt>
          <dd>{bytes === null ? m.measuring : inBytes(bytes.models + bytes.sessions)}</dd>
        </div>
      </dl>
      {asked !== null && (
        <div className="dialog-actions" role="group" aria-label={m.deleteKind[asked]}>
          <p>{m.sure[asked]}</p>
          <button
            ref={(button) => button?.focus()}
            type="button"
            className="word-button is-edged"
            onClick={answer}
          >
            {m.keep}
          </button>
          <button type="button" className="act" onClick={() => void remove(asked)}>
            {m.delete}
          </button>
        </div>
      )}
      <p ref={saying} tabIndex={-1} className="quiet" role="status">
        {said}
      </p>
    </section>
  );
}
