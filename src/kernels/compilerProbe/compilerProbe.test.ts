import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestDevice, type TestDevice } from '../testing/device.ts';
import { probeCompiler } from './compilerProbe.ts';

let gpu: TestDevice;

beforeAll(async () => {
  gpu = await openTestDevice();
});
afterAll(() => gpu.close());

describe('the compiler probe', () => {
  it('sees the fault of the pinned compiler on Vulkan, and that initialisers avoid it', async () => {
    const isFaulty = process.platform === 'linux';
    expect(await probeCompiler(gpu.device)).toEqual({
      clearsLoopVariables: !isFaulty,
      keepsInitialisers: true,
    });
  });
});
