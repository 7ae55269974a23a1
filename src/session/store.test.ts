import fc from 'fast-check';
import { expect, test } from 'vitest';

import { findTurn, noRegions } from './document.ts';
import { readSession, writeSession } from './migrations.ts';
import {
  pathToCurrent,
  selectCanRedo,
  selectComposer,
  selectCurrentTurn,
  selectMakeBlock,
  selectPreview,
  selectShownFrame,
} from './selectors.ts';
import { type Rig, createRig, flatPicture, leftMask, readyRig } from './testing/editor.ts';
import { must } from './testing/must.ts';
import { paint } from './testing/paint.ts';
import { childrenOf } from './tree.ts';

async function make(rig: Rig, words: string): Promise<void> {
  rig.actions.setInstruction(words);
  expect(rig.actions.makeEdit().length).toBe(1);
  await rig.actions.settled();
}

test('makes a turn from words and region: only the region changes, and the whole request is in the history', async () => {
  const rig = await readyRig();
  rig.actions.setMask(leftMask(3));
  await make(rig, ' add a red cup ');
  const turn = must(selectCurrentTurn(rig.state.getState()));
  expect(turn).toMatchObject({
    instruction: 'add a red cup',
    steps: 4,
    guidance: 1,
    state: { status: 'done' },
  });
  const shown = must(rig.actions.pixelsOf(must(selectShownFrame(rig.state.getState())).hash));
  const before = flatPicture(90);
  for (let i = 0; i < 64; i += 1) {
    const isSame = shown.data.slice(i * 4, i * 4 + 4).every((value, c) => value === before.data[i * 4 + c]);
    expect(isSame).toBe(i % 8 >= 3);
  }
  await make(rig, 'make it night');
  const [first, second] = rig.engine.requests;
  expect(must(first).history.map(({ kind }) => kind)).toEqual(['image']);
  expect(must(second).history.map(({ kind }) => kind)).toEqual(['image', 'text', 'mask', 'image']);
  expect(must(second).history.at(-1)).toMatchObject({
    pixels: paint(must(first)),
    latent: { channels: 1, height: 8, width: 8 },
  });
  expect(pathToCurrent(rig.document()).map(({ instruction }) => instruction)).toEqual([
    'add a red cup',
    'make it night',
  ]);
});

test('starts from words alone, with an empty history', async () => {
  const rig = createRig();
  await rig.actions.loadModel();
  await rig.actions.newSession();
  expect(selectShownFrame(rig.state.getState())).toBe(null);
  await make(rig, 'a red boat');
  expect(must(rig.engine.requests[0]).history).toEqual([]);
  expect(selectShownFrame(rig.state.getState())).not.toBe(null);
});

test('uses the settings when they are given, and a new seed each time when none is', async () => {
  const rig = await readyRig();
  await make(rig, 'one');
  await make(rig, 'two');
  rig.actions.setSeed(5);
  rig.actions.setSteps(2);
  rig.actions.setGuidance(2.5);
  rig.actions.setInstruction('three');
  rig.actions.makeEdit(3);
  await rig.actions.settled();
  const [one, two, ...ways] = rig.document().turns;
  expect(must(one).seed).not.toBe(must(two).seed);
  expect(ways.map(({ seed, steps, guidance, parentId }) => [seed, steps, guidance, parentId])).toEqual(
    [5, 6, 7].map((seed) => [seed, 2, 2.5, must(two).id]),
  );
  expect(rig.document().current).toBe(must(ways[0]).id);
});

test('keeps settings inside their ranges', async () => {
  const rig = await readyRig();
  fc.assert(
    fc.property(fc.double(), (value) => {
      rig.actions.setSeed(value);
      rig.actions.setSteps(value);
      rig.actions.setGuidance(value);
      const { session, turns } = writeSession(rig.document(), 1, 0);
      expect(readSession(session, turns).state).toBe('current');
    }),
  );
  await rig.actions.settled();
});

test('refuses to make without words or without a model, and keeps what was written', async () => {
  const rig = createRig();
  expect(rig.actions.makeEdit()).toEqual([]);
  expect(selectMakeBlock(rig.state.getState())).toBe('no-session');
  await rig.actions.openPicture(flatPicture(1), 'a');
  expect(selectMakeBlock(rig.state.getState())).toBe('no-words');
  expect(rig.actions.makeEdit()).toEqual([]);
  rig.actions.setInstruction('add a cup');
  expect(selectMakeBlock(rig.state.getState())).toBe('no-model');
  expect(rig.actions.makeEdit()).toEqual([]);
  expect(rig.state.getState().notice).toMatchObject({ code: 'not-ready', next: 'load-model' });
  expect(selectComposer(rig.state.getState()).instruction).toBe('add a cup');
  expect(rig.document().turns).toEqual([]);
});

