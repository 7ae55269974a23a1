import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Engine, MaskPixels } from '../../src/runtime/contract.ts';
import { EngineError } from '../../src/runtime/contract.ts';
import { createEngine } from '../../src/runtime/engine.ts';
import { nodePorts } from '../../src/runtime/node/host.ts';
import type { RuntimePorts } from '../../src/runtime/ports.ts';
import { tiny, tinyRoles, withRoles } from '../../src/runtime/testing/tiny.ts';
import { readSessionFile } from '../../src/session/export/sessionFile.ts';
import { createRig } from '../../src/session/testing/editor.ts';
import { must } from '../../src/session/testing/must.ts';
import { type Run, type RunPorts, runScript } from './run.ts';
import { parseScript } from './script.ts';

let engine: Engine;
beforeAll(async () => {
  engine = createEngine(tiny.url, { backend: 'wasm' }, nodePorts(undefined));
});
afterAll(() => engine.dispose());

/** Every task; scenes of a story need no role texts. */
function knowingAll(): RuntimePorts {
  const ports = withRoles(nodePorts(undefined), tinyRoles);
  return {
    ...ports,
    async fetch(url, init) {
      const response = await ports.fetch(url, init);
      if (!url.endsWith('manifest.json')) return response;
      const manifest = (await response.json()) as { readonly capabilities: readonly string[] };
      return Response.json({ ...manifest, capabilities: [...manifest.capabilities, 'story'] });
    },
  };
}

function portsWith(changes: Partial<RunPorts> = {}) {
  const frames: string[] = [];
  let ids = 0;
  const ports: RunPorts = {
    engine,
    now: () => 5,
    newId: () => `id-${ids++}`,
    readPicture: async (path) => tiny.picture(path.length),
    readMask: async (): Promise<MaskPixels> => tiny.mask(),
    onModel: () => undefined,
    onProgress: () => undefined,
    onPng: async (file, png) => void (png.length > 0 && frames.push(file)),
    ...changes,
  };
  return { ports, frames };
}

const turns = [
  { instruction: 'add a cat', regions: { drawn: 'mask.png' }, steps: 1 },
  { instruction: 'make it night', steps: 1 },
  { instruction: 'add a dog', steps: 1, parent: 1, seed: 9 },
];
const plain = { model: 'tiny', start: { picture: 'start.png' }, turns };
const script = parseScript(JSON.stringify(plain));
const never = new AbortController().signal;

const statesOf = ({ document }: Run): readonly string[] => document.turns.map(({ state }) => state.status);

test('keeps a run as a tree of made turns that a session file brings back unchanged', async () => {
  const { ports, frames } = portsWith();
  const { document, file, error } = await runScript(script, 'story', ports, never);
  expect(error).toBeUndefined();
  expect([document.name, document.root]).toMatchObject(['story', { kind: 'opened', name: 'start.png' }]);
  expect(document.turns.map(({ id, parentId, seed, state }) => [id, parentId, seed, state.status])).toEqual([
    ['id-1', null, 1, 'done'],
    ['id-2', 'id-1', 2, 'done'],
    ['id-3', 'id-1', 9, 'done'],
  ]);
  expect(document.composer).toMatchObject({ instruction: '', seed: null, steps: null, guidance: null });
  expect(frames).toEqual(['00', '01-drawn', '01', '02', '03']);
  expect(readSessionFile(file).document).toEqual(document);
});

test('makes the first picture from words, to which later turns count as the start', async () => {
  const { ports, frames } = portsWith();
  const fromWords = parseScript(JSON.stringify({ ...plain, name: 'A day', start: { words: 'add a house' } }));
  const { document } = await runScript(fromWords, 'story', ports, never);
  expect([document.name, document.root]).toEqual(['A day', { kind: 'words' }]);
  const [first = '', second = ''] = document.turns.map(({ id }) => id);
  expect(document.turns.map(({ parentId, instruction }) => [parentId, instruction])).toEqual([
    [null, 'add a house'],
    [first, 'add a cat'],
    [second, 'make it night'],
    [second, 'add a dog'],
  ]);
  expect(frames).toEqual(['00', '01-drawn', '01', '02', '03']);
});

