import fc from 'fast-check';
import { expect, test } from 'vitest';

import { eulerStep, flowTimes, guidedClean, mulberry32, seededNoise, timeFeatures } from './flow.ts';

const steps = fc.integer({ min: 1, max: 50 });
const shift = fc.double({ min: 0.1, max: 10, noNaN: true });

test('goes from exactly 0 to exactly 1 in rising times', () => {
  fc.assert(
    fc.property(steps, shift, (count, by) => {
      const times = flowTimes(count, by);
      expect(times).toHaveLength(count + 1);
      expect([times[0], times.at(-1)]).toEqual([0, 1]);
      times.slice(1).forEach((time, index) => expect(time).toBeGreaterThan(times[index] ?? 1));
    }),
  );
});

test('spaces times evenly without shift and nearer the noise with one', () => {
  expect(flowTimes(4, 1)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(flowTimes(2, 3)).toEqual([0, 0.25, 1]);
});

test('makes cosines, then sines, of falling frequencies', () => {
  const angles = [500, 5];
  expect(timeFeatures(0.5, 4)).toEqual(Float32Array.from([...angles.map(Math.cos), ...angles.map(Math.sin)]));
  expect(timeFeatures(0, 6)).toEqual(Float32Array.from([1, 1, 1, 0, 0, 0]));
});

test('draws the published numbers of mulberry32', () => {
  const random = mulberry32(0);
  expect([random(), random(), random()].map((value) => Math.round(value * 2 ** 32))).toEqual([
    1144304738, 1416247, 958946056,
  ]);
});

test('repeats noise for a seed, and a shorter draw is the start of a longer one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 1, max: 99 }), (seed, count) => {
      expect(seededNoise(seed, count)).toEqual(seededNoise(seed, 100).slice(0, count));
    }),
  );
});

test('draws normal noise: mean 0 and variance 1 within five standard errors', () => {
  const count = 20_000;
  const noise = seededNoise(5, count);
  const mean = noise.reduce((sum, value) => sum + value, 0) / count;
  const variance = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(count));
  expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
});

test('walks the straight path exactly: a perfect prediction ends at itself in any number of steps', () => {
  const clean = Float32Array.from([0.5, -1, 2]);
  fc.assert(
    fc.property(steps, shift, (count, by) => {
      const times = flowTimes(count, by);
      let x: Float32Array = seededNoise(1, 3);
      for (let index = 0; index < count; index++) {
        x = eulerStep(x, clean, { from: times[index] ?? 0, to: times[index + 1] ?? 1, guidance: 1 });
      }
      expect(x).toEqual(clean);
    }),
  );
});

test('holds the rest of the way above 0.05, so a step near the end stays finite', () => {
  const next = eulerStep(Float32Array.from([0]), Float32Array.from([1]), {
    from: 0.98,
    to: 0.99,
    guidance: 1,
  });
  expect(next[0]).toBeCloseTo(0.01 / 0.05, 6);
});

test('keeps cells outside the region on the path from their noise to the earlier frame, in all channels', () => {
  const kept = {
    editable: Uint8Array.from([1, 0]),
    previous: Float32Array.from([10, 20, 30, 40]),
    noise: Float32Array.from([1, 2, 3, 4]),
  };
  const x = Float32Array.from([0, 0, 0, 0]);
  const clean = Float32Array.from([8, 8, 8, 8]);
  expect([...eulerStep(x, clean, { from: 0, to: 0.5, guidance: 1 }, kept)]).toEqual([4, 11, 4, 22]);
  expect([...eulerStep(x, clean, { from: 0.5, to: 1, guidance: 1 }, kept)]).toEqual([8, 20, 8, 40]);
});

test('guides away from the prediction without instruction', () => {
  const cond = Float32Array.from([3, 1]);
  const uncond = Float32Array.from([1, 1]);
  expect([...guidedClean(cond, uncond, 2)]).toEqual([5, 1]);
  expect(guidedClean(cond, uncond, 1)).toEqual(cond);
  expect(guidedClean(cond, uncond, 0)).toEqual(uncond);
});
