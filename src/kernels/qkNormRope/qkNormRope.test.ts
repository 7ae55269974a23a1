import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { unpackHalves } from '../halfFloats.ts';
import { KernelError } from '../kernel.ts';
import { readBuffer } from '../readBuffer.ts';
import { openTestDevice, type TestDevice } from '../testing/device.ts';
import {
  isSentinel,
  submitPass,
  withBuffers,
  worstRatio,
  type Buffers,
  type Outcome,
} from '../testing/guarded.ts';
import { testValues } from '../testValues.ts';
import { qkNormRopeReference } from './qkNormRope.reference.ts';
import {
  checkQkNormRope,
  createQkNormRope,
  encodeQkNormRope,
  planQkNormRope,
  type QkNormRopeKernel,
} from './qkNormRope.ts';

const HEAD_DIMS = [8, 32, 64, 128] as const;
const EPSILON = 1e-6;
/** Half a unit in the last place of 1: the error of one rounding to float32. */
const ROUNDING = 2 ** -24;

interface Chunk {
  readonly tokens: number;
  readonly heads: number;
  readonly headDim: number;
  readonly capacity: number;
  readonly slotOffset: number;
  readonly q: Float32Array<ArrayBuffer>;
  readonly k: Float32Array<ArrayBuffer>;
  readonly v: Float32Array<ArrayBuffer>;
  readonly normWeights: Float32Array<ArrayBuffer>;
  readonly rotation: Float32Array<ArrayBuffer>;
}

interface Result {
  readonly query: Outcome;
  readonly key: Outcome;
  readonly value: Outcome;
}

const kernels = new Map<number, QkNormRopeKernel>();
let gpu: TestDevice;

beforeAll(async () => {
  gpu = await openTestDevice();
  for (const headDim of HEAD_DIMS) kernels.set(headDim, await createQkNormRope(gpu.device, headDim));
});
afterAll(() => gpu.close());

function kernelFor(headDim: number): QkNormRopeKernel {
  const kernel = kernels.get(headDim);
  if (kernel === undefined) throw new Error(`No kernel was made for headDim ${headDim}.`);
  return kernel;
}

/** Rotation table of whole positions, a different frequency per pair. */
function rotationOf(positions: readonly number[], headDim: number): Float32Array<ArrayBuffer> {
  const angles = positions.flatMap((position) =>
    Array.from({ length: headDim / 2 }, (_, pair) => position * 100 ** ((-2 * pair) / headDim)),
  );
  return Float32Array.from([...angles.map(Math.cos), ...angles.map(Math.sin)]);
}

function chunkOf(
  seed: number,
  sizes: { tokens: number; heads: number; headDim: number; slotOffset: number; spare: number },
): Chunk {
  const { tokens, heads, headDim, slotOffset } = sizes;
  const length = tokens * heads * headDim;
  const positions = Array.from(testValues(seed + 4, tokens, 200), Math.round);
  return {
    tokens,
    heads,
    headDim,
    slotOffset,
    capacity: slotOffset + tokens + sizes.spare,
    q: testValues(seed, length, 4),
    k: testValues(seed + 1, length, 0.1),
    v: testValues(seed + 2, length, 9),
    normWeights: testValues(seed + 3, 2 * headDim, 2),
    rotation: rotationOf(positions, headDim),
  };
}

function inputsOf(chunk: Chunk, input: Buffers['input']) {
  const { q, k, v, normWeights, rotation } = chunk;
  return {
    q: input(q),
    k: input(k),
    v: input(v),
    normWeights: input(normWeights),
    rotation: input(rotation),
  };
}

async function run(chunk: Chunk): Promise<Result> {
  const kernel = kernelFor(chunk.headDim);
  const plan = planQkNormRope(kernel, { ...chunk, epsilon: EPSILON });
  return withBuffers(gpu.device, async ({ input, params, output, read }) => {
    const queryOut = output(chunk.q.length);
    const keyCache = output(chunk.heads * chunk.capacity * chunk.headDim);
    const valueCache = output(chunk.heads * chunk.capacity * chunk.headDim);
    submitPass(gpu.device, (pass) =>
      encodeQkNormRope(kernel, pass, plan, {
        params: params(plan.params),
        ...inputsOf(chunk, input),
        queryOut,
        keyCache,
        valueCache,
      }),
    );
    return { query: await read(queryOut), key: await read(keyCache), value: await read(valueCache) };
  });
}

function referenceOf(chunk: Chunk): ReturnType<typeof qkNormRopeReference> {
  const { headDim, tokens } = chunk;
  return qkNormRopeReference({
    ...chunk,
    epsilon: EPSILON,
    qWeight: chunk.normWeights.subarray(0, headDim),
    kWeight: chunk.normWeights.subarray(headDim),
    cos: chunk.rotation.subarray(0, (tokens * headDim) / 2),
    sin: chunk.rotation.subarray((tokens * headDim) / 2),
  });
}

/**
 * The sum of D squares carries D roundings and the mean with epsilon 2 more, which the root halves; inverseSqrt
 * is good to 2 ULP = 4 roundings; scale, weight, the two products and the sum of a rotation and the
 * softmax scale with its own rounding make 7. The terms |a cos| + |b sin| are at most the length of
 * the pair, which rotation keeps.
 */
