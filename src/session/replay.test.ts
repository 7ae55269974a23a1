import { expect, test } from 'vitest';

import { contextKey } from './contextItems.ts';
import { type TurnId, findTurn } from './document.ts';
import { replayPairs, shownTurns } from './groups.ts';
import { unionOf } from './regions.ts';
import { recipeOf } from './replay.ts';
import { type Rig, ableRig, flatPicture, leftMask, makeTurn } from './testing/editor.ts';
import { must } from './testing/must.ts';
import { pathTo, siblingsOf } from './tree.ts';

/** one - two - three, with another turn under two. */
async function branchy(): Promise<{ rig: Rig; one: TurnId; two: TurnId; three: TurnId; other: TurnId }> {
  const rig = await ableRig();
  const one = await makeTurn(rig, 'one');
  rig.actions.setMask(leftMask(3));
  const two = await makeTurn(rig, 'two');
  const three = await makeTurn(rig, 'three');
  rig.actions.goTo(two);
  const other = await makeTurn(rig, 'other');
  return { rig, one, two, three, other };
}

const turn = (rig: Rig, id: TurnId | undefined) => must(findTurn(rig.document(), must(id)));
const frameOf = (rig: Rig, id: TurnId | undefined) => {
  const { state } = turn(rig, id);
  if (state.status !== 'done') throw new Error(state.status);
  return state.result.frame;
};

test('a changed turn is made beside the old one, with all that followed repeated under it with its own seeds', async () => {
  const { rig, one, two, three, other } = await branchy();
  const before = rig.document();
  const made = rig.actions.reviseAndReplay(two, { instruction: 'two, but blue' });
  expect(made.length).toBe(3);
  await rig.actions.settled();
  const pairs = replayPairs(rig.document(), must(made[0]));
  expect(pairs.map(({ old, replay }) => [old.id, replay.id, old.seed === replay.seed])).toEqual([
    [two, made[0], true],
    [three, made[1], true],
    [other, made[2], true],
  ]);
  expect(turn(rig, made[0])).toMatchObject({
    parentId: one,
    revisedFrom: two,
    replayOf: two,
    instruction: 'two, but blue',
  });
  expect(turn(rig, made[1])).toMatchObject({ parentId: made[0], instruction: 'three' });
  expect(pairs.every(({ replay }) => replay.state.status === 'done')).toBe(true);
  expect(frameOf(rig, made[1]).hash).not.toBe(frameOf(rig, three).hash);
  // The old branch is as it was.
  expect(rig.document().turns.slice(0, 4)).toEqual(before.turns);
});

test('an unchanged turn is repeated to the same pictures, with what was left out left out again', async () => {
  const { rig, two } = await branchy();
  rig.actions.goTo(two);
  rig.actions.switchContext(contextKey(must(rig.document().turns[0]).id, 'words'), false);
  rig.actions.pinContext(contextKey(two, 'words'), true);
  const last = await makeTurn(rig, 'last');
  rig.actions.switchContext(contextKey(two, 'drawn'), false);
  rig.actions.goTo(last);
  const deep = await makeTurn(rig, 'deep');
  const made = rig.actions.reviseAndReplay(two, {});
  await rig.actions.settled();
  const copies = replayPairs(rig.document(), must(made[0]));
  expect(copies.length).toBe(5);
  for (const { old, replay } of copies) expect(frameOf(rig, replay.id)).toEqual(frameOf(rig, old.id));
  const again = must(copies.find(({ old }) => old.id === deep)).replay;
  expect(turn(rig, deep).context.off).toContain(`${two}/drawn`);
  expect(again.context.off).toContain(`${made[0]}/drawn`);
  expect(again.context.off).not.toContain(`${two}/drawn`);
});

test('takes the words from the line that revises the turn, and leaves out what is out of sight or was not made', async () => {
  const { rig, two, three, other } = await branchy();
  rig.actions.archiveTurn(other, true);
  rig.actions.goTo(three);
  rig.engine.failNext('edit', 'internal');
  await makeTurn(rig, 'fails');
  rig.actions.clearComposer();
  rig.actions.reviseTurn(two);
  rig.actions.setInstruction('two in words of the line');
  const made = rig.actions.reviseAndReplay(two);
  await rig.actions.settled();
  expect(made.map((id) => turn(rig, id).instruction)).toEqual(['two in words of the line', 'three']);
  expect(rig.document().composer).toMatchObject({ instruction: '', revising: null });
  expect(pathTo(rig.document(), rig.document().current).at(-1)?.id).toBe(made[1]);
});

