import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { TurnId } from './document.ts';
import { earlierWords, openWays, searchTurns, shownTurns, wayOf, waysOf } from './groups.ts';
import { selectMakeBlock } from './selectors.ts';
import { samples } from './testing/arbitraries.ts';
import { type Rig, ableRig, gate, leftMask, makeTurn, readyRig } from './testing/editor.ts';
import { must } from './testing/must.ts';
import { pathTo } from './tree.ts';

async function ways(rig: Rig, words: string, count: number): Promise<readonly TurnId[]> {
  rig.actions.setInstruction(words);
  const ids = rig.actions.makeEdit(count);
  await rig.actions.settled();
  return ids;
}

const shown = (rig: Rig): readonly TurnId[] => shownTurns(rig.document()).map(({ id }) => id);
const offered = (rig: Rig, id: TurnId): readonly TurnId[] =>
  openWays(rig.document(), id).map(({ root }) => root.id);

test('1, 2, 4 or 9 ways stand beside each other until one is kept', async () => {
  for (const count of [1, 2, 4, 9]) {
    const rig = await readyRig();
    const ids = await ways(rig, 'one', count);
    expect(ids.length).toBe(count);
    expect(new Set(rig.document().turns.map(({ seed }) => seed)).size).toBe(count);
    expect(offered(rig, must(ids[0]))).toEqual(count === 1 ? [] : ids);
  }
});

test('keeping one discards the others, stays where the person is in it, and is one step to take back', async () => {
  const rig = await readyRig();
  const ids = await ways(rig, 'one', 4);
  const before = rig.document();
  rig.actions.keep(must(ids[2]));
  expect(shown(rig)).toEqual([ids[2]]);
  expect(rig.document().current).toBe(ids[2]);
  expect(offered(rig, must(ids[2]))).toEqual([]);
  expect(waysOf(rig.document(), must(ids[2])).map(({ root }) => root.isDiscarded)).toEqual([
    true,
    true,
    false,
    true,
  ]);
  rig.actions.undo();
  expect(rig.document()).toEqual(before);
  expect(rig.state.getState().redoLabel).toBe('keep');
  rig.actions.redo();
  await makeTurn(rig, 'two');
  expect(must(rig.document().turns.at(-1)).parentId).toBe(ids[2]);
});

test('discarding the way one looks at goes to the next one, and it can be taken back by hand', async () => {
  const rig = await readyRig();
  const ids = await ways(rig, 'one', 3);
  rig.actions.discard(must(ids[0]));
  expect(rig.document().current).toBe(ids[1]);
  expect(offered(rig, must(ids[1]))).toEqual(ids);
  rig.actions.discard(must(ids[1]));
  expect(offered(rig, must(ids[1]))).toEqual([]);
  expect(rig.document().current).toBe(ids[2]);
  rig.actions.discard(must(ids[0]), false);
  expect(shown(rig)).toEqual([ids[0], ids[2]]);
});

test('ways that wait or run are not made once another is kept', async () => {
  const rig = await readyRig();
  const held = gate();
  rig.engine.beforeStep = (stage) =>
    stage === 'denoise' && rig.engine.requests.length === 2 ? held.passed : undefined;
  rig.actions.setInstruction('one');
  const ids = rig.actions.makeEdit(4);
  while (rig.engine.requests.length < 2) await rig.repository.list();
  rig.actions.keep(must(ids[0]));
  held.open();
  await rig.actions.settled();
  expect(rig.document().turns.map(({ state }) => state.status)).toEqual([
    'done',
    'cancelled',
    'cancelled',
    'cancelled',
  ]);
  expect(rig.engine.requests.length).toBe(2);
  // Taken back, they are there again with their words, and can be made.
  rig.actions.undo();
  expect(rig.actions.retryTurn(must(ids[3]))).toBe(true);
  await rig.actions.settled();
  expect(must(rig.document().turns[3]).state.status).toBe('done');
});

