import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Engine, MaskPixels, ModelInfo, Pixels } from '../../src/runtime/contract.ts';
import { createEngine } from '../../src/runtime/engine.ts';
import { nodePorts } from '../../src/runtime/node/host.ts';
import { readSessionFile, writeSessionFile } from '../../src/session/export/sessionFile.ts';
import { type RunPorts, runScript } from './run.ts';
import { parseScript } from './script.ts';

const SIZE = 64;
const modelUrl = new URL('../../fixtures/tiny/', import.meta.url).href;

let engine: Engine;
let info: ModelInfo;
beforeAll(async () => {
  engine = createEngine(modelUrl, { backend: 'wasm' }, nodePorts(undefined));
  info = await engine.load(() => undefined);
});
afterAll(() => engine.dispose());

function portsWith(changes: Partial<RunPorts> = {}) {
  const frames: string[] = [];
  let ids = 0;
  const ports: RunPorts = {
    engine,
    info,
    now: () => 5,
    newId: () => `id-${ids++}`,
    readPicture: async (): Promise<Pixels> => ({
      width: SIZE,
      height: SIZE,
      data: new Uint8ClampedArray(SIZE * SIZE * 4).fill(200),
    }),
    readMask: async (): Promise<MaskPixels> => ({
      width: SIZE,
      height: SIZE,
      data: new Uint8Array(SIZE * SIZE).fill(255, 0, 999),
    }),
    onProgress: () => undefined,
    onFrame: async (turn, png, mask) => void frames.push(`${turn} ${png.length > 0} ${mask !== undefined}`),
    ...changes,
  };
  return { ports, frames };
}

const script = parseScript(
  JSON.stringify({
    model: 'tiny',
    start: { picture: 'start.png' },
    turns: [
      { instruction: 'add a cat', mask: 'mask.png', steps: 1 },
      { instruction: 'make it night', steps: 1 },
      { instruction: 'add a dog', steps: 1, parent: 1, seed: 9 },
    ],
  }),
);
const never = new AbortController().signal;

test('keeps a run as a tree of made turns that a session file brings back unchanged', async () => {
  const { ports, frames } = portsWith();
  const { document, blobs, error } = await runScript(script, 'story', ports, never);
  expect(error).toBeUndefined();
  expect(document.turns.map(({ id, parentId, seed, state }) => [id, parentId, seed, state.status])).toEqual([
    ['id-1', null, 1, 'done'],
    ['id-2', 'id-1', 2, 'done'],
    ['id-3', 'id-1', 9, 'done'],
  ]);
  expect(frames).toEqual(['0 true false', '1 true true', '2 true false', '3 true false']);
  expect(readSessionFile(writeSessionFile(document, blobs, 5)).document).toEqual(document);
});

test('makes the first picture from words, to which later turns count as the start', async () => {
  const { ports, frames } = portsWith();
  const { document } = await runScript({ ...script, start: { words: 'add a house' } }, 'story', ports, never);
  expect(document.root).toEqual({ kind: 'words' });
  expect(document.turns.map(({ id, parentId, instruction }) => [id, parentId, instruction])).toEqual([
    ['id-1', null, 'add a house'],
    ['id-2', 'id-1', 'add a cat'],
    ['id-3', 'id-2', 'make it night'],
    ['id-4', 'id-2', 'add a dog'],
  ]);
  expect(frames[0]).toBe('0 true false');
});

test('ends at the first edit that fails and keeps what was made before', async () => {
  const failing = {
    ...script,
    turns: script.turns.map((turn, index) => (index === 1 ? { ...turn, steps: 0 } : turn)),
  };
  const { document, error } = await runScript(failing, 'story', portsWith().ports, never);
  expect(error).toMatchObject({ code: 'bad-input' });
  expect(document.turns.map(({ state }) => state.status)).toEqual(['done', 'failed']);
});

test('ends when it is interrupted', async () => {
  const controller = new AbortController();
  const { ports } = portsWith({ onProgress: (turn) => void (turn === 2 && controller.abort()) });
  const { document, error } = await runScript(script, 'story', ports, controller.signal);
  expect(error).toMatchObject({ code: 'cancelled' });
  expect(document.turns.map(({ state }) => state.status)).toEqual(['done', 'cancelled']);
});
