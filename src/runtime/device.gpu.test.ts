import { expect, test } from 'vitest';

import { createAttention } from '../kernels/attention/attention.ts';
import { attentionCandidates } from '../kernels/attention/chooseAttention.ts';
import { createQkNormRope } from '../kernels/qkNormRope/qkNormRope.ts';
import { runSelfTest } from '../kernels/selfTest.ts';
import { kernelFeaturesOf, openDevice } from './device.ts';
import { openNodeGpu } from './node/host.ts';

test('gives our kernels the features of the adapter that onnxruntime must not see', async () => {
  const gpu = openNodeGpu();
  const adapter = await gpu.requestAdapter();
  const opened = await openDevice(gpu);
  if (adapter === null || typeof opened === 'string') throw new Error('There is no adapter.');
  const { device, close } = opened;
  const features = kernelFeaturesOf(device);
  expect(features).toEqual(
    new Set(
      [
        adapter.features.has('shader-f16') ? 'shader-f16' : '',
        adapter.features.has('subgroups') && adapter.info.subgroupMinSize >= 8 ? 'subgroups' : '',
      ].filter((name) => name !== ''),
    ),
  );
  // Dawn's own view of the device is a library's, too.
  expect([device.features.has('shader-f16'), device.features.has('subgroups')]).toEqual([false, false]);

  const work = { queries: 12, heads: 1, keys: 40 };
  const candidates = attentionCandidates({ limits: device.limits, features }, 64, true, work);
  expect(candidates.size).toBe(1 + 2 ** (1 + features.size));
  const [name, options] = Array.from(candidates).findLast(([name]) => name.startsWith('split')) ?? [];
  if (options === undefined) throw new Error('There is no build in parts.');
  process.stdout.write(`${opened.description}: "${name}" is the build with most features\n`);
  const { passed } = await runSelfTest(
    await createQkNormRope(device, 64, true),
    await createAttention(device, options),
  );
  expect(passed).toBe(true);
  opened.assertUsable();
  close();
});
