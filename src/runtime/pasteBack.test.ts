import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Pixels } from './contract.ts';
import { mulberry32 } from './flow.ts';
import { changeWeights, pasteBack } from './pasteBack.ts';

const limits = { keptBelow: 8, takenFrom: 24 };
const SIDE = 40;

function pictureOf(level: (x: number, y: number, channel: number) => number): Pixels {
  const data = Uint8ClampedArray.from({ length: SIDE * SIDE * 4 }, (_, index) => {
    const pixel = index >> 2;
    return index % 4 === 3 ? 255 : level(pixel % SIDE, Math.floor(pixel / SIDE), index % 4);
  });
  return { width: SIDE, height: SIDE, data };
}

const seeds = fc.nat(2 ** 31);
const noisePicture = (seed: number, from: number, levels: number): Pixels => {
  const random = mulberry32(seed);
  return pictureOf(() => from + Math.floor(random() * levels));
};

test('keeps every byte of the earlier picture when only noise differs', () => {
  fc.assert(
    fc.property(seeds, seeds, (one, other) => {
      const earlier = noisePicture(one, 0, 256);
      const [unedited, made] = [noisePicture(other, 100, 5), noisePicture(other + 1, 100, 5)];
      const weights = changeWeights(unedited, made, limits);
      expect(weights.every((weight) => weight === 0)).toBe(true);
      expect(pasteBack(earlier, made, weights)).toEqual(earlier);
    }),
  );
});

test('takes the made picture where it differs, keeps the earlier one farther off, and mixes in between', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 }), (left, top) => {
      const isIn = (x: number, y: number, grow: number): boolean =>
        x >= left - grow && x < left + 10 + grow && y >= top - grow && y < top + 10 + grow;
      const unedited = pictureOf(() => 50);
      const made = pictureOf((x, y, channel) => (isIn(x, y, 0) && channel === 1 ? 200 : 50));
      const earlier = pictureOf((x, y) => (x * 3 + y) % 256);
      const result = pasteBack(earlier, made, changeWeights(unedited, made, limits));
      const bytes = [...result.data.keys()].map((index) => {
        const [x, y] = [(index >> 2) % SIDE, Math.floor((index >> 2) / SIDE)];
        const [before, after] = [earlier.data[index] ?? 0, made.data[index] ?? 0];
        // Averaging, reach and softness go 2, 4 and 4 pixels beyond the change.
        const place = isIn(x, y, 0) ? 'inside' : isIn(x, y, 10) ? 'between' : 'outside';
        return { place, before, after, got: result.data[index] ?? 0 };
      });
      const at = (place: string): typeof bytes => bytes.filter((byte) => byte.place === place);
      expect(at('inside').every(({ after, got }) => got === after)).toBe(true);
      expect(at('outside').every(({ before, got }) => got === before)).toBe(true);
      expect(
        at('between').every(
          ({ before, after, got }) => got >= Math.min(before, after) && got <= Math.max(before, after),
        ),
      ).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test('weighs an even difference by where it lies between the limits', () => {
  const weightOf = (difference: number): number | undefined =>
    changeWeights(
      pictureOf(() => 100),
      pictureOf(() => 100 + difference),
      limits,
    )[0];
  expect([0, 8, 16, 24, 90].map(weightOf)).toEqual([0, 0, 0.5, 1, 1]);
});