function boundOf(expected: Float64Array, headDim: number): (index: number) => number {
  const roundings = headDim / 2 + 1 + 4 + 7;
  return (index) => {
    const pair = index - (index % 2);
    return roundings * ROUNDING * Math.hypot(expected[pair] ?? 0, expected[pair + 1] ?? 0) + 1e-37;
  };
}

/** The chunk's rows of a cache, `[heads, tokens, headDim]`. */
function rowsOf(cache: Float32Array, chunk: Chunk): Float32Array {
  const { heads, tokens, headDim, capacity, slotOffset } = chunk;
  const rows = new Float32Array(heads * tokens * headDim);
  for (let head = 0; head < heads; head++) {
    const start = (head * capacity + slotOffset) * headDim;
    rows.set(cache.subarray(start, start + tokens * headDim), head * tokens * headDim);
  }
  return rows;
}

function isOutsideChunk(index: number, chunk: Chunk): boolean {
  const slot = Math.floor(index / chunk.headDim) % chunk.capacity;
  return slot < chunk.slotOffset || slot >= chunk.slotOffset + chunk.tokens;
}

const sizes = fc.record({
  tokens: fc.integer({ min: 1, max: 70 }),
  heads: fc.integer({ min: 1, max: 5 }),
  headDim: fc.constantFrom(...HEAD_DIMS),
  slotOffset: fc.integer({ min: 0, max: 20 }),
  spare: fc.integer({ min: 0, max: 9 }),
});
const seeds = fc.integer({ min: 0, max: 2 ** 30 });

