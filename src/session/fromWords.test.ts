import { expect, test } from 'vitest';

import { selectCanCompare, selectComposer, selectMakeBlock } from './selectors.ts';
import { createRig, flatPicture, leftMask } from './testing/editor.ts';

test('makes the first picture of a blank session from words, names it by them, and goes on as usual', async () => {
  const rig = createRig();
  await rig.actions.loadModel();
  await rig.actions.newSession();
  rig.actions.setInstruction(' a beach with a cat ');
  expect(rig.actions.makeEdit()).toHaveLength(1);
  await rig.actions.settled();
  expect(rig.engine.requests).toMatchObject([{ history: [], instruction: 'a beach with a cat' }]);
  expect(rig.document().name).toBe('A beach with a cat');
  expect(selectCanCompare(rig.state.getState())).toBe(false);

  rig.actions.setMask(leftMask(2));
  rig.actions.goTo(null);
  rig.actions.setInstruction('a sky');
  expect(rig.actions.makeEdit()).toHaveLength(1);
  await rig.actions.settled();
  expect(rig.engine.requests[1]).toMatchObject({ history: [], instruction: 'a sky' });
  expect(rig.engine.requests[1]).not.toHaveProperty('regions');
  expect(rig.document().name).toBe('A beach with a cat');
  expect(selectCanCompare(rig.state.getState())).toBe(true);

  rig.actions.setInstruction('add a cup');
  rig.actions.makeEdit();
  await rig.actions.settled();
  expect(rig.engine.requests[2]?.history.map(({ kind }) => kind)).toEqual(['text', 'image']);
  rig.actions.goTo(null);
  expect(selectCanCompare(rig.state.getState())).toBe(false);
});

test('keeps the words of a blank session when the model needs a picture, and a name that was given', async () => {
  const rig = createRig();
  rig.engine.capabilities = ['next-image'];
  await rig.actions.loadModel();
  await rig.actions.newSession();
  rig.actions.renameSession('Trials');
  rig.actions.setInstruction('a beach');
  expect(selectMakeBlock(rig.state.getState())).toBe('no-picture');
  expect(rig.actions.makeEdit()).toEqual([]);
  expect(selectComposer(rig.state.getState()).instruction).toBe('a beach');
  await rig.actions.openPicture(flatPicture(4), 'bay');
  expect(rig.actions.makeEdit()).toHaveLength(1);
  await rig.actions.settled();
  expect(rig.document().turns.map(({ state }) => state.status)).toEqual(['done']);
});
