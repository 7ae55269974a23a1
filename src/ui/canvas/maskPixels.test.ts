import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { MaskPixels } from '../../runtime/contract.ts';
import type { Rectangle } from '../../session/regions.ts';
import {
  drawShape,
  emptyMask,
  HALF,
  invertMask,
  isEmptyMask,
  maskShare,
  rectangleBetween,
  settleRectangle,
  typeRectangle,
  type Stroke,
} from './maskPixels.ts';

const WIDTH = 24;
const HEIGHT = 16;
const blank = emptyMask(WIDTH, HEIGHT);
const place = fc.record({
  x: fc.double({ min: -4, max: WIDTH + 4, noNaN: true }),
  y: fc.double({ min: -4, max: HEIGHT + 4, noNaN: true }),
});
const point = fc
  .tuple(place, fc.double({ min: 0.5, max: 6, noNaN: true }))
  .map(([at, radius]) => ({ ...at, radius }));
const strokeOf = (softness: fc.Arbitrary<number>): fc.Arbitrary<Stroke> =>
  fc.record({
    kind: fc.constant('stroke' as const),
    mode: fc.constant('paint' as const),
    softness,
    points: fc.array(point, { minLength: 1, maxLength: 6 }),
  });
const hard = strokeOf(fc.constant(0));
const anyStroke = strokeOf(fc.double({ min: 0, max: 1, noNaN: true }));
const mask = fc
  .array(fc.nat(255), { minLength: WIDTH * HEIGHT, maxLength: WIDTH * HEIGHT })
  .map((values) => ({ width: WIDTH, height: HEIGHT, data: Uint8Array.from(values) }));

describe('strokes', () => {
  it('are erased again by the same line, however soft', () => {
    fc.assert(
      fc.property(anyStroke, (drawn) => {
        const left = drawShape(drawShape(blank, drawn), { ...drawn, mode: 'erase' });
        // Both have half of their weight on the ring, so at most half is left there.
        expect(Math.max(...left.data)).toBeLessThanOrEqual(HALF);
      }),
    );
  });

  it('only add when they paint and only take when they erase', () => {
    fc.assert(
      fc.property(mask, anyStroke, fc.boolean(), (before, drawn, isErased) => {
        const after = drawShape(before, { ...drawn, mode: isErased ? 'erase' : 'paint' });
        for (const [at, value] of after.data.entries()) {
          const was = before.data[at] ?? 0;
          expect(isErased ? value <= was : value >= was).toBe(true);
        }
      }),
    );
  });

  it('are the same drawn piece by piece as at once', () => {
    fc.assert(
      fc.property(mask, anyStroke, (before, drawn) => {
        const pieces = drawn.points.map((_, at) => drawn.points.slice(Math.max(at - 1, 0), at + 1));
        const piecewise = pieces.reduce<MaskPixels>(
          (at, points) => drawShape(at, { ...drawn, points }),
          before,
        );
        expect(piecewise).toEqual(drawShape(before, drawn));
      }),
    );
  });

  it('never slip between the pixels, however thin', () => {
    fc.assert(
      fc.property(place, ({ x, y }) => {
        fc.pre(x >= 0 && y >= 0 && x < WIDTH && y < HEIGHT);
        const dot = { kind: 'stroke', mode: 'paint', softness: 0, points: [{ x, y, radius: 0.1 }] } as const;
        expect(drawShape(blank, dot).data[Math.floor(y) * WIDTH + Math.floor(x)]).toBe(255);
      }),
    );
  });

  it('hold only the two values of a mask when they are hard', () => {
    fc.assert(
      fc.property(hard, (drawn) => {
        for (const value of drawShape(blank, drawn).data) expect([0, 255]).toContain(value);
      }),
    );
  });

  it('have the same border for the model, however soft: the ring', () => {
    fc.assert(
      fc.property(anyStroke, (drawn) => {
        const inside = (softness: number) =>
          drawShape(blank, { ...drawn, softness }).data.map((value) => (value >= HALF ? 1 : 0));
        const [sharp, soft] = [inside(0), inside(drawn.softness)];
        // A weight of exactly one half rounds to either side of the ring.
        const differing = sharp.filter((value, at) => value !== soft[at]).length;
        expect(differing).toBeLessThanOrEqual(2);
      }),
    );
  });
});