test('queues turns, runs one at a time in order, each on the picture before it', async () => {
  const rig = await readyRig();
  for (const words of ['one', 'two', 'three']) {
    rig.actions.setInstruction(words);
    rig.actions.makeEdit();
  }
  expect(rig.state.getState()).toMatchObject({
    run: { status: 'running' },
    queue: rig
      .document()
      .turns.slice(1)
      .map(({ id }) => id),
  });
  await rig.actions.settled();
  expect(rig.engine.mostAtOnce()).toBe(1);
  expect(rig.engine.requests.map(({ instruction, history }) => [instruction, history.length])).toEqual([
    ['one', 1],
    ['two', 3],
    ['three', 5],
  ]);
  expect(rig.document().turns.map(({ state }) => state.status)).toEqual(['done', 'done', 'done']);
  expect(rig.state.getState()).toMatchObject({
    run: { status: 'idle' },
    queue: [],
    saved: { status: 'stored' },
  });
});

test('shows progress of every stage and a preview only while the running turn is looked at', async () => {
  const rig = await readyRig();
  const seen: string[] = [];
  const previews: boolean[] = [];
  rig.state.subscribe((state, before) => {
    if (state.run.status !== 'running' || state.run.progress === null || state.run === before.run) return;
    seen.push(`${state.run.progress.stage} ${state.run.progress.done}/${state.run.progress.total}`);
    previews.push(selectPreview(state) !== null);
    if (state.run.progress.stage === 'denoise' && state.run.progress.done === 2) rig.actions.goTo(null);
  });
  await make(rig, 'one');
  expect(seen).toEqual([
    'text 1/1',
    'history 1/1',
    'denoise 1/4',
    'denoise 2/4',
    'denoise 3/4',
    'denoise 4/4',
    'decode 1/1',
  ]);
  expect(previews).toEqual([false, false, true, true, false, false, false]);
});

test('branches instead of overwriting, and remembers whose words were taken up', async () => {
  const rig = await readyRig();
  await make(rig, 'one');
  const one = must(rig.document().current);
  await make(rig, 'two');
  const two = must(rig.document().current);
  rig.actions.branchFrom(one);
  await make(rig, 'other two');
  rig.actions.reviseTurn(two);
  expect(selectComposer(rig.state.getState())).toMatchObject({ instruction: 'two', revising: two });
  await make(rig, 'two, but blue');
  expect(
    childrenOf(rig.document(), one).map(({ instruction, revisedFrom }) => [instruction, revisedFrom]),
  ).toEqual([
    ['two', undefined],
    ['other two', undefined],
    ['two, but blue', two],
  ]);
});

test('undoes strokes one by one, deletions with everything under them, and the step to a made turn', async () => {
  const rig = await readyRig();
  const masks = [1, 2, 3].map((columns) => leftMask(columns));
  for (const mask of masks) rig.actions.setMask(mask);
  for (const mask of masks.slice(0, -1).toReversed()) {
    rig.actions.undo();
    expect(rig.actions.maskOf(must(selectComposer(rig.state.getState()).regions.drawn).hash)).toEqual(mask);
  }
  rig.actions.undo();
  expect(selectComposer(rig.state.getState()).regions).toEqual(noRegions);
  for (const mask of masks) {
    rig.actions.redo();
    expect(rig.actions.maskOf(must(selectComposer(rig.state.getState()).regions.drawn).hash)).toEqual(mask);
  }
  expect(selectCanRedo(rig.state.getState())).toBe(false);

  await make(rig, 'one');
  const one = must(rig.document().current);
  await make(rig, 'two');
  const whole = rig.document();
  rig.actions.deleteTurn(one);
  expect(rig.document()).toMatchObject({ turns: [], current: null });
  rig.actions.undo();
  expect(rig.document()).toEqual(whole);
  expect(rig.state.getState().undoLabel).toBe('make');
  rig.actions.undo();
  expect(rig.document()).toMatchObject({
    turns: whole.turns,
    current: one,
    composer: { instruction: 'two' },
  });
  await rig.actions.settled();
});

test('a turn made while looking at a failed one hangs on the last picture before it', async () => {
  const rig = await readyRig();
  await make(rig, 'one');
  const one = rig.document().current;
  rig.engine.failNext('edit', 'internal');
  await make(rig, 'two');
  const [, failed] = rig.document().turns;
  rig.actions.goTo(must(failed).id);
  await make(rig, 'three');
  expect(must(rig.document().turns[2])).toMatchObject({ parentId: one, state: { status: 'done' } });
});

test('renames turns and sessions, and ignores empty session names', async () => {
  const rig = await readyRig();
  await make(rig, 'one');
  const id = must(rig.document().current);
  rig.actions.renameTurn(id, ' Cup ');
  rig.actions.renameSession('  ');
  rig.actions.renameSession('Harbour');
  expect(rig.document()).toMatchObject({ name: 'Harbour', turns: [{ name: 'Cup' }] });
  rig.actions.renameTurn(id, '');
  expect(must(findTurn(rig.document(), id)).name).toBe(null);
  rig.actions.undo();
  rig.actions.undo();
  expect(rig.document()).toMatchObject({ name: 'bay', turns: [{ name: 'Cup' }] });
  await rig.actions.settled();
});
