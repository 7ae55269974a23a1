/** Where the time of one edit goes, stage by stage, and how much of a step is the host's. */
import type { EditRequest, Engine, ModelManifest } from '../contract.ts';
import { benchCancel } from './cancel.ts';
import type { CancelReport } from './cancel.ts';
import { INSTRUCTION, noisePicture } from './sessions.ts';
import type { Clock } from './timing.ts';
import { median } from './timing.ts';
import type { DeviceWatch, GraphTimes } from './watch.ts';
import { between, stepTimes, watchEdit } from './watch.ts';

/** Milliseconds, medians over the rounds. */
export interface EditReport {
  readonly tokenise: number;
  readonly encodePicture: number;
  readonly prefillPicture: number;
  readonly encodeText: number;
  readonly prefillText: number;
  readonly steps: readonly number[];
  readonly decode: number;
  /** Of a step: what the host needs until it waits for the device; on the CPU, all but the graph. */
  readonly hostPerStep: number;
  /** Its share of the step. */
  readonly hostShare: number;
  readonly cancel: CancelReport;
}

export interface EditBench {
  readonly engine: Engine;
  readonly manifest: ModelManifest;
  readonly tokenise: () => unknown;
  readonly graphTimes: GraphTimes;
  /** Absent on the CPU. */
  readonly device: Pick<DeviceWatch, 'waitedSince'> | undefined;
  readonly now: Clock;
}

const TOKENISATIONS = 200;
/** Moments of a cancel for each round: an edit takes seconds on a software device, and each ends one half-way on average. */
const CANCELS_PER_ROUND = 2;

/**
 * `engine` is loaded with `graphTimes` around its graphs. Stages are measured with graphs that are waited for, steps
 * and the host without: call `setWaiting` to switch between both.
 */
export async function benchEdit(
  { engine, manifest, tokenise, graphTimes, device, now }: EditBench,
  setWaiting: (isWaiting: boolean) => void,
  rounds: number,
): Promise<EditReport> {
  const { steps } = manifest.sampler;
  const pixels = noisePicture(manifest.frame);
  let edits = 0;
  const requestOf = (steps: number): EditRequest => {
    // A new id each time, so that nothing comes from the cache.
    const history = [{ kind: 'image', id: `picture ${edits++}`, pixels }] as const;
    return { history, instruction: INSTRUCTION, seed: 1, steps, guidance: 1 };
  };
  const run = (steps: number): ReturnType<typeof watchEdit> => watchEdit(engine, requestOf(steps), now);

  setWaiting(true);
  await run(1);
  const stages: Readonly<Record<string, number>>[] = [];
  for (let round = 0; round < rounds; round++) {
    const { marks } = await run(1);
    const encodePicture = graphTimes.last('vae_encoder');
    const encodeText = graphTimes.last('t5');
    // The picture was encoded before its stage began, for the paste-back.
    stages.push({
      encodePicture,
      encodeText,
      prefillPicture: between(marks, ['history', 0], ['history', 1]),
      prefillText: between(marks, ['text', 0], ['text', 1]) - encodeText,
      decode: between(marks, ['decode', 0], ['decode', 1]),
    });
  }
  const stage = (name: string): number => median(stages.map((times) => times[name] ?? Number.NaN));

  setWaiting(false);
  const stepRounds: (readonly number[])[] = [];
  const host: number[] = [];
  const wholes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const beganAt = now();
    const { marks } = await run(steps);
    wholes.push(now() - beganAt);
    stepRounds.push(stepTimes(marks));
    const started = marks.findLast(
      ({ progress }) => progress.stage === 'denoise' && progress.done === steps - 1,
    );
    const last = stepTimes(marks).at(-1) ?? Number.NaN;
    host.push(
      device === undefined
        ? last - graphTimes.last('dit_vision')
        : device.waitedSince() - (started?.at ?? Number.NaN),
    );
  }
  const stepMs = Array.from({ length: steps }, (_, step) =>
    median(stepRounds.map((times) => times[step] ?? Number.NaN)),
  );
  const hostPerStep = median(host);
  const startedAt = now();
  for (let time = 0; time < TOKENISATIONS; time++) tokenise();
  return {
    tokenise: (now() - startedAt) / TOKENISATIONS,
    encodePicture: stage('encodePicture'),
    prefillPicture: stage('prefillPicture'),
    encodeText: stage('encodeText'),
    prefillText: stage('prefillText'),
    steps: stepMs,
    decode: stage('decode'),
    hostPerStep,
    hostShare: hostPerStep / (stepMs.at(-1) ?? Number.NaN),
    cancel: await benchCancel({
      engine,
      request: () => requestOf(steps),
      wholeMs: median(wholes),
      moments: CANCELS_PER_ROUND * rounds,
      longestGraph: () => graphTimes.longest(),
      now,
    }),
  };
}
