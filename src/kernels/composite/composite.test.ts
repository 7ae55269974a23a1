import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestDevice, type TestDevice } from '../testing/device.ts';
import { isSentinel, submitPass, withBuffers } from '../testing/guarded.ts';
import { testValues } from '../testValues.ts';
import { compositeReference } from './composite.reference.ts';
import {
  createComposite,
  encodeComposite,
  planComposite,
  type CompositeKernel,
  type CompositeShape,
} from './composite.ts';

interface Pictures {
  readonly width: number;
  readonly height: number;
  readonly limits: CompositeShape['limits'];
  readonly planar: Float32Array<ArrayBuffer>;
  readonly unedited: Uint8Array<ArrayBuffer>;
  readonly earlier: Uint8Array<ArrayBuffer>;
  readonly mask: Uint8Array<ArrayBuffer> | undefined;
}

/** RGBA bytes. */
interface Composed {
  readonly made: Uint8Array;
  readonly shown: Uint8Array;
}

let gpu: TestDevice;
let kernel: CompositeKernel;

beforeAll(async () => {
  gpu = await openTestDevice();
  kernel = await createComposite(gpu.device);
});
afterAll(() => gpu.close());

const wordsOf = (bytes: Uint8Array): Uint32Array<ArrayBuffer> => {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  return new Uint32Array(padded.buffer);
};

async function run({ mask, ...pictures }: Pictures): Promise<Composed> {
  const plan = planComposite({ ...pictures, isMasked: mask !== undefined });
  const area = pictures.width * pictures.height;
  return withBuffers(gpu.device, async ({ input, params, output, read }) => {
    const [made, shown, ramp, spread] = [output(area), output(area), output(area), output(area)];
    submitPass(gpu.device, (pass) =>
      encodeComposite(kernel, pass, plan, {
        params: params(plan.params),
        planar: input(pictures.planar),
        unedited: input(wordsOf(pictures.unedited)),
        earlier: input(wordsOf(pictures.earlier)),
        ...(mask && { mask: input(wordsOf(mask)) }),
        made,
        ramp,
        spread,
        output: shown,
      }),
    );
    const bytes = async (buffer: GPUBuffer): Promise<Uint8Array> => {
      const { values, isGuardIntact } = await read(buffer);
      expect(isGuardIntact).toBe(true);
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
    };
    const weights = await read(ramp);
    expect(
      weights.isGuardIntact && weights.values.every(isSentinel) === (plan.shape.limits === undefined),
    ).toBe(true);
    return { made: await bytes(made), shown: await bytes(shown) };
  });
}

const bytesOf = (seed: number, length: number, from: number, levels: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(testValues(seed, length, 0.5), (value) => from + Math.floor((value + 0.5) * levels));

/** Pictures in which a box was edited, so that every weight from 0 to 1 occurs. */
const edits: fc.Arbitrary<Pictures> = fc
  .record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 }),
    seed: fc.integer({ min: 0, max: 2 ** 30 }),
    limits: fc.option(fc.constantFrom({ keptBelow: 8, takenFrom: 24 }, { keptBelow: 0, takenFrom: 7 }), {
      nil: undefined,
    }),
    isMasked: fc.boolean(),
    box: fc.integer({ min: 0, max: 20 }),
  })
  .map(({ width, height, seed, limits, isMasked, box }) => {
    const area = width * height;
    const unedited = bytesOf(seed, 4 * area, 80, 60);
    const noise = testValues(seed + 1, 3 * area, 6 / 127.5);
    const planar = noise.map((value, i) => {
      const pixel = i % area;
      const isEdited = pixel % width < box && Math.floor(pixel / width) < box;
      const before = (unedited[pixel * 4 + Math.floor(i / area)] ?? 0) / 127.5 - 1;
      return before + value + (isEdited ? 1.3 : 0);
    });
    const mask = isMasked ? bytesOf(seed + 3, area, -100, 400) : undefined;
    return { width, height, limits, planar, unedited, earlier: bytesOf(seed + 2, 4 * area, 0, 256), mask };
  });

/** The colours of RGBA bytes. */
const coloursOf = (bytes: Uint8Array): readonly number[] =>
  Array.from(bytes).filter((_, index) => index % 4 !== 3);

