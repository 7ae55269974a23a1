import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { FITTED, MAX_ZOOM, panBy, pinch, settle, windowToFrame, zoomAt } from './viewport.ts';

const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const point = fc.record({ x: fraction, y: fraction });
const view = fc
  .record({ zoom: fc.double({ min: 1, max: MAX_ZOOM, noNaN: true }), u: fraction, v: fraction })
  .map(settle);

describe('viewport', () => {
  it('never leaves a part of the window empty', () => {
    fc.assert(
      fc.property(
        view,
        fc.double({ min: 0.05, max: 20, noNaN: true }),
        point,
        point,
        (start, factor, anchor, delta) => {
          const moved = panBy(zoomAt(start, factor, anchor), delta);
          const nearest = windowToFrame(moved, { x: 0, y: 0 });
          const farthest = windowToFrame(moved, { x: 1, y: 1 });
          expect(Math.min(nearest.x, nearest.y)).toBeGreaterThanOrEqual(0);
          expect(Math.max(farthest.x, farthest.y)).toBeLessThanOrEqual(1 + 1e-12);
        },
      ),
    );
  });

  it('keeps the frame point under the anchor while zooming in', () => {
    fc.assert(
      fc.property(view, fc.double({ min: 1, max: 4, noNaN: true }), point, (start, factor, anchor) => {
        const before = windowToFrame(start, anchor);
        const after = windowToFrame(zoomAt(start, factor, anchor), anchor);
        expect(after.x).toBeCloseTo(before.x, 9);
        expect(after.y).toBeCloseTo(before.y, 9);
      }),
    );
  });

  it('returns to the whole picture when zoomed out far enough', () => {
    fc.assert(
      fc.property(view, point, (start, anchor) => {
        expect(zoomAt(start, 1 / MAX_ZOOM, anchor)).toEqual(FITTED);
      }),
    );
  });

  it('zooms by the ratio of the finger distances', () => {
    const from = [
      { x: 0.375, y: 0.5 },
      { x: 0.625, y: 0.5 },
    ] as const;
    const to = [
      { x: 0.25, y: 0.5 },
      { x: 0.75, y: 0.5 },
    ] as const;
    expect(pinch(FITTED, from, to)).toEqual({ zoom: 2, u: 0.25, v: 0.25 });
  });

  it('keeps a picture smaller than the window in its middle', () => {
    const least = 0.4;
    fc.assert(
      fc.property(view, point, point, (start, anchor, delta) => {
        const small = panBy(zoomAt(start, 1 / 1000, anchor, least), delta);
        expect(small.zoom).toBeCloseTo(least, 9);
        const middle = windowToFrame(small, { x: 0.5, y: 0.5 });
        expect(middle.x).toBeCloseTo(0.5, 9);
        expect(middle.y).toBeCloseTo(0.5, 9);
      }),
    );
  });

  it('does not move when two fingers touch the same point', () => {
    const same = [
      { x: 0.5, y: 0.5 },
      { x: 0.5, y: 0.5 },
    ] as const;
    expect(pinch(FITTED, same, same)).toEqual(FITTED);
  });
});
