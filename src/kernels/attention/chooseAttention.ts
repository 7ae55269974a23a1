/** Which build of the attention kernel a device gets: the fastest of those that compute what they should there. */

import { KernelError, uploadBuffer } from '../kernel.ts';
import type { QkNormRopeKernel } from '../qkNormRope/qkNormRope.ts';
import { runSelfTest } from '../selfTest.ts';
import { testValues } from '../testValues.ts';
import {
  createAttention,
  encodeAttention,
  planAttention,
  planAttentionTile,
  type AttentionKernel,
  type AttentionOptions,
} from './attention.ts';

/** What attention will mostly have to do. */
export interface UsualWork {
  readonly queries: number;
  readonly heads: number;
  /** Visible keys of a query. */
  readonly keys: number;
}

/** Remembers by name which build was chosen. Neither call may reject. */
export interface ChoiceMemory {
  read(name: string): Promise<string | undefined>;
  write(name: string, choice: string): Promise<void>;
}

export interface Trial {
  /** Of the device and of what is chosen between. */
  readonly name: string;
  readonly now: () => number;
  /** Where nothing is kept between visits, every visit makes its own trial. */
  readonly memory: ChoiceMemory | undefined;
}

/** Workgroup memory of every device. */
const GUARANTEED_BYTES = 16_384;

/** Timed dispatches of a build, after one that warms up. */
const TRIALS = 3;

/**
 * Builds worth a trial, by name, the safest bet first: with all the workgroup memory there is, with the keys in parts
 * where few queries would leave a large GPU idle, and with what every device has; the first two also with what the
 * device's features allow. `features` without `subgroups` where those may be smaller than a row of threads.
 */
export function attentionCandidates(
  { limits, features }: Pick<GPUDevice, 'limits'> & { readonly features: ReadonlySet<string> },
  headDim: number,
  isHalf: boolean,
  { queries }: UsualWork,
): ReadonlyMap<string, AttentionOptions> {
  const build = (workgroupBytes: number): AttentionOptions => {
    const invocations = limits.maxComputeInvocationsPerWorkgroup;
    const { queryTile } = planAttentionTile({ headDim }, { workgroupBytes, invocations });
    // The queries in as few tiles as ever, but all of them full.
    const fitting = 4 * Math.ceil(queries / Math.ceil(queries / queryTile) / 4);
    return { headDim, isHalf, workgroupBytes, queryTile: fitting };
  };
  const roomy = build(limits.maxComputeWorkgroupStorageSize);
  const halves = isHalf && features.has('shader-f16') ? [false, true] : [false];
  const shuffles = features.has('subgroups') ? [false, true] : [false];
  const large = halves.flatMap((isNativeHalf) =>
    shuffles.flatMap((isShuffling): (readonly [string, AttentionOptions])[] => {
      const options = { ...roomy, isNativeHalf, isShuffling };
      const ending = `${isNativeHalf ? ' native' : ''}${isShuffling ? ' shuffling' : ''}`;
      return [
        [`roomy${ending}`, options],
        [`split${ending}`, { ...options, splits: 4 }],
      ];
    }),
  );
  return new Map([...large, ['small', build(GUARANTEED_BYTES)]]);
}

/**
 * Takes the remembered build, else the one that is fastest in a short trial; without `trial`, the first. Each is taken
 * only if it passes the self-test, and the next one is tried otherwise.
 * @throws KernelError that says what was wrong with each when none is left.
 */
export async function chooseAttention(
  qkNormRope: QkNormRopeKernel,
  candidates: ReadonlyMap<string, AttentionOptions>,
  work: UsualWork,
  trial: Trial | undefined,
): Promise<AttentionKernel> {
  const { device } = qkNormRope;
  const faults: string[] = [];

  async function prove(name: string, options: AttentionOptions): Promise<AttentionKernel | undefined> {
    try {
      // One after the other, because each compilation opens an error scope on the device.
      const kernel = await createAttention(device, options);
      const { passed, maxError, tolerance } = await runSelfTest(qkNormRope, kernel);
      if (passed) return kernel;
      faults.push(`${name}: error ${maxError}, allowed ${tolerance}`);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      faults.push(`${name}: ${error.message}`);
    }
    return undefined;
  }

  const remembered = (await trial?.memory?.read(trial.name)) ?? '';
  const known = candidates.get(remembered);
  const proven = known && (await prove(remembered, known));
  if (proven !== undefined) return proven;

  let best: { readonly name: string; readonly kernel: AttentionKernel; readonly ms: number } | undefined;
  for (const [name, options] of candidates) {
    if (name === remembered) continue;
    const kernel = await prove(name, options);
    if (kernel === undefined) continue;
    if (trial === undefined) return kernel;
    const ms = await timeAttention(kernel, work, trial.now);
    if (best === undefined || ms < best.ms) best = { name, kernel, ms };
  }
  if (best === undefined)
    throw new KernelError(`No build of the attention kernel works here. ${faults.join('; ')}`);
  await trial?.memory?.write(trial.name, best.name);
  return best.kernel;
}

/** Milliseconds of the fastest of a few dispatches: what else the machine does only adds. */
async function timeAttention(
  kernel: AttentionKernel,
  { queries, heads, keys }: UsualWork,
  now: () => number,
): Promise<number> {
  const { device, tile, isHalf } = kernel;
  const plan = planAttention(kernel, { queries, heads, capacity: keys, ranges: [{ start: 0, end: keys }] });
  const owned: GPUBuffer[] = [];
  const upload = (data: ArrayBuffer | ArrayBufferView<ArrayBuffer>, usage: number): GPUBuffer => {
    const buffer = uploadBuffer(device, 'trial', data, usage);
    owned.push(buffer);
    return buffer;
  };
  const { STORAGE, UNIFORM } = GPUBufferUsage;
  const cache = (seed: number): GPUBuffer =>
    upload(testValues(seed, (heads * keys * tile.headDim) / (isHalf ? 2 : 1), 2 ** -10), STORAGE);
  const query = testValues(1, queries * heads * tile.headDim);
  const buffers = {
    params: upload(plan.params, UNIFORM),
    keyLists: upload(plan.keyLists, STORAGE),
    query: upload(query, STORAGE),
    keyCache: cache(2),
    valueCache: cache(3),
    output: upload(new Float32Array(query.length), STORAGE),
    parts: upload(new ArrayBuffer(plan.partBytes), STORAGE),
  };
  let fastest = Number.POSITIVE_INFINITY;
  try {
    for (let trial = -1; trial < TRIALS; trial++) {
      const startedAt = now();
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      encodeAttention(kernel, pass, plan, buffers);
      pass.end();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      const ms = now() - startedAt;
      if (trial >= 0) fastest = Math.min(fastest, ms);
    }
  } finally {
    for (const buffer of owned) buffer.destroy();
  }
  return fastest;
}
