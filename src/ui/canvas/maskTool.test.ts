import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  drawRectangle,
  drawStroke,
  emptyMask,
  invertMask,
  isEmptyMask,
  maskShare,
  reduceMaskTool,
  RESTING_TOOL,
  settleRectangle,
  typeRectangle,
  type Rectangle,
  type Stroke,
} from './maskTool.ts';

const WIDTH = 24;
const HEIGHT = 16;
const point = fc.record({
  x: fc.double({ min: -4, max: WIDTH + 4, noNaN: true }),
  y: fc.double({ min: -4, max: HEIGHT + 4, noNaN: true }),
});
const stroke: fc.Arbitrary<Stroke> = fc.record({
  mode: fc.constant('paint' as const),
  radius: fc.double({ min: 0.5, max: 6, noNaN: true }),
  points: fc.array(point, { minLength: 1, maxLength: 6 }),
});
const mask = fc
  .array(fc.constantFrom(0, 255), { minLength: WIDTH * HEIGHT, maxLength: WIDTH * HEIGHT })
  .map((values) => ({ width: WIDTH, height: HEIGHT, data: Uint8Array.from(values) }));

describe('strokes', () => {
  it('are erased again by the same line', () => {
    fc.assert(
      fc.property(stroke, (drawn) => {
        const painted = drawStroke(emptyMask(WIDTH, HEIGHT), drawn);
        expect(isEmptyMask(drawStroke(painted, { ...drawn, mode: 'erase' }))).toBe(true);
      }),
    );
  });

  it('only add to the region and hold only the two values of a mask', () => {
    fc.assert(
      fc.property(mask, stroke, (before, drawn) => {
        const after = drawStroke(before, drawn);
        after.data.forEach((value, index) => {
          expect(value === 255 || (value === 0 && before.data[index] === 0)).toBe(true);
        });
      }),
    );
  });

  it('cover every pixel whose centre they pass', () => {
    const line = drawStroke(emptyMask(WIDTH, HEIGHT), {
      mode: 'paint',
      radius: 0.6,
      points: [
        { x: 0.5, y: 3.5 },
        { x: 23.5, y: 3.5 },
      ],
    });
    expect([...line.data.subarray(3 * WIDTH, 4 * WIDTH)]).toEqual(Array(WIDTH).fill(255));
    expect(maskShare(line)).toBe(1 / HEIGHT);
  });
});

describe('inverting', () => {
  it('twice changes nothing, once turns every pixel over', () => {
    fc.assert(
      fc.property(mask, (before) => {
        expect(invertMask(invertMask(before))).toEqual(before);
        expect(maskShare(invertMask(before))).toBeCloseTo(1 - maskShare(before), 12);
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
        const drawn = drawRectangle(emptyMask(WIDTH, HEIGHT), wished);
        expect(maskShare(drawn)).toBeCloseTo((settled.width * settled.height) / (WIDTH * HEIGHT), 12);
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

describe('the mask tool', () => {
  const begin = (x: number, isStraight = false) =>
    ({ kind: 'begin', point: { x, y: 0 }, mode: 'paint', radius: 2, isStraight }) as const;

  it('draws a straight line from the end of the last stroke', () => {
    const first = reduceMaskTool(reduceMaskTool(RESTING_TOOL, begin(1)).tool, { kind: 'end' });
    expect(first.finished).toEqual({ mode: 'paint', radius: 2, points: [{ x: 1, y: 0 }] });
    const second = reduceMaskTool(first.tool, begin(9, true));
    expect(second.tool.stroke?.points).toEqual([
      { x: 1, y: 0 },
      { x: 9, y: 0 },
    ]);
  });

  it('forgets an aborted stroke and keeps the end of the one before', () => {
    const done = reduceMaskTool(reduceMaskTool(RESTING_TOOL, begin(1)).tool, { kind: 'end' }).tool;
    const aborted = reduceMaskTool(reduceMaskTool(done, begin(5)).tool, { kind: 'abort' });
    expect(aborted).toEqual({ tool: done });
  });

  it('finishes no stroke that was never begun', () => {
    expect(reduceMaskTool(RESTING_TOOL, { kind: 'end' })).toEqual({ tool: RESTING_TOOL });
  });
});
