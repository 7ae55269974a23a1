import fc from 'fast-check';
import { expect, test } from 'vitest';

import { planFile } from './chunkPlan.ts';
import { tiny } from './testing/tiny.ts';

test('covers every byte once, in order, with chunks of the given length and a shorter last one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 5000 }), fc.integer({ min: 1, max: 999 }), (bytes, chunkBytes) => {
      fc.pre(bytes > chunkBytes);
      const chunks = Array.from({ length: Math.ceil(bytes / chunkBytes) }, (_, index) => `hash ${index}`);
      const file = { path: 'w.bin', bytes, sha256: 'whole', chunks };
      const { parts } = planFile(file, { ...tiny.manifest(), chunkBytes });
      expect(parts.map(({ sha256 }) => sha256)).toEqual(chunks);
      expect(parts.map(({ start }) => start)).toEqual([0, ...parts.slice(0, -1).map(({ end }) => end)]);
      for (const { start, end } of parts.slice(0, -1)) expect(end - start).toBe(chunkBytes);
      const last = parts.at(-1);
      expect(last?.end).toBe(bytes);
      expect(bytes - (last?.start ?? 0)).toBeGreaterThan(0);
    }),
  );
});

test('takes a file without chunks as one chunk with the hash of the file', () => {
  const file = { path: 'w.bin', bytes: 9, sha256: 'whole' };
  const parts = [{ index: 0, start: 0, end: 9, sha256: 'whole' }];
  expect(planFile(file, tiny.manifest())).toEqual({ ...file, parts });
  expect(planFile(file, { ...tiny.manifest(), chunkBytes: 4096 })).toEqual({ ...file, parts });
});

test('plans files whose bytes no 32-bit number counts', () => {
  const chunkBytes = 2 ** 24;
  const bytes = 6 * 2 ** 30 + 1;
  const chunks = Array.from({ length: 385 }, (_, index) => `hash ${index}`);
  const { parts } = planFile(
    { path: 'w.bin', bytes, sha256: 'whole', chunks },
    { ...tiny.manifest(), chunkBytes },
  );
  expect(parts.at(-1)).toEqual({ index: 384, start: 6 * 2 ** 30, end: bytes, sha256: 'hash 384' });
});
