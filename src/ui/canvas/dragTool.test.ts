import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { boxOf, leastScale, mostScale, transformMask } from '../../session/regions.ts';
import {
  handleAt,
  handlePlaces,
  middleAfter,
  movePoint,
  reduceDrag,
  settleMove,
  stillMove,
  type Drag,
  type Handle,
} from './dragTool.ts';
import { drawShape, emptyMask } from './maskPixels.ts';

const box = { x: 40, y: 30, width: 20, height: 40 };
const still = stillMove({ x: 50, y: 50 });
const whole = fc.integer({ min: -60, max: 60 });
const moves = fc
  .record({
    dx: whole,
    dy: whole,
    scale: fc.double({ min: 0.2, max: 4, noNaN: true }),
    angle: fc.integer({ min: -179, max: 180 }),
  })
  .map((part) => settleMove({ ...still, ...part }));

/** One drag from press to a last place. */
function pull(
  handle: Handle,
  from: readonly [number, number],
  to: readonly [number, number],
  isHeld = false,
) {
  const at = ([x, y]: readonly [number, number]) => ({ x, y });
  const begun = reduceDrag(null, { kind: 'begin', handle, point: at(from), move: still });
  return reduceDrag(begun.drag, { kind: 'extend', point: at(to), isHeld }).move;
}

describe('dragging a region', () => {
  it('takes it along with the pointer, along one axis while held', () => {
    expect(pull('body', [50, 50], [57, 41])).toEqual({ ...still, dx: 7, dy: -9 });
    expect(pull('body', [50, 50], [57, 41], true)).toEqual({ ...still, dy: -9 });
  });

  it('scales it by the distance from its middle', () => {
    expect(pull('scale', [60, 70], [70, 90])).toEqual({ ...still, scale: 2 });
    expect(pull('scale', [60, 70], [50, 50])).toEqual({ ...still, scale: leastScale });
    expect(pull('scale', [51, 50], [9999, 50])?.scale).toBe(mostScale);
  });

  it('turns it clockwise about its middle, in steps while held', () => {
    expect(pull('turn', [50, 10], [90, 50])).toEqual({ ...still, angle: 90 });
    expect(pull('turn', [50, 10], [52, 10], true)).toEqual(still);
    expect(pull('turn', [50, 10], [63, 10], true)).toEqual({ ...still, angle: 15 });
  });

  it('comes back to where it was when the pointer does', () => {
    const handle = fc.constantFrom<Handle>('body', 'scale', 'turn');
    const place = fc.record({ x: whole, y: whole });
    fc.assert(
      fc.property(handle, place, place, moves, (name, start, away, move) => {
        fc.pre(Math.hypot(start.x - middleAfter(move).x, start.y - middleAfter(move).y) > 1);
        let drag: Drag | null = reduceDrag(null, { kind: 'begin', handle: name, point: start, move }).drag;
        drag = reduceDrag(drag, { kind: 'extend', point: away, isHeld: false }).drag;
        const back = reduceDrag(drag, { kind: 'extend', point: start, isHeld: false }).move;
        expect(back).toEqual(move);
      }),
    );
  });

  it('does nothing without a press, and an abort leaves no move', () => {
    expect(reduceDrag(null, { kind: 'extend', point: box, isHeld: false })).toEqual({ drag: null });
    const { drag } = reduceDrag(null, { kind: 'begin', handle: 'body', point: box, move: still });
    expect(reduceDrag(drag, { kind: 'abort' })).toEqual({ drag: null });
  });
});

describe('the handles', () => {
  it('are found where they stand, whatever the move, and the box inside them', () => {
    fc.assert(
      fc.property(moves, (move) => {
        const places = handlePlaces(box, move, 20);
        for (const place of places.scale) expect(handleAt(places, place, 2)).toBe('scale');
        expect(handleAt(places, places.turn, 2)).toBe('turn');
        expect(handleAt(places, middleAfter(move), 1)).toBe('body');
        const outside = movePoint(move, { x: box.x - 30, y: box.y - 30 });
        expect(handleAt(places, outside, 2)).toBeNull();
      }),
    );
  });

  it('stand about the region as the session moves it', () => {
    fc.assert(
      fc.property(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -170, max: 180 }), (dx, angle) => {
        const drawn = drawShape(emptyMask(128, 128), { kind: 'rectangle', mode: 'paint', rectangle: box });
        const move = { ...still, dx, angle };
        const moved = boxOf(transformMask(drawn, move));
        const { corners } = handlePlaces(box, move, 20);
        const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
        expect(Math.abs((moved?.x ?? NaN) - Math.min(...xs))).toBeLessThanOrEqual(1);
        expect(Math.abs((moved?.y ?? NaN) - Math.min(...ys))).toBeLessThanOrEqual(1);
        expect(Math.abs((moved?.x ?? NaN) + (moved?.width ?? NaN) - Math.max(...xs))).toBeLessThanOrEqual(1);
        expect(Math.abs((moved?.y ?? NaN) + (moved?.height ?? NaN) - Math.max(...ys))).toBeLessThanOrEqual(1);
      }),
    );
  });
});
