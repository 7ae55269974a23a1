import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Engine } from '../../src/runtime/contract.ts';
import { createEngine } from '../../src/runtime/engine.ts';
import { nodePorts } from '../../src/runtime/node/host.ts';
import { tiny, tinyRoles, withRoles } from '../../src/runtime/testing/tiny.ts';
import type { TurnId, TurnResult } from '../../src/session/document.ts';
import type { Ffmpeg } from '../../src/session/export/video.ts';
import { costOf, selectDocument } from '../../src/session/selectors.ts';
import { type Editor, createEditor } from '../../src/session/store.ts';
import { must } from '../../src/session/testing/must.ts';
import { freshRepository } from '../../src/session/testing/storage.ts';

let engine: Engine;
let editor: Editor;

/** An editing session over the real engine with an untrained model that takes every task. */
beforeAll(async () => {
  engine = createEngine(tiny.url, { backend: 'wasm' }, withRoles(nodePorts(undefined), tinyRoles));
  let count = 0;
  editor = createEditor({
    engine,
    repository: freshRepository().repository,
    now: () => 5,
    newId: () => `id-${count++}`,
    randomSeed: () => count++,
    loadFfmpeg: (): Promise<Ffmpeg> => Promise.reject(new Error('No video is made here.')),
  });
  await editor.actions.loadModel();
  await editor.actions.openPicture(tiny.picture(1), 'start');
  editor.actions.setSteps(1);
});
afterAll(() => engine.dispose());

const documentOf = () => must(selectDocument(editor.state.getState()));

function resultOf(id: TurnId | undefined): TurnResult {
  const { state } = must(documentOf().turns.find((turn) => turn.id === id));
  if (state.status !== 'done') throw new Error(JSON.stringify(state));
  return state.result;
}

async function makeLine(words: string): Promise<TurnId> {
  editor.actions.setInstruction(words);
  const [id] = editor.actions.makeEdit();
  await editor.actions.settled();
  return must(id);
}

/** Makes the line and holds what it cost against what the session said it would. */
async function make(words: string): Promise<TurnId> {
  editor.actions.setInstruction(words);
  await editor.actions.settled();
  const cost = must(costOf(editor.state.getState(), documentOf()));
  const id = await makeLine(words);
  const { cachedTokens, computedTokens } = resultOf(id);
  expect(cost.total.tokens).toBe(cachedTokens + computedTokens);
  return id;
}

test('the engine takes every kind of turn as the session asks for it, and its tokens are those the session counts', async () => {
  const { actions } = editor;
  const one = await make('add a cat');
  actions.setMask(tiny.mask());
  actions.addReference({ place: null });
  actions.addReference({ pixels: tiny.picture(7), name: 'other.png' });
  await make('add a dog');
  actions.addReference({ place: null }, 'exampleBefore');
  actions.addReference({ place: one }, 'exampleAfter');
  await make('make it night');

  actions.setInstruction('move the cat');
  expect(actions.findRegionNow()).toBe(true);
  await actions.settled();
  // An untrained model may find nothing; then it is drawn.
  if (documentOf().composer.regions.now === null) actions.setRegion('now', tiny.mask());
  expect(actions.findRegionNext()).toBe(true);
  await actions.settled();
  actions.moveRegion({ dx: 3, scale: 0.8 });
  const moved = await make('move the cat');
  expect(resultOf(moved).drift?.step.changedPixels).toBe(0);

  actions.setContextPreset('recent');
  actions.switchContext(must(costOf(editor.state.getState(), documentOf())?.items[0]).key, false);
  await make('add a house');

  actions.setTask({ kind: 'clip-between', to: null, count: 4 });
  const clip = await makeLine('remove the cat');
  expect(must(resultOf(clip).clip).length).toBe(4);
  actions.setTask({ kind: 'clip-edit' });
  const edited = await makeLine('make it night');
  const frames = must(resultOf(edited).clip);
  expect(new Set(frames.map(({ frame }) => frame.hash)).size).toBe(4);
  await make('add a cat');

  const rebased = must(actions.rebase(moved));
  await actions.settled();
  expect(resultOf(rebased).latent).not.toBe(null);
  const replayed = actions.reviseAndReplay(one, {});
  await actions.settled();
  expect(replayed.map((id) => resultOf(id).frame).slice(0, 1)).toEqual([resultOf(one).frame]);
  expect(documentOf().turns.every(({ state }) => state.status === 'done')).toBe(true);
  expect(editor.state.getState().notice).toBe(null);
});
