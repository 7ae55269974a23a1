import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { sha256 } from './sha256.ts';

const reference = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('equals the SHA-256 of Node for every length around the block borders', () => {
  for (let length = 0; length <= 200; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 151 + length) & 255);
    expect(sha256(bytes)).toBe(reference(bytes));
  }
});

test('equals the SHA-256 of Node for any bytes, also in the middle of a larger buffer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.nat(100), (bytes, start) => {
      const part = bytes.subarray(Math.min(start, bytes.length));
      expect(sha256(part)).toBe(reference(part));
    }),
  );
});
