import { selectDocument } from '../session/selectors.ts';
/** What a screen reader hears of the work: a quarter at a time and the end, never each step. */
import type { EditorState } from '../session/state.ts';
import type { Messages } from './messages/en.ts';
import { turnTitle } from './words.ts';

function quarter({ run }: EditorState): number {
  if (run.status !== 'running' || run.progress?.stage !== 'denoise') return 0;
  return Math.floor((4 * run.progress.done) / Math.max(run.progress.total, 1));
}

/** The sentence to speak after a change, or null. */
export function announcementOf(
  before: EditorState,
  now: EditorState,
  { spoken, failure }: Messages,
): string | null {
  if (before.model.status !== now.model.status) {
    if (now.model.status === 'ready') return spoken.modelReady;
    if (now.model.status === 'loading') return spoken.modelLoading;
  }
  if (
    before.run.status === 'running' &&
    (now.run.status === 'idle' || now.run.turnId !== before.run.turnId)
  ) {
    const { turnId } = before.run;
    const turn = selectDocument(now)?.turns.find(({ id }) => id === turnId);
    if (turn?.state.status === 'done') return spoken.made(turnTitle(turn));
    if (turn?.state.status === 'failed') {
      return spoken.notMade(turnTitle(turn), failure(turn.state.failure.message));
    }
    return spoken.cancelled;
  }
  const [was, is] = [quarter(before), quarter(now)];
  if (is > was && is < 4) return spoken.percent(is * 25);
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
