import { useEffect, useState } from 'react';

import type { EditProgress } from '../../runtime/contract.ts';
import type { EditorState } from '../../session/state.ts';
import { cancelAndWrite } from '../commands.ts';
import type { Messages } from '../messages/en.ts';
import { useMessages } from '../messages/useMessages.ts';
import { usePage } from '../page.ts';
import { inSeconds } from '../words.ts';

interface ProgressProps {
  readonly progress: EditProgress | null;
  readonly isCancelling: boolean;
  /** What is being made. */
  readonly label: string;
  /** Said while nothing has begun. */
  readonly waiting: string;
  readonly onCancel: () => void;
}

export function progressWords(words: Messages['desk'], progress: EditProgress | null): string {
  if (progress === null) return words.waitingForModel;
  if (progress.stage !== 'denoise') return words.stages[progress.stage];
  return words.step(progress.done, progress.total);
}

/** What the model is at, and for what. */
function workOf({ run, find }: EditorState): readonly [EditProgress | null, string] {
  if (find.status === 'running') return [find.progress, 'find'];
  return run.status === 'running' ? [run.progress, run.turnId] : [null, ''];
}

/** Milliseconds per painting step, measured from the second step on: the first one carries warming up. */
function useStepTime(): number | null {
  const { editor } = usePage();
  const [stepMs, setStepMs] = useState<number | null>(null);
  useEffect(() => {
    let from: { readonly at: number; readonly done: number; readonly work: string } | null = null;
    return editor.state.subscribe((state) => {
      const [progress, work] = workOf(state);
      if (progress?.stage !== 'denoise' || progress.done === 0) return;
      const { done } = progress;
      const at = performance.now();
      if (from === null || from.work !== work || done < from.done) {
        from = { at, done, work };
        setStepMs(null);
      } else if (done > from.done) setStepMs((at - from.at) / (done - from.done));
    });
  }, [editor]);
  return stepMs;
}

/** Stands where the facts stand, and is as high, so that nothing jumps. */
export function Progress({ progress, isCancelling, label, waiting, onCancel }: ProgressProps) {
  const { cancel, desk } = useMessages();
  const stepMs = useStepTime();
  const isPainting = progress?.stage === 'denoise';
  const total = isPainting ? progress.total : 1;
  const done = isPainting ? progress.done : progress?.stage === 'decode' ? 1 : 0;
  const left = stepMs === null ? null : stepMs * (total - done);
  const words = progress === null ? waiting : progressWords(desk, progress);
  return (
    <figcaption className="progress">
      <div
        className="progress-steps"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
        aria-valuetext={words}
      >
        {Array.from({ length: total }, (_, step) => (
          <i key={step} className={step < done ? 'is-done' : step === done ? 'is-now' : undefined} />
        ))}
      </div>
      <div className="facts">
        <span>{isCancelling ? desk.stopping : words}</span>
        {isPainting && stepMs !== null && left !== null && (
          <span className="quiet">{desk.timeLeft(inSeconds(stepMs), inSeconds(left))}</span>
        )}
        <button
          type="button"
          className="word-button is-edged push"
          disabled={isCancelling}
          onClick={() => cancelAndWrite(onCancel)}
        >
          {cancel}
          <kbd>Esc</kbd>
        </button>
      </div>
    </figcaption>
  );
}
