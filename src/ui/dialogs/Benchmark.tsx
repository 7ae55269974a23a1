import { useEffect, useRef, useState } from 'react';

import { selectCanMeasure } from '../../session/selectors.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useEditor, usePage } from '../page.ts';

type Measuring =
  | { readonly at: 'idle' | 'failed' }
  | { readonly at: 'running'; readonly done: number; readonly total: number }
  | { readonly at: 'done'; readonly json: string; readonly isCopied: boolean };

/** How fast this device is, as numbers to compare and to pass on. */
export function Benchmark() {
  const { benchmark } = usePage();
  const { benchmark: m, cancel } = useMessages();
  const canMeasure = useEditor(selectCanMeasure);
  const [state, setState] = useState<Measuring>({ at: 'idle' });
  const running = useRef<AbortController | null>(null);
  // Nobody waits for it once the dialog is closed.
  useEffect(() => () => running.current?.abort(), []);

  async function measure(): Promise<void> {
    const controller = new AbortController();
    running.current = controller;
    setState({ at: 'running', done: 0, total: 1 });
    try {
      const report = await benchmark(controller.signal, (done, total) => {
        if (!controller.signal.aborted) setState({ at: 'running', done, total });
      });
      setState({ at: 'done', json: JSON.stringify(report, null, 1), isCopied: false });
    } catch {
      setState({ at: controller.signal.aborted ? 'idle' : 'failed' });
    }
  }

  async function copy(json: string): Promise<void> {
    await navigator.clipboard.writeText(json);
    setState({ at: 'done', json, isCopied: true });
  }

  return (
    <section>
      <h3>{m.title}</h3>
      <p className="quiet">{canMeasure || state.at === 'running' ? m.about : m.notNow}</p>
      {state.at === 'running' ? (
        <p>
          <progress aria-label={m.title} value={state.done} max={state.total} />{' '}
          <button type="button" className="word-button is-edged" onClick={() => running.current?.abort()}>
            {cancel}
          </button>
        </p>
      ) : (
        <button
          type="button"
          className="word-button is-edged"
          disabled={!canMeasure}
          onClick={() => void measure()}
        >
          {m.start}
        </button>
      )}
      {state.at === 'done' && (
        <div className="report">
          <textarea readOnly rows={8} aria-label={m.result} value={state.json} />
          <button
            type="button"
            className="word-button is-edged"
            onClick={() => void copy(state.json).catch(() => setState({ ...state, isCopied: false }))}
          >
            {m.copy}
          </button>
        </div>
      )}
      <p role="status">
        {state.at === 'failed' ? m.failed : state.at === 'done' && state.isCopied ? m.copied : ''}
      </p>
    </section>
  );
}