test('several regions with words of their own become one turn after another, each in its region', async () => {
  const rig = await ableRig();
  rig.actions.setMask(leftMask(2));
  rig.actions.setInstruction('add a cup');
  rig.actions.addPart();
  expect(rig.document().composer).toMatchObject({ instruction: '', regions: { drawn: null } });
  rig.actions.setMask(leftMask(5));
  rig.actions.setInstruction('add a cat');
  rig.actions.addPart();
  rig.actions.changePart(1, { instruction: 'add a red cat', mask: leftMask(4) });
  rig.actions.setInstruction('make it night');
  const ids = rig.actions.makeEdit();
  await rig.actions.settled();
  expect(
    rig.engine.requests.map(({ instruction, regions, history }) => [
      instruction,
      regions?.drawn ?? null,
      history.length,
    ]),
  ).toEqual([
    ['add a cup', leftMask(2), 1],
    ['add a red cat', leftMask(4), 4],
    ['make it night', null, 7],
  ]);
  expect(pathTo(rig.document(), rig.document().current).map(({ id }) => id)).toEqual(ids);
  expect(rig.document().composer.parts).toEqual([]);
});

test('a line of parts alone is made of them, and each change of it is a step to take back', async () => {
  const rig = await ableRig();
  for (const words of ['one', 'two']) {
    rig.actions.setInstruction(words);
    rig.actions.addPart();
  }
  rig.actions.addPart();
  expect(rig.document().composer.parts.map(({ instruction }) => instruction)).toEqual(['one', 'two']);
  rig.actions.removePart(0);
  rig.actions.undo();
  // A region that has no words yet is not thrown away.
  rig.actions.setMask(leftMask(2));
  expect(selectMakeBlock(rig.state.getState())).toBe('no-words');
  expect(rig.actions.makeEdit(2)).toEqual([]);
  rig.actions.setMask(null);
  const ids = rig.actions.makeEdit(2);
  await rig.actions.settled();
  expect(ids.length).toBe(4);
  const { turns } = rig.document();
  expect(turns.map(({ instruction, parentId }) => [instruction, parentId])).toEqual([
    ['one', null],
    ['two', ids[0]],
    ['one', null],
    ['two', ids[2]],
  ]);
  // Two ways of two turns each.
  const [a, b] = waysOf(rig.document(), must(ids[3]));
  expect([a?.root.id, a?.tip.id, b?.root.id, b?.tip.id]).toEqual(ids);
  expect(rig.document().current).toBe(ids[1]);
  rig.actions.keep(must(ids[3]));
  expect(shown(rig)).toEqual([ids[2], ids[3]]);
  expect(rig.document().current).toBe(ids[3]);
  expect(wayOf(rig.document(), must(ids[3])).id).toBe(ids[2]);
});

test('archived turns are out of sight with all under them, and come back', async () => {
  const rig = await readyRig();
  const one = await makeTurn(rig, 'one');
  const two = await makeTurn(rig, 'two');
  rig.actions.starTurn(two, true);
  rig.actions.archiveTurn(one, true);
  expect(shown(rig)).toEqual([]);
  expect(rig.document().current).toBe(null);
  rig.actions.undo();
  expect(rig.document().current).toBe(two);
  rig.actions.archiveTurn(two, true);
  expect(shown(rig)).toEqual([one]);
  rig.actions.archiveTurn(two, false);
  expect(shownTurns(rig.document()).map(({ isStarred }) => isStarred)).toEqual([false, true]);
});

test('the queue can be put in another order, but nothing before what it is made from, and be emptied', async () => {
  const rig = await readyRig();
  const held = gate();
  rig.engine.beforeStep = () => held.passed;
  rig.actions.setInstruction('now');
  rig.actions.makeEdit();
  const add = (words: string, from: TurnId | null): TurnId => {
    rig.actions.goTo(from);
    rig.actions.setInstruction(words);
    return must(rig.actions.makeEdit()[0]);
  };
  const a = add('a', null);
  const underA = add('under a', a);
  const b = add('b', null);
  const queue = (): readonly TurnId[] => rig.state.getState().queue;
  rig.actions.moveInQueue(b, -2);
  expect(queue()).toEqual([b, a, underA]);
  rig.actions.moveInQueue(underA, -2);
  expect(queue()).toEqual([b, a, underA]);
  rig.actions.moveInQueue(a, 5);
  expect(queue()).toEqual([b, a, underA]);
  rig.actions.moveInQueue(b, 5);
  expect(queue()).toEqual([a, underA, b]);
  rig.actions.clearQueue();
  expect(queue()).toEqual([]);
  held.open();
  await rig.actions.settled();
  expect(rig.engine.requests.map(({ instruction }) => instruction)).toEqual(['now']);
  expect(rig.document().turns.map(({ state }) => state.status)).toEqual([
    'done',
    'cancelled',
    'cancelled',
    'cancelled',
  ]);
});

