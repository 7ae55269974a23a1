import { describe, expect, test } from 'vitest';

import type { LoadProgress } from './contract.ts';
import { nodePorts } from './node/host.ts';
import { openEngine, testEngineBehaviour } from './testing/engineBehaviour.ts';
import { ignore, never, openFixture, tiny } from './testing/tiny.ts';

// A clock that stands still makes every preview affordable, so that runs take the same steps every time.
const ports = { ...nodePorts(undefined), now: () => 0 };

describe.each([tiny, openFixture('oblong')])('the model $name', (model) => {
  testEngineBehaviour(model, () => ports, 'wasm');
});

test('counts verified bytes up to all that this backend needs, and no others', async () => {
  const reports: LoadProgress[] = [];
  const engine = openEngine(tiny, ports, 'wasm');
  await engine.load((report) => reports.push(report));
  await engine.dispose();
  const needed = tiny.manifest().files.filter(({ path }) => !path.startsWith('segment'));
  const totalBytes = needed.reduce((sum, { bytes }) => sum + bytes, 0);
  const always = { totalBytes, isWaiting: false };
  const [first, last] = [reports[0], reports.at(-1)];
  expect(first).toEqual({
    ...always,
    verifiedBytes: 0,
    receivedBytes: 0,
    phase: 'download',
    storage: 'kept',
  });
  // Node gives no storage, so the model is in memory only.
  expect(last).toEqual({
    ...always,
    verifiedBytes: totalBytes,
    receivedBytes: totalBytes,
    phase: 'compile',
    storage: 'refused',
  });
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
  const engine = openEngine(tiny, { ...ports, gpu }, 'auto');
  expect(await engine.load(ignore)).toMatchObject({ backend: 'wasm', backendDetail });
  await engine.dispose();
});

test('reports a failed download and loads at the next attempt', async () => {
  let isMissing = true;
  const engine = openEngine(
    tiny,
    {
      ...ports,
      fetch: async (url, init) => {
        if (isMissing && url.endsWith('.bin')) return new Response('', { status: 404 });
        return ports.fetch(url, init);
      },
    },
    'wasm',
  );
  await expect(engine.load(ignore)).rejects.toMatchObject({ code: 'download-failed' });
  isMissing = false;
  expect(await engine.load(ignore)).toMatchObject({ backend: 'wasm', storage: 'refused' });
  await engine.dispose();
});

test('pauses the download when told to, and goes on with the rest when it is asked again', async () => {
  const pause = new AbortController();
  const engine = openEngine(tiny, ports, 'wasm');
  const paused = engine.load(({ verifiedBytes }) => {
    if (verifiedBytes > 0) pause.abort();
  }, pause.signal);
  await expect(paused).rejects.toMatchObject({ code: 'cancelled' });
  const reports: LoadProgress[] = [];
  await engine.load((report) => reports.push(report));
  await engine.dispose();
  expect(reports[0]?.verifiedBytes).toBeGreaterThan(0);
});

test('stops between any two steps of opening the model, and loads at the next attempt', async () => {
  let steps = 0;
  let beforeStep = (): void => undefined;
  const watched = {
    ...ports,
    async yieldToMessages() {
      steps++;
      beforeStep();
      await ports.yieldToMessages();
    },
  };
  const engine = openEngine(tiny, watched, 'wasm');
  await engine.load(ignore);
  const expected = await engine.edit(tiny.request(), ignore, never);
  await engine.dispose();
  steps = 0;
  await engine.load(ignore);
  const all = steps;
  // One before each of the five graphs, and one before them all.
  expect(all).toBe(6);
  await engine.dispose();
  for (let stopAt = 1; stopAt <= all; stopAt++) {
    const pause = new AbortController();
    steps = 0;
    beforeStep = () => {
      if (steps === stopAt) pause.abort();
    };
    await expect(engine.load(ignore, pause.signal)).rejects.toMatchObject({ reason: 'loading-stopped' });
    expect(steps).toBe(stopAt);
  }
  beforeStep = ignore;
  await engine.load(ignore);
  expect((await engine.edit(tiny.request(), ignore, never)).latent).toEqual(expected.latent);
  await engine.dispose();
});

test('says before any download that a model needs a graphics card', async () => {
  const asked: string[] = [];
  const fetchOnGpuOnly: typeof ports.fetch = async (url) => {
    asked.push(url);
    const { dit_text: _, dit_vision: __, ...graphs } = tiny.manifest().graphs;
    return new Response(JSON.stringify({ ...tiny.json(), title: 'Large', graphs }));
  };
  const engine = openEngine(tiny, { ...ports, fetch: fetchOnGpuOnly }, 'auto');
  await expect(engine.load(ignore)).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('Large runs on graphics cards through WebGPU only') as string,
    detail: 'This browser has no WebGPU.',
  });
  expect(asked).toHaveLength(1);
});

test.each([
  ['turned off', undefined, 'wasm', { reason: 'turned-off', detail: '' }],
  ['not there', undefined, 'auto', { reason: 'no-device', detail: 'This browser has no WebGPU.' }],
] as const)(
  'checks a device whose graphics card is %s, and fetches no weights',
  async (_, gpu, backend, found) => {
    const asked: string[] = [];
    const fetchWatched: typeof ports.fetch = async (url, init) => {
      asked.push(url);
      return ports.fetch(url, init);
    };
    const engine = openEngine(tiny, { ...ports, gpu, fetch: fetchWatched }, backend);
    const needed = tiny.manifest().files.filter(({ path }) => !path.startsWith('segment'));
    const downloadBytes = needed.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(await engine.check()).toEqual({ backend: 'wasm', downloadBytes, graphicsBytes: 0, ...found });
    expect(asked).toEqual([`${tiny.url}manifest.json`]);
  },
);
