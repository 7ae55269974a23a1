import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ModelManifest } from '../../runtime/contract.ts';
import { hasFrameShape, nearestFrame, placePicture } from './pictureFile.ts';

const size = fc.record({
  width: fc.integer({ min: 1, max: 9000 }),
  height: fc.integer({ min: 1, max: 9000 }),
});
const FRAME = { width: 256, height: 192 };

describe('choosing among the sizes of a model', () => {
  const frame = { width: 256, height: 256 } as ModelManifest['frame'];
  const frames = [
    { width: 320, height: 192 },
    { width: 192, height: 320 },
  ];

  it('takes the one of the nearest shape, whatever the scale', () => {
    const chosen = ([width, height]: readonly [number, number]): readonly number[] => {
      const { width: across, height: down } = nearestFrame({ width, height }, { frame, frames });
      return [across, down];
    };
    const pictures = [
      [4000, 4000],
      [1920, 1080],
      [1080, 1920],
      [1200, 1000],
      [100, 60],
    ] as const;
    expect(pictures.map(chosen)).toEqual([
      [256, 256],
      [320, 192],
      [192, 320],
      [256, 256],
      [320, 192],
    ]);
    expect(nearestFrame({ width: 1920, height: 1080 }, { frame })).toBe(frame);
  });

  it('never leaves a size that is nearer', () => {
    fc.assert(
      fc.property(size, (picture) => {
        const best = nearestFrame(picture, { frame, frames });
        const lost = (of: { width: number; height: number }): number => {
          const { from } = placePicture(picture, of, 'cut');
          return 1 - (from.width * from.height) / (picture.width * picture.height);
        };
        for (const other of [frame, ...frames]) expect(lost(best)).toBeLessThanOrEqual(lost(other) + 1e-9);
      }),
    );
  });
});

describe('fitting a picture to the frame', () => {
  it('keeps its proportions and its middle', () => {
    fc.assert(
      fc.property(size, fc.constantFrom('cut' as const, 'bars' as const), (picture, mode) => {
        const { from, to } = placePicture(picture, FRAME, mode);
        expect(to.width / from.width).toBeCloseTo(to.height / from.height, 6);
        expect(from.x + from.width / 2).toBeCloseTo(picture.width / 2, 6);
        expect(to.y + to.height / 2).toBeCloseTo(FRAME.height / 2, 6);
      }),
    );
  });

  it('fills the whole frame when cut and shows the whole picture with bars', () => {
    fc.assert(
      fc.property(size, (picture) => {
        const cut = placePicture(picture, FRAME, 'cut').to;
        expect(cut.width).toBeCloseTo(FRAME.width, 6);
        expect(cut.height).toBeCloseTo(FRAME.height, 6);
        const bars = placePicture(picture, FRAME, 'bars').from;
        expect(bars.width).toBeCloseTo(picture.width, 6);
        expect(bars.height).toBeCloseTo(picture.height, 6);
      }),
    );
  });

  it('asks nothing for a picture of the frame shape', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), (scale) => {
        expect(hasFrameShape({ width: 4 * scale, height: 3 * scale }, FRAME)).toBe(true);
        expect(hasFrameShape({ width: 3 * scale, height: 4 * scale }, FRAME)).toBe(false);
      }),
    );
  });
});
