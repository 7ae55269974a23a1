import { describe, expect, it } from 'vitest';

import type { MaskPixels } from '../runtime/contract.ts';
import { transformMask } from './regions.ts';
import { readyRig } from './testing/editor.ts';
import { must } from './testing/must.ts';
import { paintSize } from './testing/paint.ts';

const [width, height] = [paintSize, paintSize];

/** The left half of the picture's upper row of pixels. */
const drawn: MaskPixels = {
  width,
  height,
  data: Uint8Array.from({ length: width * height }, (_, at) => (at < width / 2 ? 255 : 0)),
};

describe('moving the drawn region', () => {
  it('makes it the region now in one step of undo, so that it bounds the edit no longer', async () => {
    const rig = await readyRig();
    rig.actions.setMask(drawn);
    const before = rig.document().composer.regions;
    rig.actions.moveRegion({ dy: 2 });
    const { now, next, drawn: left } = rig.document().composer.regions;
    expect([left, now]).toEqual([null, { by: 'drawn', mask: before.drawn }]);
    const about = { x: width / 4, y: 0.5 };
    const move = { dx: 0, dy: 2, scale: 1, angle: 0, about };
    expect(next).toMatchObject({ by: 'moved', move });
    expect(rig.actions.maskOf(must(next).mask.hash)).toEqual(transformMask(drawn, move));
    rig.actions.undo();
    expect(rig.document().composer.regions).toEqual(before);
  });

  it('goes with all regions in one step, and comes back in one', async () => {
    const rig = await readyRig();
    rig.actions.setMask(drawn);
    rig.actions.moveRegion({ dy: 2 });
    rig.actions.setMask(drawn);
    const { regions } = rig.document().composer;
    rig.actions.clearRegions();
    expect(rig.document().composer.regions).toEqual({ drawn: null, now: null, next: null });
    rig.actions.undo();
    expect(rig.document().composer.regions).toEqual(regions);
  });

  it('goes on from where it is, and does nothing without a region', async () => {
    const rig = await readyRig();
    rig.actions.moveRegion({ dx: 1 });
    expect(rig.document().composer.regions).toEqual({ drawn: null, now: null, next: null });
    rig.actions.setMask(drawn);
    rig.actions.moveRegion({ dx: 1 });
    rig.actions.moveRegion({ angle: 90 });
    expect(rig.document().composer.regions.next).toMatchObject({ move: { dx: 1, angle: 90 } });
  });
});
