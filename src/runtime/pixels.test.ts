import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { MaskPixels, Pixels } from './contract.ts';
import {
  boundingRegion,
  checkFrameSize,
  fromPlanar,
  maskFromPixels,
  maskToLatentCells,
  maskToPixels,
  maskToPlanar,
  pasteRegion,
  psnrDb,
  toPlanar,
} from './pixels.ts';

const byte = fc.integer({ min: 0, max: 255 });

function pictures(width: number, height: number): fc.Arbitrary<Pixels> {
  const length = width * height * 4;
  return fc
    .array(byte, { minLength: length, maxLength: length })
    .map((data) => ({ width, height, data: Uint8ClampedArray.from(data) }));
}

function masks(width: number, height: number): fc.Arbitrary<MaskPixels> {
  const length = width * height;
  return fc
    .array(byte, { minLength: length, maxLength: length })
    .map((data) => ({ width, height, data: Uint8Array.from(data) }));
}

test('brings every colour back unchanged, opaque', () => {
  fc.assert(
    fc.property(pictures(3, 2), (picture) => {
      const opaque = picture.data.map((value, index) => (index % 4 === 3 ? 255 : value));
      expect(fromPlanar(toPlanar(picture), 3, 2).data).toEqual(opaque);
    }),
  );
});

test('puts black at -1, white at 1, channels one after another', () => {
  const data = Uint8ClampedArray.from([255, 0, 0, 9, 0, 255, 255, 9]);
  expect([...toPlanar({ width: 2, height: 1, data })]).toEqual([1, -1, -1, 1, -1, 1]);
});

test('clamps what the decoder puts outside the range', () => {
  expect([...fromPlanar(Float32Array.from([-1.5, 1.5, 0]), 1, 1).data]).toEqual([0, 255, 128, 255]);
});

test('shows a mask as white on black in all three channels', () => {
  const mask = { width: 2, height: 1, data: Uint8Array.from([127, 128]) };
  expect([...maskToPlanar(mask)]).toEqual([-1, 1, -1, 1, -1, 1]);
});

test('reads a region back from its picture, and takes mid grey for inside', () => {
  fc.assert(
    fc.property(masks(3, 2), (mask) => {
      const data = mask.data.map((value) => (value > 127 ? 255 : 0));
      expect(maskFromPixels(maskToPixels(mask))).toEqual({ ...mask, data });
    }),
  );
  const greys = Uint8ClampedArray.from([128, 128, 128, 255, 0, 128, 255, 255, 255, 0, 129, 0]);
  expect([...maskFromPixels({ width: 3, height: 1, data: greys }).data]).toEqual([255, 0, 255]);
});

test('bounds an edit by the drawn region, and in it by the other two as far as they leave anything', () => {
  const optional = fc.option(masks(2, 2), { nil: undefined });
  fc.assert(
    fc.property(optional, optional, optional, (drawn, now, next) => {
      const isIn = (mask: MaskPixels | undefined, at: number): boolean => (mask?.data[at] ?? 0) > 127;
      const inUnion = [0, 1, 2, 3].map(
        (at) => (isIn(now, at) || isIn(next, at)) && (drawn === undefined || isIn(drawn, at)),
      );
      const inDrawn = drawn && [0, 1, 2, 3].map((at) => isIn(drawn, at));
      const bounds = boundingRegion({ ...(drawn && { drawn }), ...(now && { now }), ...(next && { next }) });
      const found = bounds && [0, 1, 2, 3].map((at) => isIn(bounds, at));
      expect(found).toEqual(inUnion.includes(true) ? inUnion : inDrawn);
      // No pixel may change more than the drawn region, with its soft edge, lets it.
      const most = [0, 1, 2, 3].map((at) => drawn?.data[at] ?? 255);
      expect(bounds?.data.every((value, at) => value === 0 || value === most[at])).not.toBe(false);
    }),
  );
});

test('opens exactly the cells that hold a pixel of the region', () => {
  fc.assert(
    fc.property(masks(6, 4), (mask) => {
      const inside = (x: number, y: number): boolean => (mask.data[y * 6 + x] ?? 0) > 127;
      const expected = [0, 2].flatMap((y) =>
        [0, 2, 4].map((x) =>
          inside(x, y) || inside(x + 1, y) || inside(x, y + 1) || inside(x + 1, y + 1) ? 1 : 0,
        ),
      );
      expect([...maskToLatentCells(mask, 2)]).toEqual(expected);
    }),
  );
});

test('changes no byte outside the region, takes every byte inside it and blends where its edge is soft', () => {
  fc.assert(
    fc.property(pictures(3, 3), pictures(3, 3), masks(3, 3), (edited, earlier, mask) => {
      const { data } = pasteRegion(edited, earlier, mask);
      const expected = earlier.data.map((value, index) => {
        const weight = mask.data[Math.floor(index / 4)] ?? 0;
        if (weight === 0) return value;
        if (weight === 255) return edited.data[index] ?? 0;
        return Math.floor(value + ((edited.data[index] ?? 0) - value) * (weight / 255) + 0.5);
      });
      expect(data).toEqual(expected);
    }),
  );
});

test('measures equal pictures as infinitely close and ignores alpha', () => {
  const a = { width: 1, height: 1, data: Uint8ClampedArray.from([10, 20, 30, 0]) };
  expect(psnrDb(a, { ...a, data: Uint8ClampedArray.from([10, 20, 30, 255]) })).toBe(Number.POSITIVE_INFINITY);
  const b = { ...a, data: Uint8ClampedArray.from([13, 20, 30, 0]) };
  expect(psnrDb(a, b)).toBeCloseTo(10 * Math.log10(255 ** 2 / 3), 10);
});

test('says the size that a picture or mask must have', () => {
  const frame = { width: 2, height: 2, latentChannels: 1, latentDownsample: 1, patch: 1, tokens: 6 };
  expect(() => checkFrameSize({ width: 1, height: 2, data: { length: 8 } }, frame, 'picture')).toThrow(
    'The picture is 1x2 with 8 values; the model works on 2x2 (16 values). Scale it first.',
  );
  expect(() => checkFrameSize({ width: 2, height: 2, data: { length: 3 } }, frame, 'mask')).toThrow(
    'The mask is 2x2 with 3 values',
  );
});
