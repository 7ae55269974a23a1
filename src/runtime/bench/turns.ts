/** What a denoising step costs late in a session: with the keys and values of the turns before it kept, and without. */
import type { Engine, ModelManifest } from '../contract.ts';
import { turnRequest } from './sessions.ts';
import type { Clock } from './timing.ts';
import { median, timeInTurns } from './timing.ts';
import { between, stepTimes, watchEdit } from './watch.ts';

interface TurnRow {
  readonly turn: number;
  /** Tokens before the target. */
  readonly contextTokens: number;
  /** One denoising step with the cache, median. */
  readonly cachedMs: number;
  /** The same with everything before the target computed again, segment by segment. */
  readonly uncachedMs: number;
  readonly uncachedOverCached: number;
  /** Work of a step, linear layers and attention alike, if all tokens were computed in it and each saw all. */
  readonly fullAttentionWork: number;
}

export interface TurnsReport {
  readonly cached_turn20_over_turn1: number;
  readonly turns: readonly TurnRow[];
}

const TURNS = [1, 2, 5, 10, 20];
/** Steps of a measured edit; the first pays for what is planned once per turn. */
const STEPS = 3;

/** `engine` is loaded, makes no previews and has seen nothing yet. */
export async function benchTurns(
  engine: Engine,
  manifest: ModelManifest,
  rounds: number,
  now: Clock,
): Promise<TurnsReport> {
  const recipe = { seed: 1, steps: STEPS, guidance: 1 };
  const requests = TURNS.map((turn) => turnRequest(manifest, turn, recipe));
  const longest = requests.at(-1);
  if (longest === undefined) throw new Error('There is nothing to measure.');
  const first = turnRequest(manifest, 1, recipe);
  const warmUp = { ...first, history: first.history.map((item) => ({ ...item, id: 'warm-up' })) };
  await watchEdit(engine, warmUp, now);
  // Every shorter session is a beginning of the longest, so one run from nothing tells what each of them costs.
  const fresh = await watchEdit(engine, longest, now);
  const prefillMs = TURNS.map(
    (turn) =>
      between(fresh.marks, ['history', 0], ['history', 2 * turn - 1]) +
      between(fresh.marks, ['text', 0], ['text', 1]),
  );
  const steps = TURNS.map((): number[] => []);
  const tokens = TURNS.map(() => 0);
  await timeInTurns(
    requests.map((request, index) => async () => {
      const { marks, result } = await watchEdit(engine, request, now);
      tokens[index] = result.cachedTokens + result.computedTokens - manifest.frame.tokens;
      // Only a turn that found everything else in the cache is a step and nothing more.
      if (result.computedTokens === manifest.frame.tokens) steps[index]?.push(...stepTimes(marks).slice(1));
    }),
    rounds,
    now,
  );
  const turns = TURNS.map((turn, index): TurnRow => {
    const cachedMs = median(steps[index] ?? []);
    const uncachedMs = cachedMs + (prefillMs[index] ?? Number.NaN);
    const contextTokens = tokens[index] ?? Number.NaN;
    return {
      turn,
      contextTokens,
      cachedMs,
      uncachedMs,
      uncachedOverCached: uncachedMs / cachedMs,
      fullAttentionWork: (contextTokens + manifest.frame.tokens) / manifest.frame.tokens,
    };
  });
  return {
    cached_turn20_over_turn1: (turns.at(-1)?.cachedMs ?? Number.NaN) / (turns[0]?.cachedMs ?? Number.NaN),
    turns,
  };
}