describe('qkNormRope', () => {
  it('equals the float64 reference and writes nowhere else, for all shapes', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, seeds, async (shape, seed) => {
        const chunk = chunkOf(seed, shape);
        const { query, key, value } = await run(chunk);
        const expected = referenceOf(chunk);
        expect(worstRatio(query.values, expected.query, boundOf(expected.query, chunk.headDim))).toBeLessThan(
          1,
        );
        expect(
          worstRatio(rowsOf(key.values, chunk), expected.key, boundOf(expected.key, chunk.headDim)),
        ).toBeLessThan(1);
        for (const outcome of [query, key, value]) expect(outcome.isGuardIntact).toBe(true);
        for (const cache of [key, value]) {
          expect(cache.values.every((number, i) => isSentinel(number) === isOutsideChunk(i, chunk))).toBe(
            true,
          );
        }
      }),
      { numRuns: 40 },
    );
  });

  it('copies every value into its slot bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, seeds, async (shape, seed) => {
        const chunk = chunkOf(seed, shape);
        const { tokens, heads, headDim } = chunk;
        const stored = rowsOf((await run(chunk)).value.values, chunk);
        const expected = Float32Array.from(stored, (_, index) => {
          const [head, token] = [Math.floor(index / headDim / tokens), Math.floor(index / headDim) % tokens];
          return chunk.v[(token * heads + head) * headDim + (index % headDim)] ?? Number.NaN;
        });
        expect(stored).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });

  it('stores the nearest 16-bit floats or their neighbours in a half cache, and nothing elsewhere', async () => {
    const kernel = await createQkNormRope(gpu.device, 64, true);
    const chunk = chunkOf(5, { tokens: 21, heads: 3, headDim: 64, slotOffset: 4, spare: 2 });
    chunk.v.set([1e30, -1e30, 1e-9, 0]);
    const plan = planQkNormRope(kernel, { ...chunk, epsilon: EPSILON });
    const [key, value] = await withBuffers(gpu.device, async ({ input, params, output }) => {
      const words = new Uint32Array((chunk.heads * chunk.capacity * chunk.headDim) / 2);
      const [keyCache, valueCache] = [input(words), input(words)];
      submitPass(gpu.device, (pass) =>
        encodeQkNormRope(kernel, pass, plan, {
          params: params(plan.params),
          ...inputsOf(chunk, input),
          queryOut: output(chunk.q.length),
          keyCache,
          valueCache,
        }),
      );
      const read = async (cache: GPUBuffer) =>
        unpackHalves(new Uint32Array(await readBuffer(gpu.device, cache)));
      return [await read(keyCache), await read(valueCache)] as const;
    });
    const expectedKey = referenceOf(chunk).key;
    const exact = boundOf(expectedKey, 64);
    // 11 bits of significand, rounded either way; below 2^-14 the steps are 2^-24.
    const narrowed = (size: number) => Math.abs(size) * 2 ** -10 + 2 ** -24;
    const keyBound = (i: number) => exact(i) + narrowed(Math.abs(expectedKey[i] ?? 0) + exact(i));
    expect(worstRatio(rowsOf(key, chunk), expectedKey, keyBound)).toBeLessThan(1);
    const expectedValue = Float32Array.from(expectedKey, (_, index) => {
      const [head, token] = [Math.floor(index / 64 / 21), Math.floor(index / 64) % 21];
      const source = chunk.v[(token * 3 + head) * 64 + (index % 64)] ?? Number.NaN;
      return Math.max(-65_504, Math.min(65_504, source));
    });
    expect(
      worstRatio(rowsOf(value, chunk), expectedValue, (i) => narrowed(expectedValue[i] ?? 0)),
    ).toBeLessThan(1);
    for (const cache of [key, value]) {
      expect(cache.every((number, i) => number === 0 || !isOutsideChunk(i, chunk))).toBe(true);
    }
  });

  it('turns nothing at position zero', async () => {
    const sized = chunkOf(3, { tokens: 9, heads: 2, headDim: 64, slotOffset: 0, spare: 0 });
    const chunk = {
      ...sized,
      rotation: rotationOf(
        Array.from({ length: 9 }, () => 0),
        64,
      ),
    };
    const { key } = await run(chunk);
    const expected = new Float64Array(key.values.length);
    for (let row = 0; row < 18; row++) {
      const [token, head] = [Math.floor(row / 2), row % 2];
      const numbers = Array.from(chunk.k.subarray(row * 64, row * 64 + 64));
      const root = Math.sqrt(numbers.reduce((sum, x) => sum + x * x, 0) / 64 + EPSILON);
      for (const [d, x] of numbers.entries()) {
        expected[(head * 9 + token) * 64 + d] = (x / root) * (chunk.normWeights[64 + d] ?? Number.NaN);
      }
    }
    expect(worstRatio(key.values, expected, boundOf(expected, 64))).toBeLessThan(1);
  });

  it('keeps the length of every pair', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, seeds, async (shape, seed) => {
        const chunk = chunkOf(seed, shape);
        const still = {
          ...chunk,
          rotation: rotationOf(
            Array.from({ length: chunk.tokens }, () => 0),
            chunk.headDim,
          ),
        };
        const lengths = ({ query }: Result) =>
          Float64Array.from({ length: query.values.length / 2 }, (_, pair) =>
            Math.hypot(query.values[2 * pair] ?? Number.NaN, query.values[2 * pair + 1] ?? Number.NaN),
          );
        const expected = lengths(await run(still));
        // Both sides carry the bound of the reference comparison, in both numbers of the pair.
        const bound = (pair: number) =>
          4 * (chunk.headDim / 2 + 12) * ROUNDING * (expected[pair] ?? 0) + 1e-37;
        expect(worstRatio(lengths(await run(chunk)), expected, bound)).toBeLessThan(1);
      }),
      { numRuns: 10 },
    );
  });

  it('gives scores that depend on the difference of positions only', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -60, max: 60 }),
        fc.integer({ min: -90, max: 90 }),
        seeds,
        async (difference, shift, seed) => {
          const headDim = 64;
          const sized = chunkOf(seed, { tokens: 2, heads: 1, headDim, slotOffset: 0, spare: 0 });
          const scoreAt = async (position: number) => {
            const rotation = rotationOf([position, position + difference], headDim);
            const { query, key } = await run({ ...sized, rotation });
            const [a, b] = [query.values.subarray(0, headDim), key.values.subarray(headDim)];
            const at = (values: Float32Array, index: number) => values[index] ?? Number.NaN;
            let [score, size] = [0, 0];
            for (let d = 0; d < headDim; d += 2) {
              score += at(a, d) * at(b, d) + at(a, d + 1) * at(b, d + 1);
              size += Math.hypot(at(a, d), at(a, d + 1)) * Math.hypot(at(b, d), at(b, d + 1));
            }
            return { score, size };
          };
          const [here, there] = [await scoreAt(0), await scoreAt(shift)];
          // Two factors on two sides are off by the bound of the reference comparison and by the rounding of their table.
          const bound = 4 * (headDim / 2 + 14) * ROUNDING * here.size;
          expect(Math.abs(here.score - there.score)).toBeLessThan(bound);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('says what does not fit', async () => {
    const kernel = kernelFor(64);
    const shape = { tokens: 8, heads: 2, capacity: 10, slotOffset: 3, epsilon: EPSILON };
    expect(() => planQkNormRope(kernel, shape)).toThrow(
      '8 tokens at slot 3 do not fit into a cache of 10 slots',
    );
    expect(() => checkQkNormRope({ ...shape, tokens: 0 })).toThrow(KernelError);
    await expect(createQkNormRope(gpu.device, 48)).rejects.toThrow('headDim must be a power of two');
    const plan = planQkNormRope(kernel, { ...shape, slotOffset: 0 });
    await withBuffers(gpu.device, async ({ input, params }) => {
      const small = input(new Float32Array(1000));
      const large = input(new Float32Array(2 * 10 * 64));
      const call = {
        params: params(plan.params),
        q: large,
        k: small,
        v: large,
        normWeights: large,
        rotation: large,
      };
      submitPass(gpu.device, (pass) => {
        const encode = () =>
          encodeQkNormRope(kernel, pass, plan, {
            ...call,
            queryOut: large,
            keyCache: large,
            valueCache: large,
          });
        expect(encode).toThrow('"k" needs 4096 bytes, but 4000 are bound');
      });
    });
  });
});