describe('lassos', () => {
  it('hold the pixels whose centres they enclose', () => {
    const corners = [
      { x: 2, y: 2 },
      { x: 12, y: 2 },
      { x: 2, y: 12 },
    ];
    const drawn = drawShape(blank, { kind: 'polygon', mode: 'paint', corners });
    const wrong = [...drawn.data].findIndex((value, at) => {
      const [x, y] = [(at % WIDTH) + 0.5, Math.floor(at / WIDTH) + 0.5];
      // On the slope itself a centre lies neither in nor out.
      return x + y !== 14 && value > 0 !== (x > 2 && y > 2 && x + y < 14);
    });
    expect(wrong).toBe(-1);
  });

  it('are a rectangle when their corners are one', () => {
    fc.assert(
      fc.property(
        fc.nat(20),
        fc.nat(12),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        (x, y, width, height) => {
          const [right, bottom] = [Math.min(x + width, WIDTH), Math.min(y + height, HEIGHT)];
          const corners = [
            { x, y },
            { x: right, y },
            { x: right, y: bottom },
            { x, y: bottom },
          ];
          const rectangle = { x, y, width: right - x, height: bottom - y };
          expect(drawShape(blank, { kind: 'polygon', mode: 'paint', corners })).toEqual(
            drawShape(blank, { kind: 'rectangle', mode: 'paint', rectangle }),
          );
        },
      ),
    );
  });
});

describe('a region', () => {
  it('inverted twice is itself', () => {
    fc.assert(
      fc.property(mask, (before) => {
        expect(invertMask(invertMask(before))).toEqual(before);
      }),
    );
  });

  it('with no pixel of half the weight is none, and its share is what may change at all', () => {
    fc.assert(
      fc.property(mask, (drawn) => {
        expect(isEmptyMask(drawn)).toBe(Math.max(...drawn.data) < HALF);
        const count = [...drawn.data].filter((value) => value > 0).length;
        expect(maskShare(drawn)).toBe(count / drawn.data.length);
      }),
    );
  });
});

describe('rectangles', () => {
  it('stay whole and inside the frame', () => {
    const number = fc.double({ min: -50, max: 50, noNaN: true });
    fc.assert(
      fc.property(fc.record({ x: number, y: number, width: number, height: number }), (wished) => {
        const settled = settleRectangle(wished, { width: WIDTH, height: HEIGHT });
        expect(Object.values(settled).every(Number.isInteger)).toBe(true);
        expect(settled.x >= 0 && settled.x + settled.width <= WIDTH && settled.width >= 1).toBe(true);
        expect(settled.y >= 0 && settled.y + settled.height <= HEIGHT && settled.height >= 1).toBe(true);
        const drawn = drawShape(blank, { kind: 'rectangle', mode: 'paint', rectangle: wished });
        expect(maskShare(drawn)).toBeCloseTo((settled.width * settled.height) / (WIDTH * HEIGHT), 12);
      }),
    );
  });

  it('run from the pressed corner to the pointer, as squares with the longer side', () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        const free = rectangleBetween(a, b);
        expect(free.x + (b.x < a.x ? free.width : 0)).toBeCloseTo(a.x, 9);
        const square = rectangleBetween(a, b, true);
        expect([square.width, square.height]).toEqual(Array(2).fill(Math.max(free.width, free.height)));
      }),
    );
  });
});

describe('a typed number of the rectangle', () => {
  const frame = { width: WIDTH, height: HEIGHT };
  const inside = fc
    .record({ x: fc.nat(60), y: fc.nat(60), width: fc.nat(60), height: fc.nat(60) })
    .map((wished) => settleRectangle(wished, frame));
  const side = fc.constantFrom('x', 'y', 'width', 'height');

  it('stays as it was typed wherever the frame has room, and at most one other number gives way', () => {
    fc.assert(
      fc.property(inside, side, fc.integer({ min: -9, max: 90 }), (before, key, value) => {
        const { rectangle, adjusted } = typeRectangle(before, key, value, frame);
        expect(settleRectangle(rectangle, frame)).toEqual(rectangle);
        const least = key === 'width' || key === 'height' ? 1 : 0;
        const most = (key === 'x' || key === 'width' ? WIDTH : HEIGHT) - 1 + least;
        expect(rectangle[key]).toBe(Math.min(Math.max(value, least), most));
        const others = (['x', 'y', 'width', 'height'] as const).filter((other) => other !== key);
        const changed = others.filter((other) => rectangle[other] !== before[other]);
        expect(changed).toEqual(adjusted === null ? [] : [adjusted]);
      }),
    );
  });

  it('comes out as typed when place and size are typed in any order', () => {
    fc.assert(
      fc.property(
        inside,
        inside,
        fc.constantFrom<(keyof Rectangle)[][]>(['y', 'height'], ['x', 'width']),
        (before, wished, keys) => {
          const typed = keys.reduce(
            (at, key) => typeRectangle(at, key, wished[key], frame).rectangle,
            before,
          );
          for (const key of keys) expect(typed[key]).toBe(wished[key]);
        },
      ),
    );
  });
});
