import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { EngineError } from './contract.ts';
import type { Engine, Latent } from './contract.ts';
import { nodePorts, openNodeGpu } from './node/host.ts';
import { openEngine } from './testing/engineBehaviour.ts';
import { makeFragile } from './testing/fragileGpu.ts';
import { ignore, never, tiny } from './testing/tiny.ts';

const gpu = openNodeGpu();
// A clock that stands still makes every preview affordable, so that runs take the same steps every time.
const fragile = makeFragile({ ...nodePorts(gpu), gpu, now: () => 0 });
let engine: Engine;
let expected: Latent;
const all = { segments: 0, allocations: 0, ofLoad: 0 };

const run = async (): Promise<Latent> => (await engine.edit(tiny.request(), ignore, never)).latent;

beforeAll(async () => {
  engine = openEngine(tiny, fragile.ports, 'auto');
  await engine.load(ignore);
  all.ofLoad = fragile.allocations();
  fragile.count();
  expected = await run();
  [all.segments, all.allocations] = [fragile.segments(), fragile.allocations()];
});
beforeEach(async () => {
  fragile.count();
  await engine.restart(ignore);
  fragile.count();
});
afterAll(() => engine.dispose());

/** A restart makes everything whole again. */
async function expectRepair(): Promise<void> {
  fragile.count();
  expect((await engine.restart(ignore)).backend).toBe('webgpu');
  expect(await run()).toEqual(expected);
}

test.each([
  ['before', () => 1],
  ['during', () => Math.floor(all.segments / 2)],
  ['after', () => all.segments],
])('rejects with device-lost when the device goes %s the work, until it is restarted', async (_, at) => {
  fragile.loseAtSegment(at());
  await expect(run()).rejects.toMatchObject({ name: 'EngineError', code: 'device-lost' });
  await expect(run()).rejects.toMatchObject({ code: 'device-lost' });
  await expect(engine.checkPicture(tiny.picture(1))).rejects.toMatchObject({ code: 'device-lost' });
  await expectRepair();
});

test.each([
  ['first', () => 1],
  ['one in the middle', () => Math.floor(all.allocations / 2)],
  ['last', () => all.allocations],
])('takes no picture from memory that was not given: the %s of a turn', async (_, at) => {
  fragile.failFromAllocation(at());
  const error: unknown = await run().catch((error: unknown) => error);
  expect(error).toBeInstanceOf(EngineError);
  // onnxruntime tells of its own buffers by failing its run, which leaves the device and the cache as they were.
  expect(['device-lost', 'unsupported', 'internal']).toContain((error as EngineError).code);
  await expectRepair();
});

test.each([
  ['first', () => 1],
  ['last', () => all.ofLoad],
])('loads onto the processor or not at all where a buffer fails while loading: the %s', async (_, at) => {
  fragile.failFromAllocation(at());
  const loaded = await engine.restart(ignore).then(
    ({ backend }) => backend,
    (error: unknown) => (error instanceof EngineError ? error.code : 'unknown'),
  );
  expect(['wasm', 'device-lost', 'unsupported']).toContain(loaded);
  await expectRepair();
});

test('checks a device by a trial of its memory and its arithmetic, and gives everything back', async () => {
  const report = await engine.check();
  const { layers, heads, headDim } = tiny.manifest().architecture;
  const weights = tiny.manifest().files.filter(({ path }) => path.endsWith('.f16.bin'));
  const wide = weights.reduce((sum, { bytes }) => sum + 2 * bytes, 0);
  expect(report).toMatchObject({ backend: 'webgpu', reason: null });
  expect(report.graphicsBytes).toBe(wide + 1024 * 2 * layers * heads * headDim * 4);
  expect(await run()).toEqual(expected);
});

test('says that there is too little memory before anything is fetched', async () => {
  fragile.failFromAllocation(1);
  expect(await engine.check()).toMatchObject({ backend: 'wasm', reason: 'little-memory', graphicsBytes: 0 });
  fragile.count();
  expect(await engine.check()).toMatchObject({ backend: 'webgpu' });
});
