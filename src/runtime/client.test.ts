import { setImmediate } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { createEngineClient } from './client.ts';
import type { WorkerPort } from './client.ts';
import { EngineError } from './contract.ts';
import type { DeviceReport, EditProgress, EditResult, Engine, LoadProgress, ModelInfo } from './contract.ts';
import { serveEngine } from './protocol.ts';
import type { FromWorker, ToWorker } from './protocol.ts';
import { ignore, never, tiny } from './testing/tiny.ts';

const setup = { modelUrl: 'https://a/', ortUrl: 'https://b/', options: { backend: 'auto' } } as const;
const info: ModelInfo = {
  id: 'tiny',
  backend: 'wasm',
  backendDetail: 'test',
  cache: { maxTokens: 9, maxBytes: 99, precision: 'float32' },
  memory: { stayingBytes: 5, passingBytes: 4, contextBytes: 99, pictureBytes: 0, peakBytes: 108 },
  storage: 'kept',
  manifest: tiny.manifest(),
};
const loading: LoadProgress = {
  verifiedBytes: 1,
  receivedBytes: 1,
  totalBytes: 2,
  phase: 'download',
  storage: 'kept',
  isWaiting: false,
};
const progress: EditProgress = { stage: 'denoise', done: 1, total: 2 };
const result: EditResult = {
  pixels: tiny.picture(1),
  latent: { channels: 1, height: 1, width: 1, data: Float32Array.from([1]) },
  timingsMs: { text: 1, history: 2, denoise: 3, decode: 4 },
  cachedTokens: 5,
  computedTokens: 6,
};

const report: DeviceReport = {
  backend: 'wasm',
  detail: 'blocked',
  reason: 'no-device',
  downloadBytes: 7,
  graphicsBytes: 0,
};

/** Waits for a cancel in place of a model, unless the instruction says otherwise. */
function createEngineOfWords(): Engine {
  return {
    check: async () => report,
    async load(onProgress) {
      onProgress(loading);
      return info;
    },
    async edit({ instruction }, onProgress, signal) {
      onProgress(progress);
      if (instruction === 'finish') return result;
      if (instruction === 'break') throw new TypeError('broken');
      return new Promise((_, reject) => {
        const cancel = (): void =>
          reject(new EngineError({ code: 'cancelled', message: 'stopped', detail: 'now' }));
        signal.addEventListener('abort', cancel);
      });
    },
    checkPicture: async () => ({ psnrDb: 20, isKnownWorld: false }),
    unknownWords: async (instruction) => [instruction],
    countTokens: async (texts) => texts.map(({ length }) => length),
    restart: async () => info,
    dispose: async () => undefined,
  };
}

/** A worker in this thread whose messages are copied as between threads, and arrive later. */
function createWorkers(createEngine = createEngineOfWords) {
  const crashes: ((message: string) => void)[] = [];
  let terminated = 0;
  const create = (): WorkerPort => {
    const listeners: ((event: MessageEvent<FromWorker>) => void)[] = [];
    let isRunning = true;
    const handle = serveEngine(createEngine, (message) => {
      const data = structuredClone(message);
      queueMicrotask(() => {
        if (isRunning) for (const listener of listeners) listener({ data } as MessageEvent<FromWorker>);
      });
    });
    return {
      postMessage(message: ToWorker) {
        const data = structuredClone(message);
        queueMicrotask(() => void handle(data));
      },
      addEventListener(type: 'message' | 'error', listener: (event: never) => void) {
        if (type === 'message') listeners.push(listener as (event: MessageEvent<FromWorker>) => void);
        else crashes.push((message) => listener({ message } as never));
      },
      terminate() {
        isRunning = false;
        terminated++;
      },
    };
  };
  return { create, crashes, terminated: () => terminated };
}

async function startClient() {
  const workers = createWorkers();
  const client = createEngineClient(setup, workers.create);
  await client.load(ignore);
  return { client, workers };
}

test('pauses a load, and begins another in the same worker', async () => {
  let loads = 0;
  const { create, terminated } = createWorkers(() => ({
    ...createEngineOfWords(),
    async load(onProgress, signal) {
      onProgress(loading);
      if (++loads > 1) return info;
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () =>
          reject(new EngineError({ code: 'cancelled', message: 'paused' })),
        );
      });
    },
  }));
  const client = createEngineClient(setup, create);
  const pause = new AbortController();
  const paused = client.load(() => pause.abort(), pause.signal);
  await expect(paused).rejects.toMatchObject({ code: 'cancelled', message: 'paused' });
  await expect(client.load(ignore, pause.signal)).rejects.toMatchObject({ code: 'cancelled' });
  expect(await client.load(ignore)).toEqual(info);
  expect([loads, terminated()]).toEqual([2, 0]);
});

