import fc from 'fast-check';
import { expect, test } from 'vitest';

import { contextChips, contextItems, contextKey, historyAt, historyOf, leftOut } from './contextItems.ts';
import type { ContextChoice, SessionDocument } from './document.ts';
import { samples } from './testing/arbitraries.ts';
import { type Rig, ableRig, leftMask, makeTurn } from './testing/editor.ts';
import { must } from './testing/must.ts';

const keysOn = (document: SessionDocument): string[] =>
  contextChips(document).flatMap(({ key, isOn }) => (isOn ? [key] : []));

async function story(turns: number): Promise<Rig> {
  const rig = await ableRig();
  for (let i = 1; i <= turns; i += 1) {
    if (i === 2) rig.actions.setMask(leftMask(2));
    await makeTurn(rig, `words ${i}`);
  }
  return rig;
}

test('every prompt, region, reference and picture before the line is an item, in the order of the sequence', async () => {
  const rig = await ableRig();
  rig.actions.addReference({ place: null });
  rig.actions.setRegion('now', leftMask(1));
  rig.actions.setRegion('next', leftMask(2));
  const one = await makeTurn(rig, 'one');
  const two = await makeTurn(rig, 'two');
  expect(contextItems(rig.document(), two).map(({ key }) => key)).toEqual([
    'start/picture',
    ...['reference1', 'words', 'now', 'next', 'picture'].map((part) => `${one}/${part}`),
    ...['words', 'picture'].map((part) => `${two}/${part}`),
  ]);
});

test('presets keep everything, the last three turns and the original, or the original alone', async () => {
  const rig = await story(5);
  const ids = rig.document().turns.map(({ id }) => id);
  const all = contextItems(rig.document(), must(ids[4])).map(({ key }) => key);
  expect(keysOn(rig.document())).toEqual(all);
  rig.actions.setContextPreset('recent');
  const last = all.filter((key) => ids.slice(2).some((id) => key.startsWith(id)));
  expect(keysOn(rig.document())).toEqual(['start/picture', ...last]);
  rig.actions.setContextPreset('original');
  expect(keysOn(rig.document())).toEqual(['start/picture', `${ids[4]}/picture`]);
  rig.actions.undo();
  rig.actions.undo();
  expect(keysOn(rig.document())).toEqual(all);
});

test('a pinned item stays on with every preset, and goes on to later turns', async () => {
  const rig = await story(5);
  const [first] = rig.document().turns;
  const words = contextKey(must(first).id, 'words');
  rig.actions.pinContext(words, true);
  rig.actions.setContextPreset('original');
  expect(keysOn(rig.document())).toContain(words);
  await makeTurn(rig, 'six');
  expect(keysOn(rig.document())).toContain(words);
  expect(must(rig.engine.requests.at(-1)).history.map(({ kind }) => kind)).toEqual([
    'image',
    'text',
    'image',
  ]);
  rig.actions.pinContext(words, false);
  expect(keysOn(rig.document())).not.toContain(words);
});

test('what is switched off is not given to the model, is stored with the turn, and comes back when it is revised', async () => {
  const rig = await story(3);
  const [one, two] = rig.document().turns.map(({ id }) => id);
  rig.actions.switchContext(contextKey(must(one), 'words'), false);
  rig.actions.switchContext(contextKey(must(two), 'drawn'), false);
  rig.actions.switchContext(contextKey(must(two), 'words'), false);
  rig.actions.switchContext(contextKey(must(two), 'words'), true);
  const id = await makeTurn(rig, 'four');
  const request = must(rig.engine.requests.at(-1));
  expect(request.history.map((item) => (item.kind === 'text' ? item.text : item.kind))).toEqual([
    'image',
    'image',
    'words 2',
    'image',
    'words 3',
    'image',
  ]);
  const turn = must(rig.document().turns.at(-1));
  expect(turn.context).toEqual({ preset: 'chosen', off: [`${one}/words`, `${two}/drawn`], pinned: [] });
  rig.actions.setContextPreset('all');
  rig.actions.reviseTurn(id);
  await makeTurn(rig, 'four');
  expect(must(rig.engine.requests.at(-1)).history).toEqual(request.history);
});

test('the picture that is edited cannot be switched off', async () => {
  const rig = await story(2);
  const last = must(contextChips(rig.document()).at(-1));
  expect(last).toMatchObject({ part: 'picture', isLocked: true });
  const before = rig.document();
  rig.actions.switchContext(last.key, false);
  expect(rig.document()).toBe(before);
  expect(contextChips(before).filter(({ isLocked }) => isLocked).length).toBe(1);
});

test('a preset leaves in what it says at every place of every session, and never changes the picture that is edited', () => {
  const choices: fc.Arbitrary<ContextChoice['preset']> = fc.constantFrom('all', 'recent', 'original');
  fc.assert(
    fc.property(samples, choices, ({ document }, preset) => {
      for (const place of [null, ...document.turns.map(({ id }) => id)]) {
        const items = contextItems(document, place);
        const off = new Set(leftOut(document, place, { preset, off: [], pinned: [] }));
        const pictures = items.filter(({ part }) => part === 'picture');
        const kept = [pictures[0], pictures.at(-1)].filter((one) => one !== undefined);
        expect(kept.filter(({ key }) => off.has(key))).toEqual([]);
        expect(preset === 'all' ? off.size : 0).toBe(0);
        const edited = historyAt(document, place, []).findLast(({ kind }) => kind === 'image');
        const seen = historyAt(document, place, [...off]).findLast(({ kind }) => kind === 'image');
        const isWaiting = pictures.at(-1)?.ref === null;
        expect(isWaiting ? null : seen).toEqual(isWaiting ? null : edited);
      }
    }),
  );
});

test('a turn sees the same whatever is chosen afterwards', async () => {
  const rig = await story(4);
  const seen = rig.document().turns.map(({ id }) => historyOf(rig.document(), id));
  rig.actions.setContextPreset('original');
  await makeTurn(rig, 'five');
  expect(
    rig
      .document()
      .turns.slice(0, 4)
      .map(({ id }) => historyOf(rig.document(), id)),
  ).toEqual(seen);
});
