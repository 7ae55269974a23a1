import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { drawShape, emptyMask } from './maskPixels.ts';
import { outlinePath, traceLoops } from './outline.ts';

const WIDTH = 7;
const HEIGHT = 6;
const mask = fc
  .array(fc.constantFrom(0, 255), { minLength: WIDTH * HEIGHT, maxLength: WIDTH * HEIGHT })
  .map((values) => ({ width: WIDTH, height: HEIGHT, data: Uint8Array.from(values) }));

function signedArea(loop: readonly (readonly [number, number])[]): number {
  return loop.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = loop[(index + 1) % loop.length] ?? [x, y];
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);
}

describe('the outline of a region', () => {
  it('encloses exactly as many pixels as the region has', () => {
    fc.assert(
      fc.property(mask, (region) => {
        const area = traceLoops(region).reduce((sum, loop) => sum + signedArea(loop), 0);
        expect(area).toBe(region.data.filter((value) => value !== 0).length);
      }),
    );
  });

  it('walks every border edge once', () => {
    fc.assert(
      fc.property(mask, ({ width, height, data }) => {
        const isIn = (x: number, y: number): boolean =>
          x >= 0 && y >= 0 && x < width && y < height && data[y * width + x] !== 0;
        let edges = 0;
        for (let y = 0; y <= height; y += 1) {
          for (let x = 0; x <= width; x += 1) {
            if (isIn(x, y) !== isIn(x - 1, y)) edges += 1;
            if (isIn(x, y) !== isIn(x, y - 1)) edges += 1;
          }
        }
        const steps = traceLoops({ width, height, data }).reduce((sum, loop) => sum + loop.length, 0);
        expect(steps).toBe(edges);
      }),
    );
  });

  it('is a small lozenge around one pixel and nothing around none', () => {
    const one = emptyMask(3, 3);
    one.data[4] = 255;
    expect(outlinePath(one)).toBe('M1.5 1L2 1.5L1.5 2L1 1.5Z');
    expect(outlinePath(emptyMask(3, 3))).toBe('');
  });

  it('strays less than a pixel from the border', () => {
    const points = [{ x: 20, y: 20, radius: 12 }];
    const disc = drawShape(emptyMask(40, 40), { kind: 'stroke', mode: 'paint', softness: 0, points });
    const corners = outlinePath(disc)
      .slice(1, -1)
      .split('L')
      .map((point) => point.split(' ').map(Number));
    const distances = corners.map(([x = 0, y = 0]) => Math.hypot(x - 20, y - 20));
    expect(Math.min(...distances)).toBeGreaterThan(11);
    expect(Math.max(...distances)).toBeLessThan(13);
  });

  it('of a soft region is drawn at any weight', () => {
    fc.assert(
      fc.property(mask, fc.constantFrom(1, 128, 255), (region, least) => {
        const soft = {
          ...region,
          data: region.data.map((value, at) => (value === 0 ? 0 : 1 + ((at * 37) % 255))),
        };
        const hard = { ...soft, data: soft.data.map((value) => (value >= least ? 255 : 0)) };
        expect(outlinePath(soft, least)).toBe(outlinePath(hard));
      }),
    );
  });

  it('keeps pixels apart that touch only at a corner', () => {
    const two = emptyMask(2, 2);
    two.data.set([255, 0, 0, 255]);
    expect(traceLoops(two)).toHaveLength(2);
  });
});
