import fc from 'fast-check';
import { expect, test } from 'vitest';

import { widenFloat16 } from './float16.ts';

/** The value of a float16 by its definition. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >>> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

test('widens all 65,536 float16 numbers exactly', () => {
  const halves = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
  const widened = new Float32Array(widenFloat16(new Uint8Array(halves.buffer)).buffer);
  expect(widened).toEqual(Float32Array.from(halves, halfValue));
});

test('widens bytes that do not begin at an even address', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0x7bff }), { maxLength: 9 }), (values) => {
      const aligned = new Uint8Array(Uint16Array.from(values).buffer);
      const shifted = new Uint8Array(aligned.length + 1);
      shifted.set(aligned, 1);
      expect(widenFloat16(shifted.subarray(1))).toEqual(widenFloat16(aligned));
    }),
  );
});
