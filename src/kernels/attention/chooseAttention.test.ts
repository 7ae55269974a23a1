import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createQkNormRope, type QkNormRopeKernel } from '../qkNormRope/qkNormRope.ts';
import { openTestDevice, type TestDevice } from '../testing/device.ts';
import type { AttentionOptions } from './attention.ts';
import { attentionCandidates, chooseAttention, type ChoiceMemory } from './chooseAttention.ts';

const WORK = { queries: 12, heads: 1, keys: 40 };
/** One that no device can build, one that is right, and one that is right too. */
const CANDIDATES = new Map<string, AttentionOptions>([
  ['impossible', { headDim: 64, queryTile: 4096 }],
  ['first', { headDim: 64, workgroupBytes: 16_384 }],
  ['second', { headDim: 64, splits: 2 }],
]);

let gpu: TestDevice;
let qkNormRope: QkNormRopeKernel;

beforeAll(async () => {
  gpu = await openTestDevice();
  qkNormRope = await createQkNormRope(gpu.device, 64);
});
afterAll(() => gpu.close());

function createMemory(kept: Map<string, string>): ChoiceMemory {
  return { read: async (name) => kept.get(name), write: async (name, choice) => void kept.set(name, choice) };
}

/** A clock by which every dispatch takes as long as the next of `durations` says. */
function clockOf(durations: readonly number[]): () => number {
  let [time, calls] = [0, 0];
  return () => {
    if (calls++ % 2 === 1) time += durations[(calls >> 1) - 1] ?? 0;
    return time;
  };
}

describe('the choice between builds of attention', () => {
  it('is the first that works where nothing is remembered', async () => {
    const { splits, tile } = await chooseAttention(qkNormRope, CANDIDATES, WORK, undefined);
    expect([splits, tile.queryTile]).toEqual([1, 16]);
  });

  it('is the fastest in a trial, and that one from then on', async () => {
    const kept = new Map<string, string>();
    // A warm-up and three dispatches each; the fastest of the second build is the faster.
    const slowThenFast = clockOf([9, 5, 5, 5, 9, 6, 2, 6]);
    const trial = { memory: createMemory(kept), name: 'this device', now: slowThenFast };
    expect((await chooseAttention(qkNormRope, CANDIDATES, WORK, trial)).splits).toBe(2);
    expect(kept).toEqual(new Map([['this device', 'second']]));
    const fastThenSlow = { ...trial, now: clockOf([9, 1, 1, 1, 9, 6, 6, 6]) };
    expect((await chooseAttention(qkNormRope, CANDIDATES, WORK, fastThenSlow)).splits).toBe(2);
    const elsewhere = { ...fastThenSlow, name: 'another device' };
    expect((await chooseAttention(qkNormRope, CANDIDATES, WORK, elsewhere)).splits).toBe(1);
  });

  it('is another one where the remembered build works no longer', async () => {
    const kept = new Map([['this device', 'impossible']]);
    const trial = { memory: createMemory(kept), name: 'this device', now: () => 0 };
    expect((await chooseAttention(qkNormRope, CANDIDATES, WORK, trial)).splits).toBe(1);
    expect(kept.get('this device')).toBe('first');
  });

  it('says what is wrong with each when none computes what it should', async () => {
    const narrow = await createQkNormRope(gpu.device, 32);
    const broken = { ...qkNormRope, pipeline: narrow.pipeline };
    await expect(chooseAttention(broken, CANDIDATES, WORK, undefined)).rejects.toThrow(
      /No build .* impossible: .*4096 x 32.*; first: error .*; second: error/,
    );
  });

  it('is between builds that this device can make and that waste few rows, for both head dimensions', async () => {
    const { limits, features, adapterInfo } = gpu.device;
    // A row has up to eight threads.
    const usable = [...features].filter((name) => name !== 'subgroups' || adapterInfo.subgroupMinSize >= 8);
    const device = { limits, features: new Set(usable) };
    for (const headDim of [64, 128]) {
      const norm = await createQkNormRope(gpu.device, headDim, true);
      const candidates = attentionCandidates(device, headDim, true, { queries: 66, heads: 4, keys: 330 });
      for (const [name, options] of candidates) {
        const only = new Map([[name, options]]);
        const { isHalf, tile } = await chooseAttention(norm, only, WORK, undefined);
        expect(isHalf).toBe(true);
        // 66 queries fill their last tile but for less than a row of threads each.
        expect(Math.ceil(66 / tile.queryTile) * tile.queryTile - 66).toBeLessThan(
          4 * Math.ceil(66 / tile.queryTile),
        );
      }
    }
  });
});
