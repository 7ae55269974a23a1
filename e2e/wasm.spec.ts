import { expect } from '@playwright/test';

import { everywhere, largestDifference, psnrDb, readPng } from './pixels.ts';
import { makeFirstTurn, test } from './test.ts';

// Both compute in float32 and differ in the order of their sums alone; one level and 93 dB were measured.
const MOST_APART = 3;
const LEAST_PSNR_DB = 45;

test('makes the same picture on the processor as on WebGPU, and says where it runs', async ({
  page,
  session,
}) => {
  const onProcessor = await makeFirstTurn(page, '/?backend=wasm');
  expect(onProcessor.modelState).toBe('nano, ready on the processor');
  await expect(page.getByRole('complementary', { name: 'Turn 1' })).toContainText('Processor, WASM');
  expect(onProcessor.start).toEqual(session.start);

  const [webgpu, wasm] = [readPng(session.firstFrame), readPng(onProcessor.firstFrame)];
  const all = everywhere(webgpu);
  expect(largestDifference(webgpu, wasm, all)).toBeLessThanOrEqual(MOST_APART);
  expect(psnrDb(webgpu, wasm, all)).toBeGreaterThan(LEAST_PSNR_DB);
});
