import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { differenceMap, measureDifference } from './difference.ts';

const WIDTH = 5;
const HEIGHT = 4;
const BYTES = WIDTH * HEIGHT * 4;
const picture = fc
  .uint8Array({ minLength: BYTES, maxLength: BYTES })
  .map((bytes) => ({ width: WIDTH, height: HEIGHT, data: new Uint8ClampedArray(bytes) }));
const mask = fc
  .array(fc.constantFrom(0, 255), { minLength: WIDTH * HEIGHT, maxLength: WIDTH * HEIGHT })
  .map((values) => ({ width: WIDTH, height: HEIGHT, data: Uint8Array.from(values) }));

describe('the difference of two pictures', () => {
  it('is nothing between a picture and itself', () => {
    fc.assert(
      fc.property(picture, mask, (a, region) => {
        const found = measureDifference(a, a, region);
        expect(found).toEqual({ mean: 0, changedOutside: 0, visibleShare: 0, visibleInside: 0 });
        const [red, green, blue, alpha] = differenceMap(a, a).data;
        expect([red, green, blue, alpha]).toEqual([0x10, 0x12, 0x12, 255]);
      }),
    );
  });

  it('is the same both ways, and a region splits what changed between inside and outside', () => {
    fc.assert(
      fc.property(picture, picture, mask, (a, b, region) => {
        const found = measureDifference(a, b, region);
        expect(measureDifference(b, a, region)).toEqual(found);
        const inverted = { ...region, data: region.data.map((value) => 255 - value) };
        const everywhere = { ...region, data: region.data.map(() => 0) };
        expect(found.changedOutside + measureDifference(a, b, inverted).changedOutside).toBe(
          measureDifference(a, b, everywhere).changedOutside,
        );
        expect(measureDifference(a, b)).toEqual({ ...found, changedOutside: 0, visibleInside: 0 });
        const all = { ...region, data: region.data.map(() => 255) };
        expect(measureDifference(a, b, all).visibleInside).toBe(found.visibleShare);
      }),
    );
  });

  it('finds nothing outside when only the region was painted', () => {
    fc.assert(
      fc.property(picture, picture, mask, (a, b, region) => {
        const pasted = new Uint8ClampedArray(a.data);
        region.data.forEach((value, pixel) => {
          if (value !== 0) pasted.set(b.data.subarray(pixel * 4, pixel * 4 + 4), pixel * 4);
        });
        expect(measureDifference(a, { ...a, data: pasted }, region).changedOutside).toBe(0);
      }),
    );
  });

  it('is one between black and white', () => {
    const black = { width: 1, height: 1, data: Uint8ClampedArray.of(0, 0, 0, 255) };
    const white = { width: 1, height: 1, data: Uint8ClampedArray.of(255, 255, 255, 255) };
    expect(measureDifference(black, white).mean).toBe(1);
    expect([...differenceMap(black, white).data]).toEqual([0xff, 0xfa, 0xe6, 255]);
  });

  it('is not seen where it is small, and is seen from 16 levels on', () => {
    const grey = (level: number) => ({
      width: 1,
      height: 1,
      data: Uint8ClampedArray.of(100, level, 100, 255),
    });
    const seen = [100, 101, 115, 116, 84, 200].map(
      (level) => measureDifference(grey(100), grey(level)).visibleShare,
    );
    expect(seen).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it('refuses pictures of different sizes', () => {
    const one = { width: 1, height: 1, data: new Uint8ClampedArray(4) };
    const two = { width: 2, height: 1, data: new Uint8ClampedArray(8) };
    expect(() => measureDifference(one, two)).toThrow('Pictures of different sizes: 1 x 1 and 2 x 1.');
  });
});
