import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { packHalves, unpackHalves } from '../halfFloats.ts';
import { KernelError } from '../kernel.ts';
import { buildsHere } from '../testing/builds.ts';
import { openTestDevice } from '../testing/device.ts';
import { submitPass, withBuffers, worstRatio, type Outcome } from '../testing/guarded.ts';
import { testValues } from '../testValues.ts';
import { attentionReference } from './attention.reference.ts';
import {
  checkAttention,
  createAttention,
  encodeAttention,
  planAttention,
  planAttentionTile,
  type AttentionKernel,
  type AttentionOptions,
  type KeyRange,
  type KeyRanges,
} from './attention.ts';

const gpu = await openTestDevice();

/**
 * Every way the kernel is built: both head dimensions, both memory budgets, a tile made for one chunk length,
 * caches of 16 bits, keys in parts, and what features of the device allow.
 */
const VARIANTS: readonly AttentionOptions[] = buildsHere(gpu, [
  { headDim: 64 },
  { headDim: 64, workgroupBytes: 16384 },
  { headDim: 64, queryTile: 36, keyTile: 16, workgroupBytes: 16384 },
  { headDim: 128 },
  { headDim: 128, workgroupBytes: 16384 },
  { headDim: 64, isHalf: true },
  { headDim: 128, workgroupBytes: 16384, isHalf: true, splits: 2 },
  { headDim: 64, splits: 3 },
  { headDim: 64, queryTile: 16, keyTile: 16, splits: 8 },
  { headDim: 64, queryTile: 16, keyTile: 16, isShuffling: true },
  { headDim: 128, splits: 2, isShuffling: true },
  { headDim: 64, isHalf: true, isNativeHalf: true },
  { headDim: 128, workgroupBytes: 16384, isHalf: true, isNativeHalf: true, isShuffling: true },
]);
/** Half a unit in the last place of 1: the error of one rounding to float32. */
const ROUNDING = 2 ** -24;

interface Chunk {
  readonly queries: number;
  readonly heads: number;
  readonly headDim: number;
  readonly capacity: number;
  readonly query: Float32Array<ArrayBuffer>;
  readonly keyCache: Float32Array<ArrayBuffer>;
  readonly valueCache: Float32Array<ArrayBuffer>;
}

const kernels: AttentionKernel[] = [];

beforeAll(async () => {
  for (const options of VARIANTS) kernels.push(await createAttention(gpu.device, options));
});
afterAll(() => gpu.close());

function kernelAt(variant: number): AttentionKernel {
  const kernel = kernels[variant];
  if (kernel === undefined) throw new Error(`There is no variant ${variant}.`);
  return kernel;
}

function chunkOf(
  seed: number,
  sizes: Omit<Chunk, 'query' | 'keyCache' | 'valueCache'>,
  amplitude: number,
): Chunk {
  const { queries, heads, headDim, capacity } = sizes;
  const scale = Math.LOG2E / Math.sqrt(headDim);
  // Every cache holds numbers that 16 bits can hold, so that all kernels have the same to compute.
  const cache = (seed: number, amplitude: number) =>
    unpackHalves(packHalves(testValues(seed, heads * capacity * headDim, amplitude)));
  return {
    ...sizes,
    query: testValues(seed, heads * queries * headDim, amplitude * scale),
    keyCache: cache(seed + 1, amplitude),
    valueCache: cache(seed + 2, 1),
  };
}

async function run(
  kernel: AttentionKernel,
  chunk: Chunk,
  ranges: KeyRanges | readonly KeyRanges[],
): Promise<Outcome> {
  const plan = planAttention(kernel, { ...chunk, ranges });
  return withBuffers(gpu.device, async (buffers) => {
    const output = buffers.output(chunk.query.length);
    const stored = (cache: Float32Array<ArrayBuffer>) =>
      buffers.input(kernel.isHalf ? packHalves(cache) : cache);
    submitPass(gpu.device, (pass) =>
      encodeAttention(kernel, pass, plan, {
        params: buffers.params(plan.params),
        keyLists: buffers.input(plan.keyLists),
        query: buffers.input(chunk.query),
        keyCache: stored(chunk.keyCache),
        valueCache: stored(chunk.valueCache),
        output,
        parts: buffers.output(plan.partBytes / 4),
      }),
    );
    return buffers.read(output);
  });
}

function slotsOf(ranges: KeyRanges): readonly number[] {
  return ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index));
}

interface Expectation {
  readonly values: Float64Array;
  /** Largest allowed difference per number. */
  readonly bound: (index: number) => number;
}

