/** Watches an engine at work: when each part of an edit was finished, and what its graphs took. */
import type { EditProgress, EditRequest, EditResult, Engine } from '../contract.ts';
import type { RuntimePorts } from '../ports.ts';
import type { Clock } from './timing.ts';

/** A report of progress and the millisecond at which it came. */
export interface Mark {
  readonly at: number;
  readonly progress: EditProgress;
}

export interface WatchedEdit {
  readonly result: EditResult;
  readonly marks: readonly Mark[];
}

const NEVER = new AbortController().signal;

export async function watchEdit(engine: Engine, request: EditRequest, now: Clock): Promise<WatchedEdit> {
  const marks: Mark[] = [];
  const result = await engine.edit(request, (progress) => marks.push({ at: now(), progress }), NEVER);
  return { result, marks };
}

/** Milliseconds from one report to another. Throws when one of them did not come. */
export function between(
  marks: readonly Mark[],
  [stage, done]: readonly [EditProgress['stage'], number],
  [laterStage, laterDone]: readonly [EditProgress['stage'], number],
): number {
  const at = (stage: string, done: number): number => {
    const mark = marks.find(({ progress }) => progress.stage === stage && progress.done === done);
    if (mark === undefined) throw new Error(`The edit did not report ${stage} ${done}.`);
    return mark.at;
  };
  return at(laterStage, laterDone) - at(stage, done);
}

/** Milliseconds of every denoising step. */
export function stepTimes(marks: readonly Mark[]): readonly number[] {
  const steps = marks.filter(({ progress }) => progress.stage === 'denoise');
  return steps.slice(1).map(({ at }, index) => at - (steps[index]?.at ?? Number.NaN));
}

export interface DeviceWatch {
  readonly gpu: GPU;
  /** Resolves when the device has done all that it was given. */
  idle(): Promise<void>;
  /** When the host last began to wait for the device. */
  waitedSince(): number;
}

/** `gpu` whose device can be waited for, and tells when the runtime does so. */
export function watchGpu(gpu: GPU, now: Clock): DeviceWatch {
  let waitForWork = async (): Promise<undefined> => undefined;
  let waitedSince = 0;
  const watched: Pick<GPU, 'requestAdapter'> = {
    async requestAdapter(options) {
      const adapter = await gpu.requestAdapter(options);
      if (adapter === null) return null;
      const requestDevice = adapter.requestDevice.bind(adapter);
      adapter.requestDevice = async (descriptor) => {
        const device = await requestDevice(descriptor);
        const { queue } = device;
        waitForWork = queue.onSubmittedWorkDone.bind(queue);
        queue.onSubmittedWorkDone = async () => {
          waitedSince = now();
          return waitForWork();
        };
        return device;
      };
      return adapter;
    },
  };
  return { gpu: watched as GPU, idle: () => waitForWork(), waitedSince: () => waitedSince };
}

export interface GraphTimes {
  readonly around: NonNullable<RuntimePorts['aroundGraph']>;
  /** Milliseconds of the last run of a graph; NaN when it did not run. */
  last(name: string): number;
  /** Milliseconds of the longest run of any. */
  longest(): number;
}

/** Surroundings in which decoding seems to take for ever, so that no edit spends time on previews. */
export function withoutPreviews(ports: RuntimePorts): RuntimePorts {
  let offset = 0;
  const { aroundGraph = (_, run) => run() } = ports;
  return {
    ...ports,
    now: () => ports.now() + offset,
    async aroundGraph(name, run) {
      const outputs = await aroundGraph(name, run);
      if (name === 'vae_decoder') offset += 1e9;
      return outputs;
    },
  };
}

/** Keeps what graphs take; `idle` is awaited before and after each, so that the times are its own. */
export function createGraphTimes(now: Clock, idle: () => Promise<void>): GraphTimes {
  const times = new Map<string, number>();
  let longest = 0;
  return {
    async around(name, run) {
      await idle();
      const startedAt = now();
      const outputs = await run();
      await idle();
      times.set(name, now() - startedAt);
      longest = Math.max(longest, now() - startedAt);
      return outputs;
    },
    longest: () => longest,
    last: (name) => times.get(name) ?? Number.NaN,
  };
}