test('finds turns by any words of theirs or of their name, whatever case and accents', async () => {
  const rig = await readyRig();
  await makeTurn(rig, 'Füge ein rotes Café hinzu');
  const two = await makeTurn(rig, 'add a red cup');
  rig.actions.renameTurn(two, 'Émile’s cup');
  const found = (query: string): readonly string[] =>
    searchTurns(rig.document(), query).map(({ instruction }) => instruction);
  expect(found('fuge cafe')).toEqual(['Füge ein rotes Café hinzu']);
  expect(found('EMILE')).toEqual(['add a red cup']);
  expect(found('ROTES CAFÉ')).toEqual(['Füge ein rotes Café hinzu']);
  expect(found('cup red')).toEqual(['add a red cup']);
  expect(found('cup cafe')).toEqual([]);
  expect(found('  ')).toEqual([]);
  await rig.actions.settled();
});

test('finds every turn by each of its own words, and keeps earlier words newest first and once', () => {
  fc.assert(
    fc.property(samples, ({ document }) => {
      for (const turn of document.turns) {
        const words = turn.instruction.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
        for (const word of words) expect(searchTurns(document, word.toUpperCase())).toContain(turn);
      }
      const said = document.turns.map(({ instruction }) => instruction).filter(Boolean);
      const earlier = earlierWords(document);
      expect(new Set(earlier)).toEqual(new Set(said));
      expect(earlier.length).toBe(new Set(said).size);
      expect(earlier[0]).toBe(said.at(-1));
    }),
  );
});

test('one more way has the same recipe and another seed, and leaves place and line alone', async () => {
  const rig = await readyRig();
  const ids = await ways(rig, 'one', 2);
  rig.actions.setInstruction('unsent');
  const { current, composer } = rig.document();
  const added = must(rig.actions.addWay(must(ids[0])));
  await rig.actions.settled();
  expect(rig.document()).toMatchObject({ current, composer });
  expect(waysOf(rig.document(), must(ids[1])).map(({ root }) => root.id)).toEqual([...ids, added]);
  const [first, , third] = rig.document().turns;
  const { seed, id, createdAt, state, ...recipe } = must(third);
  expect(must(first)).toMatchObject(recipe);
  expect(seed).not.toBe(must(first).seed);
  expect([id, createdAt > 0, state.status]).toEqual([added, true, 'done']);
});

test('a turn that was made alone becomes the first of two ways, also after a reload', async () => {
  const rig = await readyRig();
  const alone = await makeTurn(rig, 'one');
  const added = must(rig.actions.addWay(alone));
  await rig.actions.settled();
  expect(offered(rig, added)).toEqual([alone, added]);
  const again = rig.reload();
  await again.actions.start();
  expect(offered(again, added)).toEqual([alone, added]);
});

test('one more way of a chain is a chain of its own', async () => {
  const rig = await ableRig();
  rig.actions.setMask(leftMask(2));
  rig.actions.setInstruction('add a cup');
  rig.actions.addPart();
  const ids = await ways(rig, 'make it night', 2);
  rig.actions.addWay(must(ids[0]));
  await rig.actions.settled();
  const [, , third] = waysOf(rig.document(), must(ids[0]));
  const chain = pathTo(rig.document(), must(third).tip.id);
  expect(chain.map(({ instruction }) => instruction)).toEqual(['add a cup', 'make it night']);
  expect(chain.map(({ state }) => state.status)).toEqual(['done', 'done']);
  expect(rig.actions.addWay('gone' as TurnId)).toBeNull();
});
