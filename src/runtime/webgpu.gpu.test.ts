import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { createContextCache } from './contextCache.ts';
import type { EditRequest } from './contract.ts';
import { openDevice } from './device.ts';
import { readFloats } from './gpuMemory.ts';
import { nodePorts, openNodeGpu } from './node/host.ts';
import type { RuntimePorts } from './ports.ts';
import type { ImageItem } from './tasks.ts';
import { createTinyEngine, testEngineBehaviour } from './testing/engineBehaviour.ts';
import { ignore, never, opened, tinyMask, tinyPicture, tinyRequest } from './testing/tiny.ts';

const gpu = openNodeGpu();
// A clock that stands still makes every preview affordable, so that runs take the same steps every time.
const ports = { ...nodePorts(gpu), now: () => 0 };

async function openTestDevice() {
  const opened = await openDevice(gpu);
  if (typeof opened === 'string') throw new Error(opened);
  return opened;
}

testEngineBehaviour(() => ports, 'auto');

test.each<[string, Partial<EditRequest>]>([
  ['an edit with guidance', { guidance: 2 }],
  ['an edit inside a region', { regions: { drawn: tinyMask() }, guidance: 1 }],
  ['an edit after a later frame of a clip', { history: [{ ...(opened as ImageItem), t: 5 }], guidance: 1 }],
  ['a beginning with words', { history: [], guidance: 3, steps: 3 }],
])('computes %s as the CPU does', async (_, changes) => {
  const [onGpu, onCpu] = await Promise.all(
    (['auto', 'wasm'] as const).map(async (backend) => {
      const engine = createTinyEngine(ports, backend);
      const info = await engine.load(ignore);
      const result = await engine.edit(tinyRequest(changes), ignore, never);
      await engine.dispose();
      return { backend: info.backend, latent: result.latent.data, pixels: result.pixels.data };
    }),
  );
  expect([onGpu?.backend, onCpu?.backend]).toEqual(['webgpu', 'wasm']);
  const largest = Math.max(...(onCpu?.latent ?? []).map(Math.abs));
  const worst = Math.max(
    ...(onCpu?.latent ?? []).map((value, i) => Math.abs(value - (onGpu?.latent[i] ?? Number.NaN))),
  );
  // Both add the same float32 products in another order. A chain of about 60 sums (3 steps, 3 layers, 7 products
  // each) of up to 128 terms keeps, as random walks, 2^-24 * sqrt(60 * 128) = 5e-6 of the size; guidance 3
  // multiplies the difference of two such numbers by up to 2 * 3 - 1 = 5.
  expect(worst / largest).toBeLessThan(5 * 5e-6);
  const byteDifferences = (onCpu?.pixels ?? []).map((value, i) => Math.abs(value - (onGpu?.pixels[i] ?? 0)));
  expect(Math.max(...byteDifferences)).toBeLessThanOrEqual(1);
});

test('rejects with device-lost when the device goes, before, during and after the work, and restarts', async () => {
  const devices: GPUDevice[] = [];
  let segments = 0;
  let loseAt = Number.POSITIVE_INFINITY;
  const watched: RuntimePorts = {
    ...ports,
    gpu: {
      requestAdapter: async () => {
        const adapter = await gpu.requestAdapter();
        return {
          info: adapter?.info,
          limits: adapter?.limits,
          requestDevice: async (descriptor: GPUDeviceDescriptor) => {
            const device = await adapter?.requestDevice(descriptor);
            if (device !== undefined) devices.push(device);
            return device;
          },
        };
      },
    } as unknown as GPU,
    yieldToMessages: async () => {
      segments++;
      if (segments === loseAt) devices.at(-1)?.destroy();
      await ports.yieldToMessages();
    },
  };
  const engine = createTinyEngine(watched, 'auto');
  await engine.load(ignore);
  const run = (steps = 2) => engine.edit(tinyRequest({ steps }), ignore, never);
  const expected = (await run()).latent;
  const all = segments;
  for (const stopAt of [1, Math.floor(all / 2), all]) {
    await engine.restart(ignore);
    segments = 0;
    loseAt = stopAt;
    await expect(run()).rejects.toMatchObject({ name: 'EngineError', code: 'device-lost' });
    loseAt = Number.POSITIVE_INFINITY;
    await expect(run()).rejects.toMatchObject({ code: 'device-lost' });
    await expect(engine.checkPicture(tinyPicture(1))).rejects.toMatchObject({ code: 'device-lost' });
  }
  expect((await engine.restart(ignore)).backend).toBe('webgpu');
  expect((await run()).latent).toEqual(expected);
  expect(devices).toHaveLength(5);
  await engine.dispose();
});

test.each(['fixtures/tiny', 'public/models/nano'])(
  'runs every node of the GPU graphs of %s on the GPU',
  (folder) => {
    // In a process of its own, because onnxruntime writes its log past everything that a test can listen to.
    const program = fileURLToPath(new URL('testing/printPlacement.ts', import.meta.url));
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['scripts/runModule.mjs', program, resolve(folder)],
      { encoding: 'utf8', maxBuffer: 2 ** 28 },
    );
    const placements = `${stdout}${stderr}`.match(/placed on \[\w+\]/g);
    const graphs = Number(/opened (\d+) graphs/.exec(stdout)?.[1]);
    expect(graphs).toBeGreaterThan(4);
    expect({ status, placements }).toEqual({
      status: 0,
      placements: Array.from({ length: graphs }, () => 'placed on [WebGpuExecutionProvider]'),
    });
  },
);

test('keeps every head where it belongs when the cache grows', async () => {
  const { device, close } = await openTestDevice();
  const shape = { layers: 2, heads: 3, headDim: 4 };
  const cache = createContextCache(device, shape);
  await cache.reserve(10);
  const before = cache.capacity;
  const values = Float32Array.from({ length: shape.heads * before * shape.headDim }, (_, index) => index);
  for (const { k, v } of cache.layers) {
    device.queue.writeBuffer(k, 0, values);
    device.queue.writeBuffer(
      v,
      0,
      values.map((value) => -value),
    );
  }
  await cache.reserve(before + 1);
  expect(cache.capacity).toBe(2 * before);
  const row = before * shape.headDim;
  for (const { k, v } of cache.layers) {
    for (const [buffer, sign] of [
      [k, 1],
      [v, -1],
    ] as const) {
      const grown = await readFloats(device, buffer, 2 * values.length);
      for (let head = 0; head < shape.heads; head++) {
        const kept = grown.slice(2 * head * row, (2 * head + 1) * row);
        expect(kept).toEqual(values.slice(head * row, (head + 1) * row).map((value) => sign * value));
      }
    }
  }
  cache.dispose();
  close();
});

test('says how many tokens the device holds when a session is too long for it', async () => {
  const { device, close } = await openTestDevice();
  const cache = createContextCache(device, { layers: 1, heads: 1, headDim: 64 });
  const limit = Math.floor(device.limits.maxStorageBufferBindingSize / 256);
  await expect(cache.reserve(limit + 1)).rejects.toMatchObject({
    code: 'unsupported',
    message: `The session has ${limit + 1} tokens and this graphics device can hold ${limit}. Leave some earlier frames out.`,
  });
  close();
});
