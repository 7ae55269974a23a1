import { expect, test } from 'vitest';

import { parseSize } from './recipeSchema.ts';
import { selectCanCompare, selectComposer, selectMakeBlock } from './selectors.ts';
import { createRig, flatPicture, leftMask, makeTurn } from './testing/editor.ts';
import { paintSize } from './testing/paint.ts';
import { sizeOfPictures } from './tree.ts';

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

test('has the size of the first picture chosen, keeps it with the session, and leaves it once there is a picture', async () => {
  const rig = createRig();
  await rig.actions.loadModel();
  await rig.actions.newSession();
  expect(sizeOfPictures(rig.document())).toBe(null);
  expect(rig.actions.setStartSize({ width: 12, height: 8 })).toBe(true);
  expect(rig.actions.setStartSize({ width: 8, height: 12 })).toBe(true);
  await rig.actions.settled();
  const again = rig.reload();
  await again.actions.start();
  expect(again.document()).toEqual(rig.document());
  expect(sizeOfPictures(rig.document())).toEqual({ width: 8, height: 12 });

  await makeTurn(rig, 'a beach');
  expect(rig.engine.requests).toMatchObject([{ history: [], size: { width: 8, height: 12 } }]);
  expect(rig.actions.setStartSize({ width: 12, height: 8 })).toBe(false);
  // What was made says it from then on.
  expect(sizeOfPictures(rig.document())).toEqual({ width: paintSize, height: paintSize });
  await rig.actions.openPicture(flatPicture(4), 'bay');
  expect(rig.actions.setStartSize({ width: 12, height: 8 })).toBe(false);
});

test('refuses a stored size that no picture can have', () => {
  const parse = (size: unknown): unknown => parseSize(size, 'root.size');
  expect(parse({ width: 12, height: 8 })).toEqual({ width: 12, height: 8 });
  expect(() => parse({ width: 0, height: 8 })).toThrow('root.size.width');
  expect(() => parse({ width: 12 })).toThrow('root.size.height');
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
