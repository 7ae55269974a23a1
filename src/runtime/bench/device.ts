/** The short form of the benchmarks of an edit and of late turns, for a page whose engine already works. */
import type { EditRequest, EditResult, Engine, HistoryItem, ModelInfo } from '../contract.ts';
import { INSTRUCTION, noisePicture, turnRequest } from './sessions.ts';
import type { Clock } from './timing.ts';
import { median } from './timing.ts';
import { stepTimes } from './watch.ts';
import type { Mark } from './watch.ts';

interface DeviceBenchReport {
  readonly model: string;
  readonly backend: string;
  readonly device: string;
  /** Estimated peak. */
  readonly memoryBytes: number;
  /** Milliseconds of one edit of a picture that nothing is known of. */
  readonly edit: EditResult['timingsMs'] & { readonly whole: number; readonly steps: readonly number[] };
  /** Milliseconds of a denoising step, medians, when everything before the target is kept. */
  readonly turns: readonly { readonly turn: number; readonly tokens: number; readonly stepMs: number }[];
  readonly cached_turn20_over_turn1: number;
}

interface BenchPorts {
  readonly now: Clock;
  /** Of this run: what it makes is not to be found in the cache by the next. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** Edits that are done, and how many there will be. */
  readonly onProgress: (done: number, total: number) => void;
}

const TURNS = [1, 5, 20];
/** Of a late turn; the first step pays for what is planned once. */
const STEPS = 3;

/** `engine` is loaded and does nothing else. Rejects with code 'cancelled' when `signal` aborts, and as the engine does. */
export async function benchDevice(
  engine: Pick<Engine, 'edit'>,
  { manifest, backend, backendDetail, memory }: ModelInfo,
  { now, name, signal, onProgress }: BenchPorts,
): Promise<DeviceBenchReport> {
  const total = 3 + TURNS.length;
  let done = 0;
  onProgress(done, total);
  async function run(
    request: EditRequest,
  ): Promise<{ result: EditResult; marks: readonly Mark[]; ms: number }> {
    const marks: Mark[] = [];
    const startedAt = now();
    // A preview is a decoding between two steps, and no part of either.
    const result = await engine.edit(
      { ...request, hasPreviews: false },
      (progress) => marks.push({ at: now(), progress }),
      signal,
    );
    onProgress(++done, total);
    return { result, marks, ms: now() - startedAt };
  }

  const session = (turn: number, part: string): EditRequest => {
    const request = turnRequest(manifest, turn, { seed: 1, steps: STEPS, guidance: 1 });
    return { ...request, history: request.history.map((item) => named(item, `${name} ${part}`)) };
  };
  await run(session(1, 'warm-up'));
  const edit = await run({
    // Without its latent, so that encoding is measured as for a picture that somebody opens.
    history: [{ kind: 'image', id: `${name} opened`, pixels: noisePicture(manifest.frame) }],
    instruction: INSTRUCTION,
    seed: 1,
    steps: manifest.sampler.steps,
    guidance: 1,
  });
  await run(session(Math.max(...TURNS), 'turns'));
  const turns: DeviceBenchReport['turns'][number][] = [];
  for (const turn of TURNS) {
    const { result, marks } = await run(session(turn, 'turns'));
    const tokens = result.cachedTokens + result.computedTokens;
    turns.push({ turn, tokens, stepMs: median(stepTimes(marks).slice(1)) });
  }
  return {
    model: manifest.id,
    backend,
    device: backendDetail,
    memoryBytes: memory.peakBytes,
    edit: { ...edit.result.timingsMs, whole: edit.ms, steps: stepTimes(edit.marks) },
    turns,
    cached_turn20_over_turn1: (turns.at(-1)?.stepMs ?? Number.NaN) / (turns[0]?.stepMs ?? Number.NaN),
  };
}

function named(item: HistoryItem, name: string): HistoryItem {
  return { ...item, id: `${name} ${item.id}` };
}
