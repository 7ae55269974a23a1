import fc from 'fast-check';
import { expect, test } from 'vitest';

import { must } from '../testing/must.ts';
import { contactSheet, shrunk } from './contactSheet.ts';
import { type PngImage, decodePng } from './png.ts';

function flat(width: number, height: number, value: number): PngImage {
  return { width, height, channels: 4, data: new Uint8Array(width * height * 4).fill(value) };
}

test('every picture stands on the sheet in order, none over another, and the rest is white', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 17 }), (count) => {
      // Each in a value of its own, none of them white.
      const sheet = decodePng(
        must(contactSheet(Array.from({ length: count }, (_, index) => flat(9, 5, index + 1)))),
      );
      const places = Array.from({ length: count }, () => [] as number[]);
      for (let pixel = 0; pixel < sheet.width * sheet.height; pixel += 1) {
        const value = must(sheet.data[pixel * 4]);
        if (value !== 255) must(places[value - 1]).push(pixel);
      }
      expect(places.map(({ length }) => length)).toEqual(places.map(() => 45));
      expect(places.map(([first]) => first)).toEqual(
        places.map(([first]) => first).toSorted((a, b) => Number(a) - Number(b)),
      );
    }),
    { numRuns: 17 },
  );
  expect(contactSheet([])).toBeNull();
});

test('a large picture is made smaller by a whole number, each pixel the mean of those it stands for', () => {
  const data = Uint8Array.from({ length: 6 * 4 * 4 }, (_, at) => (Math.floor(at / 4) % 2 === 0 ? 100 : 50));
  expect(shrunk({ width: 6, height: 4, channels: 4, data }, 3)).toEqual({
    width: 3,
    height: 2,
    channels: 4,
    data: new Uint8Array(3 * 2 * 4).fill(75),
  });
  const small = flat(3, 3, 7);
  expect(shrunk(small, 3)).toBe(small);
});