test('carries results and progress of every call unchanged', async () => {
  const { client } = await startClient();
  const loads: LoadProgress[] = [];
  const steps: EditProgress[] = [];
  expect(await client.load((value) => loads.push(value))).toEqual(info);
  const request = tiny.request({ instruction: 'finish' });
  expect(await client.edit(request, (value) => steps.push(value), never)).toEqual(result);
  expect(await client.checkPicture(tiny.picture(1))).toEqual({ psnrDb: 20, isKnownWorld: false });
  expect(await client.unknownWords('zebra')).toEqual(['zebra']);
  expect(await client.countTokens(['zebra', 'ox'])).toEqual([5, 2]);
  expect({ loads, steps }).toEqual({ loads: [loading], steps: [progress] });
});

test('brings errors over as EngineError with code, message and detail', async () => {
  const { client } = await startClient();
  const failed = client.edit(tiny.request({ instruction: 'break' }), ignore, never);
  await expect(failed).rejects.toBeInstanceOf(EngineError);
  await expect(failed).rejects.toMatchObject({ code: 'internal', detail: 'TypeError: broken' });
});

test('cancels the call whose signal aborts and no other', async () => {
  const { client } = await startClient();
  const controller = new AbortController();
  const states: string[] = [];
  const other = client.edit(tiny.request(), ignore, never).finally(() => states.push('other'));
  const edit = client.edit(tiny.request(), () => controller.abort(), controller.signal);
  await expect(edit).rejects.toMatchObject({ code: 'cancelled', reason: 'edit-cancelled' });
  await setImmediate();
  expect(states).toEqual([]);
  await client.dispose();
  await expect(other).rejects.toMatchObject({ code: 'cancelled' });
});

test('ends an edit at its cancel, while the worker still runs a graph, and makes the next one after it', async () => {
  let endGraph = ignore;
  const ended: boolean[] = [];
  const { create } = createWorkers(() => ({
    ...createEngineOfWords(),
    async edit({ instruction }, onProgress, signal) {
      if (instruction === 'finish') return result;
      const graph = new Promise<void>((resolve) => {
        endGraph = resolve;
      });
      onProgress(progress);
      await graph;
      ended.push(signal.aborted);
      return result;
    },
  }));
  const client = createEngineClient(setup, create);
  await client.load(ignore);
  const controller = new AbortController();
  const edit = client.edit(tiny.request(), () => controller.abort(), controller.signal);
  await expect(edit).rejects.toMatchObject({ code: 'cancelled' });
  endGraph();
  expect(await client.edit(tiny.request({ instruction: 'finish' }), ignore, never)).toEqual(result);
  expect(ended).toEqual([true]);
});

test('does not start what was cancelled before', async () => {
  const { client } = await startClient();
  await expect(client.edit(tiny.request(), ignore, AbortSignal.abort())).rejects.toMatchObject({
    code: 'cancelled',
  });
});

test('replaces the worker at a restart and ends what the old one was doing', async () => {
  const { client, workers } = await startClient();
  const edit = client.edit(tiny.request(), ignore, never);
  const [ended, restarted] = await Promise.allSettled([edit, client.restart(ignore)]);
  expect(ended).toMatchObject({
    status: 'rejected',
    reason: { code: 'cancelled', reason: 'model-restarted' },
  });
  expect(restarted).toEqual({ status: 'fulfilled', value: info });
  expect(workers.terminated()).toBe(1);
  expect(await client.unknownWords('again')).toEqual(['again']);
});

test('reports a crash of the worker as a lost device, and a restart repairs it', async () => {
  const { client, workers } = await startClient();
  const edit = client.edit(tiny.request(), ignore, never);
  workers.crashes[0]?.('out of memory');
  await expect(edit).rejects.toMatchObject({
    code: 'device-lost',
    reason: 'worker-stopped',
    detail: 'out of memory',
  });
  await expect(client.unknownWords('a')).rejects.toMatchObject({ code: 'device-lost' });
  await client.restart(ignore);
  expect(await client.unknownWords('again')).toEqual(['again']);
});

test('asks to load first', async () => {
  const client = createEngineClient(setup, createWorkers().create);
  await expect(client.unknownWords('a')).rejects.toMatchObject({
    code: 'device-lost',
    message: 'The model is not running. Load or restart it first.',
  });
});

test('checks the device before any load, and loads in the same worker', async () => {
  const { create, terminated } = createWorkers();
  const client = createEngineClient(setup, create);
  expect(await client.check()).toEqual(report);
  expect(await client.load(ignore)).toEqual(info);
  expect(terminated()).toBe(0);
});
