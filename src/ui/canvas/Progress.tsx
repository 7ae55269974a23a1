import { useEffect, useState } from 'react';

import type { EditProgress } from '../../runtime/contract.ts';
import type { RunState } from '../../session/state.ts';
import type { Messages } from '../messages/en.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, usePage } from '../page.ts';
import { inSeconds } from '../words.ts';

interface ProgressProps {
  readonly run: Extract<RunState, { readonly status: 'running' }>;
  readonly number: number;
}

export function progressWords(words: Messages['desk'], progress: EditProgress | null): string {
  if (progress === null) return words.waitingForModel;
  if (progress.stage !== 'denoise') return words.stages[progress.stage];
  return words.step(progress.done, progress.total);
}

/** Milliseconds per painting step, measured from the second step on: the first one carries warming up. */
function useStepTime(): number | null {
  const { editor } = usePage();
  const [stepMs, setStepMs] = useState<number | null>(null);
  useEffect(() => {
    let from: { readonly at: number; readonly done: number; readonly turnId: string } | null = null;
    return editor.state.subscribe(({ run }) => {
      if (run.status !== 'running' || run.progress?.stage !== 'denoise' || run.progress.done === 0) return;
      const { done } = run.progress;
      const at = performance.now();
      if (from === null || from.turnId !== run.turnId || done < from.done) {
        from = { at, done, turnId: run.turnId };
        setStepMs(null);
      } else if (done > from.done) setStepMs((at - from.at) / (done - from.done));
    });
  }, [editor]);
  return stepMs;
}

/** Stands where the facts stand, and is as high, so that nothing jumps. */
export function Progress({ run, number }: ProgressProps) {
  const actions = useActions();
  const m = useMessages();
  const stepMs = useStepTime();
  const { progress } = run;
  const isPainting = progress?.stage === 'denoise';
  const total = isPainting ? progress.total : 1;
  const done = isPainting ? progress.done : progress?.stage === 'decode' ? 1 : 0;
  const left = stepMs === null ? null : stepMs * (total - done);
  return (
    <figcaption className="progress">
      <div
        className="progress-steps"
        role="progressbar"
        aria-label={m.turn(number)}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
        aria-valuetext={progressWords(m.desk, progress)}
      >
        {Array.from({ length: total }, (_, step) => (
          <i key={step} className={step < done ? 'is-done' : step === done ? 'is-now' : undefined} />
        ))}
      </div>
      <div className="facts">
        <span>{run.isCancelling ? m.desk.stopping : progressWords(m.desk, progress)}</span>
        {isPainting && stepMs !== null && left !== null && (
          <span className="quiet">{m.desk.timeLeft(inSeconds(stepMs), inSeconds(left))}</span>
        )}
        <button
          type="button"
          className="word-button is-edged push"
          disabled={run.isCancelling}
          onClick={() => actions.cancel()}
        >
          {m.cancel}
          <kbd>Esc</kbd>
        </button>
      </div>
    </figcaption>
  );
}