test('cancelling the changed turn cancels what waits for it; only turns with a picture are replayed', async () => {
  const { rig, two } = await branchy();
  rig.engine.beforeStep = () => {
    rig.actions.cancel();
  };
  const made = rig.actions.reviseAndReplay(two, { instruction: 'x' });
  await rig.actions.settled();
  expect(made.map((id) => turn(rig, id).state.status)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  expect(rig.actions.reviseAndReplay(must(made[0]), {})).toEqual([]);
  expect(rig.actions.rebase(must(made[0]))).toBe(null);
  expect(rig.state.getState().notice?.code).toBe('parent-missing');
});

test('a rebase makes the picture from the original, with all words of the way and no picture between', async () => {
  const { rig, two, three } = await branchy();
  const id = must(rig.actions.rebase(three));
  await rig.actions.settled();
  const request = must(rig.engine.requests.at(-1));
  expect(request.history.map((item) => (item.kind === 'text' ? item.text : item.kind))).toEqual([
    'image',
    'one',
    'two',
    'mask',
  ]);
  expect(request.history[0]).toMatchObject({ pixels: flatPicture(90) });
  expect(request).toMatchObject({ instruction: 'three', seed: turn(rig, three).seed });
  // One turn of the way had no region, so the whole picture is in force.
  expect(request.regions).toBe(undefined);
  expect(turn(rig, id)).toMatchObject({ parentId: two, rebaseOf: three, state: { status: 'done' } });
  expect(siblingsOf(rig.document(), id).map((one) => one.id)).toContain(three);
  expect(rig.document().current).toBe(id);
  // Taken up again it is asked for in the same way.
  rig.actions.reviseTurn(id);
  await makeTurn(rig, 'three');
  expect(must(rig.engine.requests.at(-1)).history).toEqual(request.history);
});

test('a merged rebase asks for everything at once from the original, inside the regions of the way together', async () => {
  const rig = await ableRig();
  rig.actions.setMask(leftMask(2));
  await makeTurn(rig, 'add a cup');
  rig.actions.setMask(leftMask(4));
  rig.actions.addReference({ pixels: flatPicture(3), name: 'cat.png' });
  const two = await makeTurn(rig, 'add the cat of picture one');
  const id = must(rig.actions.rebase(two, 'merged'));
  await rig.actions.settled();
  expect(must(rig.engine.requests.at(-1))).toMatchObject({
    history: [{ kind: 'image', pixels: flatPicture(90) }],
    instruction: 'add a cup and add the cat of picture one',
    references: [{ role: 'picture', pixels: flatPicture(3) }],
    regions: { drawn: must(unionOf([leftMask(2), leftMask(4)])) },
  });
  expect(turn(rig, id)).toMatchObject({ parentId: null, rebaseOf: two });
});

test('references are pictures that were opened or made, and stay when the turn they came from is deleted', async () => {
  const rig = await ableRig();
  const one = await makeTurn(rig, 'one');
  rig.actions.goTo(null);
  expect(rig.actions.addReference({ place: one })).toBe(true);
  expect(rig.actions.addReference({ pixels: flatPicture(7), name: 'fox.png' })).toBe(true);
  expect(rig.actions.addReference({ place: 'nobody' as TurnId })).toBe(false);
  rig.actions.removeReference(5);
  expect(rig.document().composer.references.map(({ source }) => source)).toEqual([
    { kind: 'place', id: one },
    { kind: 'upload', name: 'fox.png' },
  ]);
  rig.actions.deleteTurn(one);
  const two = await makeTurn(rig, 'the cat of picture one beside that of picture two');
  const { references } = must(rig.engine.requests.at(-1));
  // A picture that was made comes with its latent, so that it is not encoded again.
  expect(must(references).map(({ latent }) => latent !== undefined)).toEqual([true, false]);
  rig.actions.reviseTurn(two);
  expect(rig.document().composer.references).toEqual(recipeOf(turn(rig, two)).references);
  rig.actions.removeReference(0);
  rig.actions.undo();
  expect(rig.document().composer.references.length).toBe(2);
  expect(shownTurns(rig.document()).map(({ id }) => id)).toEqual([two]);
  await rig.actions.settled();
});
