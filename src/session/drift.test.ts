import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { MaskPixels, Pixels } from '../runtime/contract.ts';
import { measureDrift } from './drift.ts';
import { ableRig, flatPicture, leftMask, makeTurn } from './testing/editor.ts';
import { must } from './testing/must.ts';

const [width, height] = [4, 3];

const pictures: fc.Arbitrary<Pixels> = fc
  .uint8Array({ minLength: width * height * 4, maxLength: width * height * 4 })
  .map((data) => ({ width, height, data: new Uint8ClampedArray(data) }));

const regions: fc.Arbitrary<MaskPixels> = fc
  .array(fc.constantFrom(0, 40, 255), { minLength: width * height, maxLength: width * height })
  .map((data) => ({ width, height, data: Uint8Array.from(data) }));

/** `to` inside the region and `from` outside it. */
function within(from: Pixels, to: Pixels, region: MaskPixels): Pixels {
  const data = from.data.map((value, i) => ((region.data[i >> 2] ?? 0) > 0 ? (to.data[i] ?? 0) : value));
  return { ...from, data };
}

test('an edit that keeps to its region has no drift', () => {
  fc.assert(
    fc.property(pictures, pictures, regions, (before, made, region) => {
      const outsidePixels = region.data.filter((value) => value === 0).length;
      expect(measureDrift(before, within(before, made, region), region)).toEqual({
        changedPixels: 0,
        outsidePixels,
        meanOutside: 0,
        psnrDb: null,
      });
    }),
  );
});

test('counts each pixel outside that changed, and says by how much', () => {
  fc.assert(
    fc.property(
      pictures,
      regions,
      fc.integer({ min: 1, max: 100 }),
      fc.nat(11),
      (before, region, levels, at) => {
        fc.pre(region.data[at] === 0);
        const flat = { ...before, data: before.data.map((value) => Math.min(value, 100)) };
        const after = { ...flat, data: flat.data.slice() };
        after.data[at * 4 + 1] = (flat.data[at * 4 + 1] ?? 0) + levels;
        const { changedPixels, outsidePixels, meanOutside, psnrDb } = measureDrift(flat, after, region);
        expect(changedPixels).toBe(1);
        expect(meanOutside).toBeCloseTo(levels / 255 / (outsidePixels * 3), 12);
        expect(psnrDb).toBeCloseTo(10 * Math.log10((255 ** 2 * outsidePixels * 3) / levels ** 2), 9);
      },
    ),
  );
});

test('without a region only pixels that did not visibly change count', () => {
  fc.assert(
    fc.property(pictures, fc.array(fc.nat(60), { minLength: 12, maxLength: 12 }), (before, levels) => {
      const flat = { ...before, data: before.data.map((value) => Math.min(value, 100)) };
      const after = { ...flat, data: flat.data.map((value, i) => value + (levels[i >> 2] ?? 0)) };
      const small = levels.filter((level) => level < 16);
      expect(measureDrift(flat, after, null)).toMatchObject({
        changedPixels: small.filter((level) => level > 0).length,
        outsidePixels: small.length,
      });
    }),
  );
});

test('refuses pictures of two sizes', () => {
  const small = { width: 1, height: 1, data: new Uint8ClampedArray(4) };
  expect(() => measureDrift(flatPicture(1), small, null)).toThrow(RangeError);
});

test('every made picture is measured against the one it was made from and against the first one', async () => {
  const rig = await ableRig();
  rig.actions.setMask(leftMask(4));
  await makeTurn(rig, 'one');
  rig.actions.setMask(leftMask(2));
  await makeTurn(rig, 'two');
  const [one, two] = rig.document().turns.map(({ state }) => (state.status === 'done' ? state.result : null));
  expect(must(one).drift).toMatchObject({ step: { changedPixels: 0, outsidePixels: 32 } });
  expect(must(two).drift).toEqual({
    step: { changedPixels: 0, outsidePixels: 48, meanOutside: 0, psnrDb: null },
    // Outside of both regions together.
    original: { changedPixels: 0, outsidePixels: 32, meanOutside: 0, psnrDb: null },
  });
  await makeTurn(rig, 'three, everywhere');
  const third = must(rig.document().turns[2]).state;
  const { root } = rig.document();
  if (third.status !== 'done' || root.kind === 'words') throw new Error('not made');
  const pixels = (hash: typeof root.frame.hash): Pixels => must(rig.actions.pixelsOf(hash));
  expect(must(third.result.drift).original).toEqual(
    measureDrift(pixels(root.frame.hash), pixels(third.result.frame.hash), null),
  );
});