describe('composite', () => {
  it('equals the float64 reference up to ties of rounding, opaque, and writes nowhere else', async () => {
    await fc.assert(
      fc.asyncProperty(edits, async (pictures) => {
        const { made, shown } = await run(pictures);
        expect(
          [...made, ...shown].filter((_, index) => index % 4 === 3).every((alpha) => alpha === 255),
        ).toBe(true);
        const reference = compositeReference(pictures);
        // 127.5 times a number of size 2 carries a few roundings of 2^-24: 1e-4 about a tie may fall either way.
        expect(worst(coloursOf(made), reference.made)).toBeLessThanOrEqual(1);
        // A byte that fell otherwise moves a mixture by at most itself, and its neighbours' weights a little.
        const mixture = compositeReference({ ...pictures, planar: planarOf(made) });
        expect(worst(coloursOf(shown), mixture.shown)).toBeLessThan(
          pictures.mask === undefined ? 0.501 : 1.501,
        );
      }),
      { numRuns: 30 },
    );
  });

  it('keeps the earlier picture byte for byte outside the region and where only noise differs', async () => {
    await fc.assert(
      fc.asyncProperty(edits, async (pictures) => {
        const { mask = new Uint8Array(pictures.width * pictures.height) } = pictures;
        const { shown } = await run({ ...pictures, mask });
        const colours = coloursOf(shown);
        const before = coloursOf(pictures.earlier);
        expect(colours.every((value, i) => mask[Math.floor(i / 3)] !== 0 || value === before[i])).toBe(true);
        const limits = { keptBelow: 255, takenFrom: 256 };
        const unchanged = await run({ ...pictures, mask: undefined, limits });
        expect(coloursOf(unchanged.shown)).toEqual(before);
      }),
      { numRuns: 15 },
    );
  });

  it('takes the made picture as it is where nothing is to be kept', async () => {
    await fc.assert(
      fc.asyncProperty(edits, async (pictures) => {
        const { made, shown } = await run({ ...pictures, limits: undefined, mask: undefined });
        expect(shown).toEqual(made);
      }),
      { numRuns: 10 },
    );
  });

  it('clamps what lies outside the range, and shows with an alpha of 0 what is not a number', async () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38, -3, 0.25];
    const planar = Float32Array.from([...odd, ...odd.map(() => 0), ...odd.map(() => 0)]);
    const none = new Uint8Array(4 * odd.length);
    const shape = { width: odd.length, height: 1, limits: undefined, mask: undefined };
    const { made, shown } = await run({ ...shape, planar, unedited: none, earlier: none });
    expect(Array.from(made).filter((_, index) => index % 4 === 3)).toEqual([0, 0, 0, 255, 255, 255]);
    expect([made[12], made[16], made[20]]).toEqual([255, 0, 159]);
    expect(shown).toEqual(made);
  });

  it('says which limits or buffers do not fit', async () => {
    const shape = { width: 4, height: 4, limits: { keptBelow: 8, takenFrom: 24 }, isMasked: false };
    expect(() => planComposite({ ...shape, limits: { keptBelow: 8, takenFrom: 8 } })).toThrow(
      'but are 8 and 8',
    );
    expect(() => planComposite({ ...shape, width: 0 })).toThrow('composite: width');
    const plan = planComposite(shape);
    await withBuffers(gpu.device, async ({ params, output }) => {
      const [planar, made, ramp, spread, shown] = [
        output(48),
        output(16),
        output(16),
        output(16),
        output(16),
      ];
      submitPass(gpu.device, (pass) => {
        const buffers = { params: params(plan.params), planar, made, ramp, spread, output: shown };
        expect(() => encodeComposite(kernel, pass, plan, buffers)).toThrow('"unedited" must be bound');
      });
    });
  });
});

function worst(actual: readonly number[], expected: Float64Array): number {
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (actual[i] ?? Number.NaN))), 0);
}

/** The planar numbers of which exactly these bytes are made. */
function planarOf(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const area = bytes.length / 4;
  return Float32Array.from(
    { length: 3 * area },
    (_, i) => (bytes[(i % area) * 4 + Math.floor(i / area)] ?? 0) / 127.5 - 1,
  );
}
