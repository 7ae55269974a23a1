/** Proves on the user's own device, before the model runs, that the compiled kernels compute what they should. */

import { attentionReference } from './attention/attention.reference.ts';
import {
  encodeAttention,
  planAttention,
  type AttentionKernel,
  type KeyRanges,
} from './attention/attention.ts';
import { packHalves } from './halfFloats.ts';
import { uploadBuffer } from './kernel.ts';
import { qkNormRopeReference } from './qkNormRope/qkNormRope.reference.ts';
import { encodeQkNormRope, planQkNormRope, type QkNormRopeKernel } from './qkNormRope/qkNormRope.ts';
import { readBuffer } from './readBuffer.ts';
import { testValues } from './testValues.ts';

/**
 * Scores reach sqrt(D) log2(e) and carry at most 2 D + 24 roundings of 2^-24 (norms, rotation, dot product).
 * That moves an average of values of size 1 by no more than 2 ln(2) times as much: 3.8e-4 for D = 128.
 * A real fault changes outputs by a tenth or more.
 */
const TOLERANCE = 5e-4;

/**
 * Keys of 16 bits are off by 2^-10 of their size (rounding may go either way), scores by that much of sqrt(D) log2(e),
 * an average by 2 ln(2) times as much: 2.2e-2 for D = 128, and the values themselves by 1e-3.
 */
const HALF_TOLERANCE = 2.5e-2;

const HEADS = 2;
const TOKENS = 37;
const SLOT_OFFSET = 41;
const CAPACITY = 80;
const EPSILON = 1e-6;
const HISTORY_END = 33;
/** A history in two pieces out of order, then the chunk itself, with gaps that must not be read. */
const RANGES: KeyRanges = [
  { start: 20, end: HISTORY_END },
  { start: 0, end: 17 },
  { start: SLOT_OFFSET, end: SLOT_OFFSET + TOKENS },
];

export interface SelfTestResult {
  readonly passed: boolean;
  /** Largest difference from float64; outputs are at most 1 in size. NaN when an output is not a number. */
  readonly maxError: number;
  readonly tolerance: number;
}

function range(start: number, end: number): readonly number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

/** Float32 cache with a history before the gap and NaN in the gap and behind the chunk. */
function historyCache(seed: number, headDim: number, amplitude: number): Float32Array<ArrayBuffer> {
  const cache = testValues(seed, HEADS * CAPACITY * headDim, amplitude);
  return cache.map((value, index) =>
    Math.floor(index / headDim) % CAPACITY < HISTORY_END ? value : Number.NaN,
  );
}

/**
 * Runs `qkNormRope` and `attention` one after the other on a small chunk and compares with float64.
 * Both kernels must be made for one device, one head dimension and one precision of the cache.
 */
export async function runSelfTest(
  qkNormRope: QkNormRopeKernel,
  attention: AttentionKernel,
): Promise<SelfTestResult> {
  const { device, headDim } = qkNormRope;
  const length = TOKENS * HEADS * headDim;
  const [q, k, v] = [testValues(1, length), testValues(2, length), testValues(3, length)];
  const normWeights = testValues(4, 2 * headDim, 0.25).map((value) => value + 0.75);
  const angles = testValues(5, (TOKENS * headDim) / 2, Math.PI);
  const rotation = Float32Array.from([...angles.map(Math.cos), ...angles.map(Math.sin)]);
  const { isHalf } = attention;
  const stored = (cache: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> =>
    isHalf ? packHalves(cache) : cache;
  const keyHistory = historyCache(6, headDim, 1);
  const valueHistory = historyCache(7, headDim, 1);

  const shape = { tokens: TOKENS, heads: HEADS, capacity: CAPACITY };
  const ropePlan = planQkNormRope(qkNormRope, { ...shape, slotOffset: SLOT_OFFSET, epsilon: EPSILON });
  const attentionPlan = planAttention(attention, { ...shape, queries: TOKENS, ranges: RANGES });

  const owned: GPUBuffer[] = [];
  const upload = (
    data: ArrayBuffer | ArrayBufferView<ArrayBuffer>,
    usage: GPUBufferUsageFlags,
  ): GPUBuffer => {
    const buffer = uploadBuffer(device, 'self test', data, usage);
    owned.push(buffer);
    return buffer;
  };
  const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  try {
    const queryOut = upload(new Float32Array(length), storage);
    const keyCache = upload(stored(keyHistory), storage);
    const valueCache = upload(stored(valueHistory), storage);
    const output = upload(new Float32Array(length).fill(Number.NaN), storage);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encodeQkNormRope(qkNormRope, pass, ropePlan, {
      params: upload(ropePlan.params, GPUBufferUsage.UNIFORM),
      q: upload(q, storage),
      k: upload(k, storage),
      v: upload(v, storage),
      normWeights: upload(normWeights, storage),
      rotation: upload(rotation, storage),
      queryOut,
      keyCache,
      valueCache,
    });
    encodeAttention(attention, pass, attentionPlan, {
      params: upload(attentionPlan.params, GPUBufferUsage.UNIFORM),
      keyLists: upload(attentionPlan.keyLists, storage),
      query: queryOut,
      keyCache,
      valueCache,
      output,
      parts: upload(new ArrayBuffer(attentionPlan.partBytes), storage),
    });
    pass.end();
    device.queue.submit([encoder.finish()]);
    const actual = new Float32Array(await readBuffer(device, output));

    const rotated = qkNormRopeReference({
      tokens: TOKENS,
      heads: HEADS,
      headDim,
      epsilon: EPSILON,
      q,
      k,
      qWeight: normWeights.subarray(0, headDim),
      kWeight: normWeights.subarray(headDim),
      cos: rotation.subarray(0, angles.length),
      sin: rotation.subarray(angles.length),
    });
    const keys = Float64Array.from(keyHistory);
    const values = Float64Array.from(valueHistory);
    for (let head = 0; head < HEADS; head++) {
      for (let token = 0; token < TOKENS; token++) {
        const slot = (head * CAPACITY + SLOT_OFFSET + token) * headDim;
        const chunk = (head * TOKENS + token) * headDim;
        const source = (token * HEADS + head) * headDim;
        keys.set(rotated.key.subarray(chunk, chunk + headDim), slot);
        values.set(v.subarray(source, source + headDim), slot);
      }
    }
    const visible = RANGES.flatMap(({ start, end }) => range(start, end));
    const expected = attentionReference({
      queries: TOKENS,
      heads: HEADS,
      headDim,
      capacity: CAPACITY,
      query: rotated.query,
      keyCache: keys,
      valueCache: values,
      visibleSlots: () => visible,
    });
    const maxError = expected.reduce(
      (worst, value, i) => Math.max(worst, Math.abs(value - (actual[i] ?? Number.NaN))),
      0,
    );
    const tolerance = isHalf ? HALF_TOLERANCE : TOLERANCE;
    return { passed: maxError <= tolerance, maxError, tolerance };
  } finally {
    for (const buffer of owned) buffer.destroy();
  }
}