/**
 * Reference and error bound. For one query with scores s, maximum m and weights 2^(s - m) over N keys in T tiles,
 * to which a merge of parts adds one rescaling and as many sums as there are parts:
 * a score carries D + 2 roundings of sum |q||k|; s - m one of |s - m|; both reach the weight times ln 2.
 * exp2 is good to 3 + 2|x| ULP of 2 roundings; the exponents of a weight over its rescalings add up to |s - m|,
 * so they cost 3 (T + 1) + 2|s - m| ULP, and T products. Sums of weights and of weighted values take
 * N + T roundings each, division and the last product 6 + 2. A relative error e of a weight moves the
 * mean o by at most e |v - o| times its share. 1.1 covers the second order.
 */
function expectationOf(
  chunk: Chunk,
  { tile, splits }: AttentionKernel,
  visibleSlots: (query: number) => readonly number[],
): Expectation {
  const { queries, heads, headDim, capacity } = chunk;
  const values = attentionReference({ ...chunk, visibleSlots });
  const bounds = new Float64Array(values.length);
  const at = (numbers: ArrayLike<number>, index: number): number => numbers[index] ?? Number.NaN;
  for (let query = 0; query < queries; query++) {
    const slots = visibleSlots(query);
    const tiles = Math.ceil(slots.length / tile.keyTile) + (splits === 1 ? 0 : 1 + splits);
    for (let head = 0; head < heads; head++) {
      const scores = slots.map((slot) => {
        let [score, size] = [0, 0];
        for (let d = 0; d < headDim; d++) {
          const product =
            at(chunk.query, (head * queries + query) * headDim + d) *
            at(chunk.keyCache, (head * capacity + slot) * headDim + d);
          score += product;
          size += Math.abs(product);
        }
        return { slot, score, size };
      });
      const maximum = Math.max(...scores.map(({ score }) => score));
      const total = scores.reduce((sum, { score }) => sum + 2 ** (score - maximum), 0);
      for (const { slot, score, size } of scores) {
        const depth = maximum - score;
        const weight = Math.LN2 * ((headDim + 2) * size + depth) + 2 * (3 * (tiles + 1) + 2 * depth) + tiles;
        const error = (1.1 * 2 ** -depth * (weight + slots.length + tiles + 8)) / total;
        for (let d = 0; d < headDim; d++) {
          const target = (query * heads + head) * headDim + d;
          const value = Math.abs(at(chunk.valueCache, (head * capacity + slot) * headDim + d));
          bounds[target] = at(bounds, target) + error * ROUNDING * (value + Math.abs(at(values, target)));
        }
      }
    }
  }
  return { values, bound: (index) => at(bounds, index) + 1e-37 };
}

/** Up to four ranges without overlap inside the cache, in any order; empty ones among them. */
function rangesIn(capacity: number): fc.Arbitrary<KeyRanges> {
  const cut = fc.integer({ min: 0, max: capacity });
  return fc
    .tuple(fc.array(cut, { minLength: 8, maxLength: 8 }), fc.integer({ min: 1, max: 4 }))
    .chain(([cuts, count]) => {
      const sorted = cuts.toSorted((x, y) => x - y);
      const ranges = Array.from({ length: count }, (_, index): KeyRange => ({
        start: sorted[2 * index] ?? 0,
        end: sorted[2 * index + 1] ?? 0,
      }));
      return fc.shuffledSubarray(ranges, { minLength: count });
    });
}

const cases = fc
  .record({
    variant: fc.integer({ min: 0, max: VARIANTS.length - 1 }),
    queries: fc.integer({ min: 1, max: 75 }),
    heads: fc.integer({ min: 1, max: 3 }),
    capacity: fc.integer({ min: 1, max: 110 }),
    amplitude: fc.constantFrom(0.3, 1, 6),
    seed: fc.integer({ min: 0, max: 2 ** 30 }),
  })
  .chain((sizes) =>
    fc.tuple(fc.constant(sizes), fc.array(rangesIn(sizes.capacity), { minLength: 5, maxLength: 5 })),
  );

/** Sizes of the tests below that need no variety of their own; neither divides a tile. */
const PLAIN = { queries: 39, heads: 2, headDim: 64, capacity: 83 };
const ALL: KeyRanges = [{ start: 0, end: 83 }];

