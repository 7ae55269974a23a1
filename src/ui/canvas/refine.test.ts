import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { drawShape, emptyMask, HALF } from './maskPixels.ts';
import { featherMask, growMask, shrinkMask } from './refine.ts';

const WIDTH = 14;
const HEIGHT = 9;
const mask = fc
  .array(fc.oneof(fc.constant(0), fc.constant(255), fc.nat(255)), {
    minLength: WIDTH * HEIGHT,
    maxLength: WIDTH * HEIGHT,
  })
  .map((values) => ({ width: WIDTH, height: HEIGHT, data: Uint8Array.from(values) }));
const radius = fc.integer({ min: 1, max: 12 });

/** By looking at every pixel from every pixel. */
function nearest(data: Uint8Array, reach: number, better: (a: number, b: number) => number): number[] {
  return Array.from(data, (value, at) => {
    const [x, y] = [at % WIDTH, Math.floor(at / WIDTH)];
    return data.reduce((best, other, from) => {
      const isNear = Math.hypot((from % WIDTH) - x, Math.floor(from / WIDTH) - y) <= reach;
      return isNear ? better(best, other) : best;
    }, value);
  });
}

describe('refining a region', () => {
  it('grows to every pixel within the distance and shrinks from every pixel within it', () => {
    fc.assert(
      fc.property(mask, radius, (before, by) => {
        expect([...growMask(before, by).data]).toEqual(nearest(before.data, by, Math.max));
        expect([...shrinkMask(before, by).data]).toEqual(nearest(before.data, by, Math.min));
      }),
      { numRuns: 40 },
    );
  });

  it('feathers a straight edge evenly to both sides and leaves the border for the model where it was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), (by) => {
        const rectangle = { x: 0, y: 0, width: 40, height: 20 };
        const half = drawShape(emptyMask(80, 20), { kind: 'rectangle', mode: 'paint', rectangle });
        const soft = featherMask(half, by);
        const row = [...soft.data.subarray(0, 80)];
        expect(row.map((value) => value >= HALF)).toEqual(row.map((_, x) => x < 40));
        for (const [x, value] of row.entries()) {
          const opposite = row[79 - x] ?? 0;
          expect(Math.abs(value + opposite - 255)).toBeLessThanOrEqual(1);
        }
        const mixed = row.filter((value) => value > 0 && value < 255).length;
        expect(mixed).toBeGreaterThanOrEqual(by);
        expect(mixed).toBeLessThanOrEqual(2 * by + 6);
      }),
    );
  });

  it('feathers a region that fills the picture into itself', () => {
    const full = { width: 9, height: 7, data: new Uint8Array(63).fill(255) };
    expect(featherMask(full, 4)).toEqual(full);
  });
});
