import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { createEngineClient } from './client.ts';
import type { WorkerPort } from './client.ts';
import type { EditProgress } from './contract.ts';
import type { FromWorker, ToWorker } from './protocol.ts';
import { ignore, never, tiny } from './testing/tiny.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const setup = { modelUrl: 'https://a/', ortUrl: 'https://b/', options: { backend: 'auto' } } as const;

/** A worker that says nothing but what a test has it say. */
function mute() {
  const listeners: ((event: MessageEvent<FromWorker>) => void)[] = [];
  const asked: ToWorker[] = [];
  const worker: WorkerPort = {
    postMessage: (message) => void asked.push(message),
    addEventListener(type: 'message' | 'error', listener: (event: never) => void) {
      if (type === 'message') listeners.push(listener as (event: MessageEvent<FromWorker>) => void);
    },
    terminate: () => void listeners.splice(0),
  };
  const say = (data: FromWorker): void => {
    for (const listener of listeners) listener({ data } as MessageEvent<FromWorker>);
  };
  return { worker, say, asked };
}

/** An edit under way; `seen` are the reports of it. */
function startEdit() {
  const { worker, say, asked } = mute();
  const client = createEngineClient(setup, () => worker);
  void client.load(ignore).catch(ignore);
  const seen: EditProgress[] = [];
  const edit = client.edit(tiny.request(), (progress) => seen.push(progress), never);
  edit.catch(ignore);
  return { client, edit, say, seen, id: asked.length };
}

const pass = async (seconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(seconds * 1000);
const step = { stage: 'denoise', done: 1, total: 8 } as const;

test('tells that a worker is silent for far longer than before, again when that has doubled, and takes it back', async () => {
  const { say, seen, id } = startEdit();
  await pass(1);
  say({ id, kind: 'progress', progress: step });
  await pass(19.9);
  expect(seen).toEqual([step]);
  await pass(0.2);
  expect(seen.slice(1)).toEqual([{ ...step, silentForMs: 20_000 }]);
  await pass(19.8);
  expect(seen).toHaveLength(2);
  await pass(0.2);
  expect(seen.slice(2)).toEqual([{ ...step, silentForMs: 40_000 }]);
  say({ kind: 'alive' });
  expect(seen.slice(3)).toEqual([step]);
});

test('is as patient as the graphs of this device are slow', async () => {
  const { say, seen } = startEdit();
  for (let graph = 0; graph < 5; graph++) {
    await pass(6);
    say({ kind: 'alive' });
  }
  await pass(47);
  expect(seen).toEqual([]);
  await pass(2);
  expect(seen).toMatchObject([{ silentForMs: 48_000 }]);
});

test('gives a device that has not shown a sign of life yet the time to compile', async () => {
  const { seen } = startEdit();
  await pass(89);
  expect(seen).toEqual([]);
  await pass(2);
  expect(seen).toMatchObject([{ silentForMs: 90_000 }]);
});

test('blames nobody for the time in which the page itself slept', async () => {
  const { say, seen } = startEdit();
  say({ kind: 'alive' });
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + 3_600_000);
  await pass(21);
  expect(seen).toEqual([]);
  await pass(20);
  expect(seen).toMatchObject([{ silentForMs: 20_000 }]);
  vi.restoreAllMocks();
});

test('listens only while an edit is under way, and a restart ends it', async () => {
  const { client, edit, say, seen, id } = startEdit();
  say({ id, kind: 'progress', progress: step });
  await pass(21);
  expect(seen).toHaveLength(2);
  void client.restart(ignore).catch(ignore);
  await expect(edit).rejects.toMatchObject({ reason: 'model-restarted' });
  await pass(1000);
  expect(seen).toHaveLength(2);
  expect(vi.getTimerCount()).toBe(0);
});
