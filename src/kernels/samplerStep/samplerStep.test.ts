import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestDevice, type TestDevice } from '../testing/device.ts';
import { submitPass, withBuffers, worstRatio, type Outcome } from '../testing/guarded.ts';
import { testValues } from '../testValues.ts';
import { samplerStepReference } from './samplerStep.reference.ts';
import {
  checkSamplerStep,
  createSamplerStep,
  encodeSamplerStep,
  planSamplerStep,
  type SamplerStepKernel,
} from './samplerStep.ts';

/** Half a unit in the last place of 1: the error of one rounding to float32. */
const ROUNDING = 2 ** -24;

type Values = Float32Array<ArrayBuffer>;

interface Step {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly t: number;
  readonly u: number;
  readonly guidance: number;
  readonly latent: Values;
  readonly cleanCond: Values;
  readonly cleanUncond?: Values;
  readonly kept?: { readonly mask: Values; readonly previous: Values; readonly noise: Values };
}

let gpu: TestDevice;
let kernel: SamplerStepKernel;

beforeAll(async () => {
  gpu = await openTestDevice();
  kernel = await createSamplerStep(gpu.device);
});
afterAll(() => gpu.close());

async function run(step: Step, isInPlace = false): Promise<Outcome> {
  const { cleanUncond, kept } = step;
  const plan = planSamplerStep({
    ...step,
    isGuided: cleanUncond !== undefined,
    isMasked: kept !== undefined,
  });
  return withBuffers(gpu.device, async ({ input, params, output, read }) => {
    const { length } = step.latent;
    const result = isInPlace ? output(length, step.latent) : output(length);
    submitPass(gpu.device, (pass) =>
      encodeSamplerStep(kernel, pass, plan, {
        params: params(plan.params),
        latent: isInPlace ? result : input(step.latent),
        cleanCond: input(step.cleanCond),
        ...(cleanUncond && { cleanUncond: input(cleanUncond) }),
        ...(kept && {
          kept: { mask: input(kept.mask), previous: input(kept.previous), noise: input(kept.noise) },
        }),
        output: result,
      }),
    );
    return read(result);
  });
}

const steps: fc.Arbitrary<Step> = fc
  .record({
    channels: fc.integer({ min: 1, max: 9 }),
    height: fc.integer({ min: 1, max: 17 }),
    width: fc.integer({ min: 1, max: 17 }),
    seed: fc.integer({ min: 0, max: 2 ** 30 }),
    times: fc
      .tuple(fc.integer({ min: 0, max: 98 }), fc.integer({ min: 1, max: 100 }))
      .filter(([t, u]) => t < u),
    guidance: fc.double({ min: 0, max: 8, noNaN: true }),
    isGuided: fc.boolean(),
    isMasked: fc.boolean(),
  })
  .map(({ channels, height, width, seed, times: [t, u], guidance, isGuided, isMasked }) => {
    const length = channels * height * width;
    return {
      channels,
      height,
      width,
      guidance,
      t: t / 100,
      u: u / 100,
      latent: testValues(seed, length, 3),
      cleanCond: testValues(seed + 1, length, 2),
      ...(isGuided && { cleanUncond: testValues(seed + 2, length, 2) }),
      ...(isMasked && {
        kept: {
          mask: testValues(seed + 3, height * width).map((value) => (value > 0 ? value : 0)),
          previous: testValues(seed + 4, length, 2),
          noise: testValues(seed + 5, length, 3),
        },
      }),
    };
  });

function isKept(step: Step, index: number): boolean {
  return step.kept?.mask[index % (step.height * step.width)] === 0;
}

/**
 * With G = |uncond| + w (|cond| + |uncond|), guidance makes 4 roundings of G; the difference to the latent
 * one more, the step size and its product 2, the last sum 1, of G + |latent| as the step is at most 1.
 * A kept cell has 4 roundings (u, 1 - u, products, sum).
 */
function boundOf(step: Step): (index: number) => number {
  const size = (values: Values | undefined, index: number) => Math.abs(values?.[index] ?? 0);
  return (i) => {
    if (isKept(step, i))
      return 4 * ROUNDING * (size(step.kept?.previous, i) + size(step.kept?.noise, i)) + 1e-37;
    const clean =
      size(step.cleanUncond, i) + step.guidance * (size(step.cleanCond, i) + size(step.cleanUncond, i));
    return 8 * ROUNDING * (clean + size(step.cleanCond, i) + size(step.latent, i)) + 1e-37;
  };
}

describe('samplerStep', () => {
  it('equals the float64 reference and writes nowhere else, for all steps', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (step) => {
        const { values, isGuardIntact } = await run(step);
        expect(worstRatio(values, samplerStepReference(step), boundOf(step))).toBeLessThan(1);
        expect(isGuardIntact).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same bits in place', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (step) => {
        expect(await run(step, true)).toEqual(await run(step));
      }),
      { numRuns: 15 },
    );
  });

  it('returns the clean prediction at the end, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async ({ cleanUncond: _uncond, kept: _kept, ...step }) => {
        expect((await run({ ...step, u: 1 })).values).toEqual(step.cleanCond);
      }),
      { numRuns: 10 },
    );
  });

  it('ignores the branch without instruction at guidance 1, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (step) => {
        const { cleanUncond: _uncond, ...unguided } = step;
        const anything = testValues(77, step.latent.length, 1e6);
        expect(await run({ ...step, guidance: 1, cleanUncond: anything })).toEqual(await run(unguided));
      }),
      { numRuns: 10 },
    );
  });

  it('keeps masked cells whatever the network predicts, and at the end exactly as they were', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (step) => {
        const length = step.latent.length;
        const kept = step.kept ?? {
          mask: new Float32Array(step.height * step.width),
          previous: testValues(1, length),
          noise: testValues(2, length),
        };
        const nonsense = new Float32Array(length).fill(Number.NaN);
        const { values } = await run({ ...step, u: 1, kept, latent: nonsense, cleanCond: nonsense });
        const expected = kept.previous.map((value, i) => (isKept({ ...step, kept }, i) ? value : Number.NaN));
        expect(values).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });

  it('says which times or buffers do not fit', async () => {
    const shape = {
      channels: 1,
      height: 2,
      width: 2,
      t: 0.5,
      u: 0.75,
      guidance: 2,
      isGuided: true,
      isMasked: false,
    };
    expect(() => checkSamplerStep({ ...shape, u: 0.5 })).toThrow('but t is 0.5 and u is 0.5');
    expect(() => planSamplerStep({ ...shape, guidance: Number.NaN })).toThrow('"guidance" is NaN');
    const plan = planSamplerStep(shape);
    await withBuffers(gpu.device, async ({ input, params }) => {
      const four = input(new Float32Array(4));
      submitPass(gpu.device, (pass) => {
        const encode = () =>
          encodeSamplerStep(kernel, pass, plan, {
            params: params(plan.params),
            cleanCond: four,
            output: four,
          });
        expect(encode).toThrow('"cleanUncond" must be bound');
      });
    });
  });
});
