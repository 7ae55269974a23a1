import { expect, test } from 'vitest';

import type { LoadProgress } from './contract.ts';
import { nodePorts } from './node/host.ts';
import { createTinyEngine, testEngineBehaviour } from './testing/engineBehaviour.ts';
import { ignore, tinyManifest } from './testing/tiny.ts';

// A clock that stands still makes every preview affordable, so that runs take the same steps every time.
const ports = { ...nodePorts(undefined), now: () => 0 };

testEngineBehaviour(() => ports, 'wasm');

test('counts verified bytes up to all that this backend needs, and no others', async () => {
  const reports: LoadProgress[] = [];
  const engine = createTinyEngine(ports, 'wasm');
  await engine.load((report) => reports.push(report));
  await engine.dispose();
  const needed = tinyManifest().files.filter(({ path }) => !path.startsWith('segment'));
  const totalBytes = needed.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(reports[0]).toEqual({ verifiedBytes: 0, totalBytes, phase: 'download' });
  expect(reports.at(-1)).toEqual({ verifiedBytes: totalBytes, totalBytes, phase: 'compile' });
  expect(reports.map(({ verifiedBytes }) => verifiedBytes)).toEqual(
    reports.map(({ verifiedBytes }) => verifiedBytes).toSorted((a, b) => a - b),
  );
});

test.each([
  ['there is no WebGPU', undefined, 'This browser has no WebGPU.'],
  [
    'there is no adapter',
    { requestAdapter: async () => null } as unknown as GPU,
    'WebGPU found no graphics adapter.',
  ],
  [
    'the adapter gives no device',
    {
      requestAdapter: async () => ({ limits: {}, requestDevice: () => Promise.reject(new Error('blocked')) }),
    } as unknown as GPU,
    'The graphics adapter could not be opened: Error: blocked',
  ],
])('takes the CPU when %s, and says why', async (_, gpu, backendDetail) => {
  const engine = createTinyEngine({ ...ports, gpu }, 'auto');
  expect(await engine.load(ignore)).toMatchObject({ backend: 'wasm', backendDetail });
  await engine.dispose();
});

test('reports a failed download and loads at the next attempt', async () => {
  let isOffline = true;
  const engine = createTinyEngine(
    {
      ...ports,
      fetch: async (url, init) => {
        if (isOffline && url.endsWith('.bin')) throw new TypeError('Failed to fetch');
        return ports.fetch(url, init);
      },
    },
    'wasm',
  );
  await expect(engine.load(ignore)).rejects.toMatchObject({ code: 'download-failed' });
  isOffline = false;
  expect((await engine.load(ignore)).backend).toBe('wasm');
  await engine.dispose();
});
