import { selectDocument } from '../session/selectors.ts';
/** What a screen reader hears of the work: a quarter at a time and the end, never each step. */
import type { EditorState } from '../session/state.ts';
import { turnTitle } from './words.ts';

function quarter({ run }: EditorState): number {
  if (run.status !== 'running' || run.progress?.stage !== 'denoise') return 0;
  return Math.floor((4 * run.progress.done) / Math.max(run.progress.total, 1));
}

/** The sentence to speak after a change, or null. */
export function announcementOf(before: EditorState, now: EditorState): string | null {
  if (before.model.status !== now.model.status) {
    if (now.model.status === 'ready') return 'The model is ready.';
    if (now.model.status === 'loading') return 'Loading the model.';
  }
  if (
    before.run.status === 'running' &&
    (now.run.status === 'idle' || now.run.turnId !== before.run.turnId)
  ) {
    const { turnId } = before.run;
    const turn = selectDocument(now)?.turns.find(({ id }) => id === turnId);
    if (turn?.state.status === 'done') return `Made: ${turnTitle(turn)}.`;
    if (turn?.state.status === 'failed') return `Not made: ${turnTitle(turn)}. ${turn.state.failure.message}`;
    return 'Cancelled. Your words are kept.';
  }
  const [was, is] = [quarter(before), quarter(now)];
  if (is > was && is < 4) return `${is * 25} percent.`;
  return null;
}

/** Title of the browser tab: how far the edit is, then the session. */
export function titleOf(state: EditorState): string {
  const name = selectDocument(state)?.name;
  const { run } = state;
  const steps =
    run.status === 'running' && run.progress?.stage === 'denoise'
      ? `(${run.progress.done}/${run.progress.total}) `
      : '';
  return `${steps}${name === undefined ? 'Palimpsest' : `${name} - Palimpsest`}`;
}