describe('attention', () => {
  it('equals the float64 reference and writes nowhere else, for all shapes and ranges', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ([sizes, choices]) => {
        const kernel = kernelAt(sizes.variant);
        const { headDim, queryTile } = kernel.tile;
        const chunk = chunkOf(sizes.seed, { ...sizes, headDim }, sizes.amplitude);
        const tiles = Math.ceil(sizes.queries / queryTile);
        const ranges = Array.from({ length: tiles }, (_, tile) => choices[tile % choices.length] ?? ALL);
        const outcome = await run(kernel, chunk, ranges);
        const perTile = ranges.map(slotsOf);
        const { values, bound } = expectationOf(
          chunk,
          kernel,
          (query) => perTile[Math.floor(query / queryTile)] ?? [],
        );
        expect(worstRatio(outcome.values, values, bound)).toBeLessThan(1);
        expect(outcome.isGuardIntact).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it.each([...VARIANTS.keys()])('reads no slot outside its ranges (variant %i)', async (variant) => {
    const kernel = kernelAt(variant);
    const chunk = chunkOf(7, { ...PLAIN, headDim: kernel.tile.headDim }, 1);
    const ranges: KeyRanges = [
      { start: 3, end: 21 },
      { start: 30, end: 77 },
    ];
    const slots = slotsOf(ranges);
    const poison = (cache: Float32Array<ArrayBuffer>) =>
      cache.map((value, i) =>
        slots.includes(Math.floor(i / chunk.headDim) % chunk.capacity) ? value : Number.NaN,
      );
    const poisoned = { ...chunk, keyCache: poison(chunk.keyCache), valueCache: poison(chunk.valueCache) };
    const { values, bound } = expectationOf(chunk, kernel, () => slots);
    expect(worstRatio((await run(kernel, poisoned, ranges)).values, values, bound)).toBeLessThan(1);
  });

  it.each([...VARIANTS.keys()])('gives zeros where nothing is visible (variant %i)', async (variant) => {
    const kernel = kernelAt(variant);
    const chunk = chunkOf(8, { ...PLAIN, headDim: kernel.tile.headDim }, 1);
    const empty: KeyRange = { start: 5, end: 5 };
    expect((await run(kernel, chunk, [empty])).values).toEqual(new Float32Array(chunk.query.length));
    expect((await run(kernel, chunk, [empty, empty])).values).toEqual(new Float32Array(chunk.query.length));
  });

  it('averages: values of one give one, however large the scores', async () => {
    for (const amplitude of [0, 1, 40]) {
      const chunk = chunkOf(9, PLAIN, amplitude);
      const ones = { ...chunk, valueCache: new Float32Array(chunk.valueCache.length).fill(1) };
      const { values } = await run(kernelAt(0), ones, ALL);
      // Numerator and denominator add the same weights in different order: 83 roundings each, and a division.
      expect(
        worstRatio(values, new Float32Array(values.length).fill(1), () => (2 * 83 + 8) * ROUNDING),
      ).toBeLessThan(1);
    }
  });

  it('returns the value of the only visible key', async () => {
    const chunk = chunkOf(10, PLAIN, 5);
    const { values } = await run(kernelAt(0), chunk, [{ start: 82, end: 83 }]);
    const expected = Float32Array.from(values, (_, index) => {
      const head = Math.floor(index / 64) % 2;
      return chunk.valueCache[(head * 83 + 82) * 64 + (index % 64)] ?? Number.NaN;
    });
    expect(worstRatio(values, expected, (i) => 12 * ROUNDING * Math.abs(expected[i] ?? 0))).toBeLessThan(1);
  });

  it('does not mind the order of keys, the order of ranges, or a cut range', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 82 }),
        fc.integer({ min: 0, max: 2 ** 30 }),
        async (cut, seed) => {
          const chunk = chunkOf(seed, PLAIN, 3);
          const whole = (await run(kernelAt(0), chunk, ALL)).values;
          const { bound } = expectationOf(chunk, kernelAt(0), () => slotsOf(ALL));
          const rotate = (cache: Float32Array<ArrayBuffer>) =>
            cache.map((_, i) => {
              const [head, slot, d] = [Math.floor(i / 64 / 83), Math.floor(i / 64) % 83, i % 64];
              return cache[(head * 83 + ((slot + cut) % 83)) * 64 + d] ?? Number.NaN;
            });
          const [head, tail]: [KeyRange, KeyRange] = [
            { start: 0, end: cut },
            { start: cut, end: 83 },
          ];
          const others = [
            await run(
              kernelAt(0),
              { ...chunk, keyCache: rotate(chunk.keyCache), valueCache: rotate(chunk.valueCache) },
              ALL,
            ),
            await run(kernelAt(0), chunk, [head, tail]),
            await run(kernelAt(0), chunk, [tail, head]),
          ];
          for (const { values } of others)
            expect(worstRatio(values, whole, (i) => 2 * bound(i))).toBeLessThan(1);
        },
      ),
      { numRuns: 5 },
    );
  });

  it('gives the same answer for all tiles, precisions and numbers of parts', async () => {
    const chunk = chunkOf(11, { ...PLAIN, queries: 66 }, 2);
    const sameDim = kernels.filter(({ tile }) => tile.headDim === 64);
    expect(sameDim.length).toBeGreaterThanOrEqual(6);
    const first = await run(kernelAt(0), chunk, ALL);
    for (const kernel of sameDim) {
      const { values } = await run(kernel, chunk, ALL);
      const { bound } = expectationOf(chunk, kernel, () => slotsOf(ALL));
      expect(worstRatio(values, first.values, (i) => 2 * bound(i))).toBeLessThan(1);
    }
  });

  it('gives the same bits wherever in the cache its keys lie', async () => {
    const chunk = chunkOf(13, PLAIN, 2);
    const moved = (cache: Float32Array<ArrayBuffer>) =>
      cache.map((_, i) => {
        const [head, slot, d] = [Math.floor(i / 64 / 83), Math.floor(i / 64) % 83, i % 64];
        return cache[(head * 83 + ((slot + 50) % 83)) * 64 + d] ?? Number.NaN;
      });
    const scattered = { ...chunk, keyCache: moved(chunk.keyCache), valueCache: moved(chunk.valueCache) };
    for (const kernel of kernels.filter(({ tile }) => tile.headDim === 64)) {
      const { values } = await run(kernel, chunk, ALL);
      const pieces: KeyRanges = [
        { start: 33, end: 60 },
        { start: 60, end: 83 },
        { start: 0, end: 33 },
      ];
      expect((await run(kernel, scattered, pieces)).values).toEqual(values);
    }
  });

  it('stays accurate over the keys of a long session', async () => {
    const chunk = chunkOf(12, { queries: 17, heads: 2, headDim: 64, capacity: 1500 }, 1);
    const ranges: KeyRanges = [
      { start: 0, end: 1400 },
      { start: 1416, end: 1500 },
    ];
    const { values, bound } = expectationOf(chunk, kernelAt(0), () => slotsOf(ranges));
    expect(worstRatio((await run(kernelAt(0), chunk, ranges)).values, values, bound)).toBeLessThan(1);
  });

  it('is refused where the device lacks what a build needs', async () => {
    const bare = await openTestDevice([]);
    const build = (options: Partial<AttentionOptions>): Promise<unknown> =>
      createAttention(bare.device, { headDim: 64, ...options });
    await expect(build({ isShuffling: true })).rejects.toThrow(KernelError);
    await expect(build({ isHalf: true, isNativeHalf: true })).rejects.toThrow(KernelError);
    await expect(build({ isNativeHalf: true })).rejects.toThrow('isNativeHalf is for caches that are half');
    bare.device.destroy();
  });

  it('says which range or tile does not fit', () => {
    const kernel = kernelAt(0);
    const shape = { queries: 40, heads: 1, capacity: 50 };
    const plan = (ranges: KeyRanges | readonly KeyRanges[]) => (): unknown =>
      planAttention(kernel, { ...shape, ranges });
    expect(plan([{ start: 0, end: 51 }])).toThrow('the key range [0, 51) does not lie within the 50 slots');
    expect(plan([{ start: 4, end: 3 }])).toThrow('[4, 3)');
    expect(
      plan([
        { start: 0, end: 9 },
        { start: 8, end: 12 },
      ]),
    ).toThrow('[0, 9) and [8, 12) overlap');
    expect(plan([[{ start: 0, end: 9 }]])).toThrow(
      '40 queries are 2 tiles of 32, but there are ranges for 1',
    );
    expect(() =>
      checkAttention(kernel.tile, { ...shape, queries: 0, ranges: [{ start: 0, end: 9 }] }),
    ).toThrow('queries must be');
    const limits = { workgroupBytes: 16384, invocations: 256 };
    expect(() => planAttentionTile({ headDim: 96 }, limits)).toThrow('headDim must be 64 or 128');
    expect(() => planAttentionTile({ headDim: 64, queryTile: 64 }, limits)).toThrow(
      'take a smaller queryTile',
    );
  });

  it('keeps every default tile within the memory of its device', () => {
    for (const headDim of [64, 128]) {
      for (const workgroupBytes of [16384, 32768, 65536]) {
        const tile = planAttentionTile({ headDim }, { workgroupBytes, invocations: 256 });
        expect(tile.workgroupBytes).toBeLessThanOrEqual(workgroupBytes);
        expect(tile.workgroupSize).toBeGreaterThanOrEqual(16);
      }
    }
  });
});
