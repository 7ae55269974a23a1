import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { createContextCache } from './contextCache.ts';
import type { EditRequest, EngineOptions } from './contract.ts';
import { openDevice } from './device.ts';
import { readFloats } from './gpuMemory.ts';
import { nodePorts, openNodeGpu } from './node/host.ts';
import type { ImageItem } from './tasks.ts';
import { openEngine, testEngineBehaviour } from './testing/engineBehaviour.ts';
import { makeFragile } from './testing/fragileGpu.ts';
import { ignore, never, noisePixels, openFixture, tiny } from './testing/tiny.ts';
import type { Fixture } from './testing/tiny.ts';

const gpu = openNodeGpu();
// A clock that stands still makes every preview affordable, so that runs take the same steps every time.
const ports = { ...nodePorts(gpu), now: () => 0 };

async function openTestDevice() {
  const opened = await openDevice(gpu);
  if (typeof opened === 'string') throw new Error(opened);
  return opened;
}

const models = [tiny, openFixture('oblong')];
const quantised = openFixture('quantised');

describe.each(models)('the model $name', (model) => {
  testEngineBehaviour(model, () => ports, 'auto');
});

const EDITS: readonly (readonly [string, (model: Fixture) => Partial<EditRequest>])[] = [
  ['an edit with guidance', () => ({ guidance: 2 })],
  ['an edit inside a region', (model) => ({ regions: { drawn: model.mask() }, guidance: 1 })],
  [
    'an edit after a later frame of a clip',
    ({ opened }) => ({ history: [{ ...(opened as ImageItem), t: 5 }], guidance: 1 }),
  ],
  ['a beginning with words', () => ({ history: [], guidance: 3, steps: 3 })],
];

/** One more for each further size of a model. */
const editsOf = (model: Fixture): typeof EDITS => [
  ...EDITS,
  ...(model.manifest().frames ?? []).map(
    (size) =>
      [
        `a picture of ${size.width}x${size.height}`,
        (): Partial<EditRequest> => ({
          history: [{ kind: 'image', id: 'other', pixels: noisePixels(size, 5) }],
        }),
      ] as const,
  ),
];

test.each(
  [...models, quantised].flatMap((model) =>
    editsOf(model).map(([what, changes]) => [what, model.name, model, changes] as const),
  ),
)('computes %s of %s as the CPU does', async (_, _name, model, changes) => {
  const make = async (backend: EngineOptions['backend']) => {
    const engine = openEngine(model, ports, backend);
    const info = await engine.load(ignore);
    const result = await engine.edit(model.request(changes(model)), ignore, never);
    await engine.dispose();
    return { backend: info.backend, latent: result.latent.data, pixels: result.pixels.data };
  };
  // One after the other, because onnxruntime refuses to make sessions of two engines of one thread at once.
  const onGpu = await make('auto');
  const onCpu = await make('wasm');
  expect([onGpu.backend, onCpu?.backend]).toEqual(['webgpu', 'wasm']);
  const largest = Math.max(...onCpu.latent.map(Math.abs));
  const worst = Math.max(
    ...onCpu.latent.map((value, i) => Math.abs(value - (onGpu.latent[i] ?? Number.NaN))),
  );
  // Both add the same float32 products in another order. A chain of about 60 sums (3 steps, 3 layers, 7 products
  // each) of up to 128 terms keeps, as random walks, 2^-24 * sqrt(60 * 128) = 5e-6 of the size; guidance 3
  // multiplies the difference of two such numbers by up to 2 * 3 - 1 = 5.
  expect(worst / largest).toBeLessThan(5 * 5e-6);
  const byteDifferences = onCpu.pixels.map((value, i) => Math.abs(value - (onGpu.pixels[i] ?? 0)));
  expect(Math.max(...byteDifferences)).toBeLessThanOrEqual(1);
});

test('uploads its noise, one buffer for its steps and one for its picture, and allocates nothing for its steps', async () => {
  const fragile = makeFragile({ ...ports, gpu });
  const engine = openEngine(tiny, fragile.ports, 'auto');
  await engine.load(ignore);
  const [device] = fragile.devices;
  if (device === undefined) throw new Error('The engine opened no device.');
  const seen: string[] = [];
  const { queue } = device;
  const [create, write] = [device.createBuffer.bind(device), queue.writeBuffer.bind(queue)];
  // What has no label is onnxruntime's, or read back.
  device.createBuffer = (descriptor) => {
    if (descriptor.label) seen.push(`new ${descriptor.label}`);
    return create(descriptor);
  };
  const watchedWrite = (...args: Parameters<typeof write>): void => {
    if (args[0].label !== '') seen.push(`write ${args[0].label}`);
    write(...args);
  };
  Object.assign(queue, { writeBuffer: watchedWrite });
  const edit = async (steps: number): Promise<readonly string[]> => {
    seen.length = 0;
    await engine.edit(tiny.request({ steps, regions: { drawn: tiny.mask() } }), ignore, never);
    return [...seen];
  };
  await edit(1);
  const expected =
    'new latent,write latent,new backdrop,write backdrop,new chunk,write chunk,new parts of attention'.split(
      ',',
    );
  expect([await edit(1), await edit(3)]).toEqual([expected, expected]);
  await engine.dispose();
});

