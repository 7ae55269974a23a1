import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Engine, MaskPixels, ModelInfo, Pixels } from '../../src/runtime/contract.ts';
import { createEngine } from '../../src/runtime/engine.ts';
import { nodePorts } from '../../src/runtime/node/host.ts';
import { tinyRoles, withRoles } from '../../src/runtime/testing/tiny.ts';
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
    onPng: async (file, png) => void (png.length > 0 && frames.push(file)),
    ...changes,
  };
  return { ports, frames };
}

const script = parseScript(
  JSON.stringify({
    model: 'tiny',
    start: { picture: 'start.png' },
    turns: [
      { instruction: 'add a cat', regions: { drawn: 'mask.png' }, steps: 1 },
      { instruction: 'make it night', steps: 1 },
      { instruction: 'add a dog', steps: 1, parent: 1, seed: 9 },
    ],
  }),
);
const never = new AbortController().signal;

test('keeps a run as a tree of made turns that a session file brings back unchanged', async () => {
  const { ports, frames } = portsWith();
  const { document, blobs, error, isWhole } = await runScript(script, 'story', ports, never);
  expect(error).toBeUndefined();
  expect(document.turns.map(({ id, parentId, seed, state }) => [id, parentId, seed, state.status])).toEqual([
    ['id-1', null, 1, 'done'],
    ['id-2', 'id-1', 2, 'done'],
    ['id-3', 'id-1', 9, 'done'],
  ]);
  expect(frames).toEqual(['00', '01-drawn', '01', '02', '03']);
  expect(isWhole).toBe(true);
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
  expect(frames[0]).toBe('00');
});

test('asks for regions before the picture, and makes clips frame by frame', async () => {
  const knowing = createEngine(modelUrl, { backend: 'wasm' }, withRoles(nodePorts(undefined), tinyRoles));
  const { ports, frames } = portsWith({ engine: knowing, info: await knowing.load(() => undefined) });
  const asked = parseScript(
    JSON.stringify({
      model: 'tiny',
      start: { picture: 'start.png' },
      turns: [
        { instruction: 'add a cat', regions: { now: 'predict', next: 'predict' }, steps: 1 },
        { instruction: 'add a dog', references: [{ role: 'picture', picture: 'dog.png' }], steps: 1 },
        { instruction: 'remove the cat', clip: { count: 4, to: 'end.png' }, steps: 1 },
        { instruction: 'make it night', clip: { frames: ['1', '2', '3', '4'] }, steps: 1 },
        { instruction: 'make it night', steps: 1 },
      ],
    }),
  );
  const { document, error, isWhole } = await runScript(asked, 'story', ports, never);
  await knowing.dispose();
  expect(error).toBeUndefined();
  expect(isWhole).toBe(false);
  expect(document.turns.map(({ state }) => state.status)).toEqual(Array(5).fill('done'));
  const clips = ['03-frame2', '03-frame3', '04-frame1', '04-frame2', '04-frame3', '04-frame4'];
  expect(frames).toEqual(['00', '01-now', '01-next', '01', '02', ...clips, '05']);
});

test('ends at what the model was not trained for, and says what it can do', async () => {
  const asked = { ...script, turns: script.turns.map((turn) => ({ ...turn, regions: { now: 'predict' } })) };
  const { document, error } = await runScript(asked, 'story', portsWith().ports, never);
  expect(error).toMatchObject({
    code: 'unsupported',
    message: 'This model was not trained for region-now. It can do: next-image, drawn-region, text-to-image.',
  });
  expect(document.turns.map(({ state }) => state.status)).toEqual(['failed']);
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
