import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { MaskPixels } from '../runtime/contract.ts';
import type { Move } from './document.ts';
import { isEmptyRegion, middleOf, regionInForce, transformMask, unionOf } from './regions.ts';
import { must } from './testing/must.ts';

const size = 16;

const masks: fc.Arbitrary<MaskPixels> = fc
  .tuple(
    fc.array(fc.tuple(fc.nat(15), fc.nat(15), fc.integer({ min: 1, max: 7 })), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.constantFrom(255, 96),
  )
  .map(([blocks, value]) => {
    const data = new Uint8Array(size * size);
    for (const [x, y, side] of blocks) {
      for (let i = 0; i < side * side; i += 1) {
        const [column, row] = [x + (i % side), y + Math.floor(i / side)];
        if (column < size && row < size) data[row * size + column] = value;
      }
    }
    return { width: size, height: size, data };
  });

const moves: fc.Arbitrary<Move> = fc.record({
  dx: fc.double({ min: -20, max: 20, noNaN: true }),
  dy: fc.double({ min: -20, max: 20, noNaN: true }),
  scale: fc.double({ min: 0.1, max: 10, noNaN: true }),
  angle: fc.double({ min: -360, max: 360, noNaN: true }),
  about: fc.record({
    x: fc.double({ min: 0, max: 16, noNaN: true }),
    y: fc.double({ min: 0, max: 16, noNaN: true }),
  }),
});

/** Where a point of the old region comes to lie. */
function image({ dx, dy, scale, angle, about }: Move, x: number, y: number): readonly [number, number] {
  const [cos, sin] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  const [fromX, fromY] = [x - about.x, y - about.y];
  return [
    about.x + dx + scale * (cos * fromX - sin * fromY),
    about.y + dy + scale * (sin * fromX + cos * fromY),
  ];
}

const valueAt = ({ data }: MaskPixels, x: number, y: number): number =>
  x < 0 || y < 0 || x >= size || y >= size ? 0 : (data[Math.floor(y) * size + Math.floor(x)] ?? 0);

test('a moved region is the affine image of the old one to one pixel', () => {
  fc.assert(
    fc.property(masks, moves, (mask, move) => {
      const moved = transformMask(mask, move);
      const inside = Array.from(mask.data).flatMap((value, i) =>
        value > 0 ? [[i % size, Math.floor(i / size)]] : [],
      );
      // No pixel of the new region lies further than one pixel from the image of some pixel of the old one.
      moved.data.forEach((value, i) => {
        if (value === 0) return;
        const [x, y] = [(i % size) + 0.5, Math.floor(i / size) + 0.5];
        const distance = Math.min(
          ...inside.map(([column = 0, row = 0]) => {
            const [toX, toY] = image(move, column + 0.5, row + 0.5);
            return Math.hypot(toX - x, toY - y);
          }),
        );
        expect(distance).toBeLessThanOrEqual(Math.SQRT1_2 * move.scale + 1);
      });
      // And the image of every pixel that has the region all around it is in the new region.
      for (const [column = 0, row = 0] of inside) {
        const around = [-1, 0, 1].flatMap((dx) =>
          [-1, 0, 1].map((dy) => valueAt(mask, column + dx, row + dy)),
        );
        const [x, y] = image(move, column + 0.5, row + 0.5);
        const isOnFrame = x >= 0 && y >= 0 && x < size && y < size;
        if (around.includes(0) || !isOnFrame) continue;
        expect(valueAt(moved, x, y)).toBeGreaterThan(0);
      }
    }),
    { numRuns: 300 },
  );
});

test('whole steps and quarter turns move every pixel exactly, its soft edge with it', () => {
  fc.assert(
    fc.property(masks, fc.integer({ min: -5, max: 5 }), fc.nat(3), (mask, step, quarters) => {
      const move = { dx: step, dy: -step, scale: 1, angle: quarters * 90, about: { x: 8, y: 8 } };
      const moved = transformMask(mask, move);
      mask.data.forEach((value, i) => {
        const [x, y] = image(move, (i % size) + 0.5, Math.floor(i / size) + 0.5);
        const isOnFrame = x > 0 && y > 0 && x < size && y < size;
        expect(isOnFrame ? valueAt(moved, x, y) : value).toBe(value);
      });
      expect(transformMask(mask, { ...move, dx: 0, dy: 0, angle: 0 })).toEqual(mask);
    }),
  );
});

test('a region made small keeps its thin parts', () => {
  fc.assert(
    fc.property(
      fc.nat(15),
      fc.double({ min: 0.1, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 90, noNaN: true }),
      (column, scale, angle) => {
        const data = Uint8Array.from({ length: size * size }, (_, i) => (i % size === column ? 255 : 0));
        const mask = { width: size, height: size, data };
        const about = must(middleOf(mask));
        const [dx, dy] = [8 - about.x, 8 - about.y];
        expect(isEmptyRegion(transformMask(mask, { dx, dy, scale, angle, about }))).toBe(false);
      },
    ),
  );
});

test('finds the middle of the box around a region', () => {
  fc.assert(
    fc.property(masks, (mask) => {
      const middle = must(middleOf(mask));
      const xs = Array.from(mask.data).flatMap((value, i) => (value > 0 ? [i % size] : []));
      const ys = Array.from(mask.data).flatMap((value, i) => (value > 0 ? [Math.floor(i / size)] : []));
      expect(middle).toEqual({
        x: (Math.min(...xs) + Math.max(...xs) + 1) / 2,
        y: (Math.min(...ys) + Math.max(...ys) + 1) / 2,
      });
    }),
  );
  expect(middleOf({ width: 1, height: 1, data: new Uint8Array(1) })).toBe(null);
});

test('the union of regions is the strongest of them at each pixel, and the whole picture with the whole picture', () => {
  fc.assert(
    fc.property(fc.array(masks, { minLength: 1, maxLength: 4 }), (list) => {
      const union = must(unionOf(list));
      union.data.forEach((value, i) => {
        expect(value).toBe(Math.max(...list.map(({ data }) => data[i] ?? 0)));
      });
      expect(unionOf([...list, null])).toBe(null);
    }),
  );
  expect(unionOf([])).toBe(null);
});

test('in force is what the stages leave inside the drawn region, or that one when they leave nothing', () => {
  fc.assert(
    fc.property(masks, masks, fc.option(masks), fc.boolean(), (now, next, drawn, hasNext) => {
      const regions = { now, ...(hasNext && { next }), ...(drawn !== null && { drawn }) };
      const strong = (mask: MaskPixels | null | undefined, i: number): boolean => (mask?.data[i] ?? 0) > 127;
      const wanted = Uint8Array.from(now.data, (_, i) =>
        strong(now, i) || (hasNext && strong(next, i)) ? (drawn?.data[i] ?? 255) : 0,
      );
      const isLeft = wanted.some((value) => value > 127);
      expect(regionInForce(regions)?.data ?? null).toEqual(isLeft ? wanted : (drawn?.data ?? null));
    }),
  );
  expect(regionInForce({})).toBe(null);
});
