import fc from 'fast-check';
import { expect, test } from 'vitest';

import { packHalves, unpackHalves } from './halfFloats.ts';

test('every 16-bit pattern comes back as it was', () => {
  const words = Uint32Array.from({ length: 65_536 }, (_, bits) => bits + bits * 65_536);
  const isNumber = (bits: number): boolean => ((bits >> 10) & 31) !== 31;
  const again = packHalves(unpackHalves(words));
  expect(again.filter((_, bits) => isNumber(bits))).toEqual(words.filter((_, bits) => isNumber(bits)));
});

test('a number becomes the nearest, and none beyond the largest', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true }), (value) => {
      const [back = Number.NaN] = unpackHalves(packHalves(Float32Array.of(value, 0)));
      const inside = Math.max(-65_504, Math.min(65_504, value));
      expect(Math.abs(back - inside)).toBeLessThanOrEqual(Math.max(Math.abs(inside) * 2 ** -11, 2 ** -25));
    }),
  );
});
