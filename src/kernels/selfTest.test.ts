import { afterAll, describe, expect, it } from 'vitest';

import { createAttention } from './attention/attention.ts';
import { createQkNormRope } from './qkNormRope/qkNormRope.ts';
import { runSelfTest } from './selfTest.ts';
import { buildsHere } from './testing/builds.ts';
import { openTestDevice } from './testing/device.ts';

const gpu = await openTestDevice();
afterAll(() => gpu.close());

describe('the self test', () => {
  it.each(
    buildsHere(gpu, [
      { headDim: 64 },
      { headDim: 128, splits: 2, isShuffling: true },
      { headDim: 64, isHalf: true, splits: 3 },
      { headDim: 128, isHalf: true },
      { headDim: 128, isHalf: true, isNativeHalf: true },
    ]),
  )('passes on a device that computes right: %o', async (options) => {
    const qkNormRope = await createQkNormRope(gpu.device, options.headDim, options.isHalf);
    const { passed, maxError } = await runSelfTest(qkNormRope, await createAttention(gpu.device, options));
    expect(passed).toBe(true);
    expect(maxError).toBeGreaterThan(0);
  });

  it('fails when a pipeline is not the one that it should be', async () => {
    const qkNormRope = await createQkNormRope(gpu.device, 64);
    const attention = await createAttention(gpu.device, { headDim: 64 });
    // Half the threads of a row norm: the kernel runs without complaint and computes something else.
    const narrow = await createQkNormRope(gpu.device, 32);
    const { passed } = await runSelfTest({ ...qkNormRope, pipeline: narrow.pipeline }, attention);
    expect(passed).toBe(false);
  });
});