test('a session file holds regions, references, scenes and clips as the page itself keeps them', async () => {
  const knowing = createEngine(tiny.url, { backend: 'wasm' }, knowingAll());
  const { ports, frames } = portsWith({ engine: knowing });
  const asked = parseScript(
    JSON.stringify({
      ...plain,
      turns: [
        { instruction: 'add a cat', regions: { now: 'mask.png', next: { dx: 6, scale: 0.5 } }, steps: 1 },
        {
          instruction: 'add a dog',
          references: [
            { role: 'picture', picture: 'dog.png' },
            { role: 'picture', turn: 0 },
          ],
          steps: 1,
        },
        { instruction: 'make it night', scene: true, steps: 1 },
        { instruction: 'remove the cat', clip: { count: 4, to: 1 }, steps: 1 },
        { instruction: 'make it night', clip: 'edit', steps: 1 },
      ],
    }),
  );
  const { document, file, error } = await runScript(asked, 'story', ports, never);
  await knowing.dispose();
  expect(error).toBeUndefined();
  const [dragged, given, scene, clip, edited] = document.turns;
  expect(dragged?.regions).toMatchObject({
    drawn: null,
    now: { by: 'drawn' },
    next: { by: 'moved', move: { dx: 6, scale: 0.5 } },
  });
  expect(given?.references.map(({ role, source }) => [role, source])).toEqual([
    ['picture', { kind: 'upload', name: 'dog.png' }],
    ['picture', { kind: 'place', id: null }],
  ]);
  expect(scene?.task).toEqual({ kind: 'scene' });
  expect(clip?.task).toMatchObject({ kind: 'clip-between', toId: dragged?.id, count: 4 });
  expect(edited?.state).toMatchObject({ status: 'done', result: { clip: [{}, {}, {}, {}] } });
  const framesOf = (turn: string): readonly string[] => [1, 2, 3, 4].map((at) => `${turn}-frame${at}`);
  expect(frames).toEqual([
    '00',
    '01-now',
    '01-next',
    '01',
    '02',
    '03',
    ...framesOf('04'),
    '04',
    ...framesOf('05'),
    '05',
  ]);

  const page = createRig();
  expect(await page.actions.importFile(file)).toBe(true);
  expect({ ...page.document(), id: document.id }).toEqual(document);
  expect(page.actions.maskOf(must(dragged?.regions.next).mask.hash)).not.toBe(null);
});

test('asks the model for a region and keeps it as found; where nothing is found the run ends', async () => {
  const knowing = createEngine(tiny.url, { backend: 'wasm' }, knowingAll());
  const asked = parseScript(
    JSON.stringify({
      ...plain,
      turns: [{ instruction: 'add a cat', regions: { now: 'predict' }, steps: 1 }],
    }),
  );
  const run = await runScript(asked, 'story', portsWith({ engine: knowing }).ports, never);
  await knowing.dispose();
  // An untrained model may find nothing; then that is what ends the run.
  const found = run.document.turns[0]?.regions.now;
  expect(found?.by ?? run.error?.code).toBe(found === undefined ? 'nothing-found' : 'found');
});

test('ends at what the model was not trained for, and says what it can do', async () => {
  const asked = parseScript(
    JSON.stringify({ ...plain, turns: [{ ...turns[0], regions: { now: 'predict' } }] }),
  );
  const run = await runScript(asked, 'story', portsWith().ports, never);
  expect(run.error).toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining(
      'Turn 1: This model cannot find the region that words speak of',
    ) as string,
  });
  expect(run.document.turns).toEqual([]);
});

test('refuses a picture of another size before anything runs', async () => {
  const small = { width: 8, height: 4, data: new Uint8ClampedArray(128) };
  const { ports } = portsWith({ readPicture: async () => small });
  await expect(runScript(script, 'story', ports, never)).rejects.toThrow(
    'start.png has 8 x 4 pixels; this model takes 64 x 64.',
  );
});

test('takes pictures of a further size of the model, and those of one session alike', async () => {
  const wide = { width: 8, height: 4, data: new Uint8ClampedArray(128) };
  const { ports } = portsWith({
    readPicture: async () => wide,
    engine: {
      ...engine,
      load: async (...call) => {
        const info = await engine.load(...call);
        return { ...info, manifest: { ...info.manifest, frames: [{ width: 8, height: 4 }] } };
      },
    },
  });
  await expect(runScript(script, 'story', ports, never)).rejects.toThrow(
    'mask.png has 64 x 64 pixels and start.png has 8 x 4; those of one session are alike. Cut one of them.',
  );
});

test('ends at the first edit that fails and keeps what was made before', async () => {
  let edits = 0;
  const failing: Engine = {
    ...engine,
    edit: (...call) => {
      edits += 1;
      if (edits === 2) return Promise.reject(new EngineError({ code: 'bad-input', message: 'No.' }));
      return engine.edit(...call);
    },
  };
  const run = await runScript(script, 'story', portsWith({ engine: failing }).ports, never);
  expect(run.error).toMatchObject({ code: 'bad-input' });
  expect(statesOf(run)).toEqual(['done', 'failed']);
  expect(statesOf({ ...run, document: readSessionFile(run.file).document })).toEqual(['done', 'failed']);
});

test('ends when it is interrupted', async () => {
  const controller = new AbortController();
  const { ports } = portsWith({ onProgress: (turn) => void (turn === 2 && controller.abort()) });
  const run = await runScript(script, 'story', ports, controller.signal);
  expect(run.error).toMatchObject({ code: 'cancelled' });
  expect(statesOf(run)).toEqual(['done', 'cancelled']);
});
