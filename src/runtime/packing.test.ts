import fc from 'fast-check';
import { expect, test } from 'vitest';

import { axisThetas, placeSegments, rotationTables, segmentPositions } from './packing.ts';
import { openFixture, tiny } from './testing/tiny.ts';

const frame = { width: 96, height: 64, latentChannels: 4, latentDownsample: 16, patch: 2, tokens: 8 };
const axisDims = [6, 2, 28, 28] as const;

test('places segments one after another; a picture moves the sequence by one, words by one each', () => {
  const kinds = [
    { kind: 'vision', tokens: 8 },
    { kind: 'text', tokens: 3 },
    { kind: 'vision', tokens: 8 },
  ] as const;
  expect(placeSegments(kinds)).toEqual([
    { kind: 'vision', tokens: 8, start: 0, sequence: 0, t: 0 },
    { kind: 'text', tokens: 3, start: 8, sequence: 1, t: 0 },
    { kind: 'vision', tokens: 8, start: 11, sequence: 4, t: 0 },
  ]);
});

test('gives every token of a frame the time at which it stands in its clip', () => {
  const [first, second] = placeSegments([
    { kind: 'vision', tokens: 8 },
    { kind: 'vision', tokens: 8, t: 3 },
  ]).map((segment) => segmentPositions(segment, frame));
  expect(second).toEqual(first?.map(([, , h, w]) => [1, 3, h, w]));
});

test('gives words their place in the sequence and no place in the frame', () => {
  const text = { kind: 'text', start: 8, tokens: 2, sequence: 5, t: 0 } as const;
  expect(segmentPositions(text, frame)).toEqual([
    [5, 0, 0, 0],
    [6, 0, 0, 0],
  ]);
});

test('gives patches the pixel of their top left corner, row by row, between two end tokens', () => {
  expect(segmentPositions({ kind: 'vision', start: 0, tokens: 8, sequence: 2, t: 0 }, frame)).toEqual([
    [2, 0, 0, 0],
    [2, 0, 0, 0],
    [2, 0, 0, 32],
    [2, 0, 0, 64],
    [2, 0, 32, 0],
    [2, 0, 32, 32],
    [2, 0, 32, 64],
    [2, 0, 0, 0],
  ]);
});

test('turns each axis by position times falling frequencies, in the order s, t, h, w', () => {
  const { cos, sin } = rotationTables([[2, 3, 5, 7]], axisDims, [10_000, 10_000, 10_000, 10_000]);
  const angles = [
    ...[0, 1, 2].map((i) => 2 * 10_000 ** (-i / 3)),
    3,
    ...Array.from({ length: 14 }, (_, i) => 5 * 10_000 ** (-i / 14)),
    ...Array.from({ length: 14 }, (_, i) => 7 * 10_000 ** (-i / 14)),
  ];
  expect(cos).toEqual(Float32Array.from(angles, Math.cos));
  expect(sin).toEqual(Float32Array.from(angles, Math.sin));
});

test('has one row of pairs per token, each on the unit circle', () => {
  const coordinate = fc.integer({ min: 0, max: 4096 });
  const positions = fc.array(fc.tuple(coordinate, coordinate, coordinate, coordinate), {
    minLength: 1,
    maxLength: 20,
  });
  fc.assert(
    fc.property(positions, (list) => {
      const { cos, sin } = rotationTables(list, axisDims, [10_000, 9000, 8000, 7000]);
      expect(cos).toHaveLength(list.length * 32);
      // Both were rounded to float32 once: 2^-25 each relative to at most 1, squared and added.
      cos.forEach((c, index) => expect(Math.abs(c ** 2 + (sin[index] ?? 0) ** 2 - 1)).toBeLessThan(2 ** -22));
    }),
  );
});

test('stretches the rotation of an axis only where frames reach farther than those of training', () => {
  expect(axisThetas(tiny.manifest())).toEqual([10_000, 10_000, 10_000, 10_000]);
  const { architecture, frame } = openFixture('oblong').manifest();
  expect(frame).toMatchObject({ width: 96, height: 72, trained: { width: 72, height: 72 } });
  const [s, t, h, w] = axisThetas({ architecture, frame });
  expect([s, t, h]).toEqual([2000, 2000, 2000]);
  // The slowest of 16 pairs turns 96/72 times more slowly.
  expect((w / 2000) ** (-15 / 16)).toBeCloseTo(72 / 96, 12);
  const smaller = { ...frame, trained: { width: 192, height: 144 } };
  expect(axisThetas({ architecture, frame: smaller })).toEqual([2000, 2000, 2000, 2000]);
});