test.each(['fixtures/tiny', 'fixtures/oblong', 'fixtures/quantised', 'public/models/nano'])(
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

test.each([2, 4] as const)(
  'moves every head of every layer where a new layout puts it, at %i bytes',
  async (bytes) => {
    const { device, close } = await openTestDevice();
    const [layers, heads, headDim, capacity] = [2, 3, 4, 10];
    const cache = createContextCache(device, { layers, heads, headDim, bytes });
    await cache.relocate({ capacity, moves: [] });
    /** Words of a slot, and all of a buffer by head, slot and word. */
    const words = (headDim * bytes) / 4;
    const numbers = Float32Array.from({ length: heads * capacity * words }, (_, index) => index);
    for (const { k, v } of cache.layers) {
      device.queue.writeBuffer(k, 0, numbers);
      device.queue.writeBuffer(
        v,
        0,
        numbers.map((number) => -number),
      );
    }
    const moves = [
      { from: { start: 7, end: 10 }, to: { start: 0, end: 3 } },
      { from: { start: 1, end: 3 }, to: { start: 9, end: 11 } },
    ];
    const larger = 2 * capacity;
    await cache.relocate({ capacity: larger, moves });
    expect(cache.capacity).toBe(larger);
    for (const { k, v } of cache.layers) {
      for (const [buffer, sign] of [
        [k, 1],
        [v, -1],
      ] as const) {
        const laid = await readFloats(device, buffer, heads * larger * words);
        for (let head = 0; head < heads; head++) {
          for (const { from, to } of moves) {
            const place = (head * larger + to.start) * words;
            const source = (head * capacity + from.start) * words;
            const length = (from.end - from.start) * words;
            expect(laid.slice(place, place + length)).toEqual(
              numbers.slice(source, source + length).map((number) => sign * number),
            );
          }
        }
      }
    }
    cache.dispose();
    close();
  },
);

test('keeps what it holds when the device has no memory for another layout', async () => {
  const { device, close } = await openTestDevice();
  const cache = createContextCache(device, { layers: 1, heads: 1, headDim: 4, bytes: 4 });
  await cache.relocate({ capacity: 10, moves: [] });
  const before = cache.layers;
  const popErrorScope = device.popErrorScope.bind(device);
  device.popErrorScope = async () => {
    await popErrorScope();
    return new GPUOutOfMemoryError('full');
  };
  const moves = [{ from: { start: 0, end: 4 }, to: { start: 4, end: 8 } }];
  await expect(cache.relocate({ capacity: 20, moves })).rejects.toMatchObject({ code: 'unsupported' });
  device.popErrorScope = popErrorScope;
  expect([cache.capacity, cache.layers]).toEqual([10, before]);
  cache.dispose();
  close();
});

test('gives nearly the same pictures with a cache of half the size', async () => {
  const latents: Float32Array[] = [];
  const budgets: number[] = [];
  for (const precision of ['float32', 'float16'] as const) {
    const engine = openEngine(tiny, ports, 'auto', { precision });
    const { cache } = await engine.load(ignore);
    budgets.push(cache.maxTokens);
    await engine.edit(tiny.request({ guidance: 1 }), ignore, never);
    const again = await engine.edit(tiny.request({ guidance: 1 }), ignore, never);
    expect(again.cachedTokens).toBe(10);
    latents.push(again.latent.data);
    await engine.dispose();
  }
  expect(budgets[1]).toBe(2 * (budgets[0] ?? 0));
  const [exact = new Float32Array(), half = new Float32Array()] = latents;
  const worst = Math.max(...exact.map((value, i) => Math.abs(value - (half[i] ?? Number.NaN))));
  const largest = Math.max(...exact.map(Math.abs));
  expect(worst).toBeGreaterThan(0);
  // Keys, values and through the residual all that follows are off by 2^-11; two steps of three layers add up at worst.
  expect(worst / largest).toBeLessThan(6 * 2 ** -11);
});
