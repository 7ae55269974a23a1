import fc from 'fast-check';
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';

import { type TurnId, turnOf } from './document.ts';
import { readSession, writeSession } from './migrations.ts';
import { markShot, playedShots, shotMarks, storyOf } from './story.ts';
import { settledSamples } from './testing/arbitraries.ts';
import { type Rig, ableRig, flatPicture, gate, makeTurn, readyRig } from './testing/editor.ts';
import { must } from './testing/must.ts';
import { paint } from './testing/paint.ts';

/** Number, kind and length of each shot, as one reads them off the strip. */
const strip = (rig: Rig): readonly string[] =>
  storyOf(rig.document()).map(
    ({ number, frames, seconds, isLeftOut, isBetween }) =>
      `${number}${isBetween ? 'b' : ''} ${frames.length} ${seconds}${isLeftOut ? ' out' : ''}`,
  );

async function threeShots(rig: Rig): Promise<readonly [TurnId, TurnId]> {
  return [await makeTurn(rig, 'one'), await makeTurn(rig, 'two')];
}

test('a story has a shot for the start and one for each turn on the way, each as long as was said of it', async () => {
  const rig = await readyRig();
  const [one] = await threeShots(rig);
  expect(strip(rig)).toEqual(['0 1 2', '1 1 2', '2 1 2']);
  rig.actions.markShot(null, { seconds: 3.5 });
  rig.actions.markShot(one, { seconds: 90 });
  expect(strip(rig)).toEqual(['0 1 3.5', '1 1 30', '2 1 2']);
  rig.actions.markShot(one, { seconds: Number.NaN });
  expect(strip(rig)).toEqual(['0 1 3.5', '1 1 2', '2 1 2']);
  rig.actions.goTo(one);
  expect(strip(rig)).toEqual(['0 1 3.5', '1 1 2']);
});

test('a shot is left out without being deleted, and undo, redo and a reload keep to that', async () => {
  const rig = await readyRig();
  const [one] = await threeShots(rig);
  const before = rig.document();
  rig.actions.markShot(one, { isLeftOut: true });
  expect(rig.state.getState().undoLabel).toBe('shot');
  expect(strip(rig)).toEqual(['0 1 2', '1 1 2 out', '2 1 2']);
  expect(playedShots(storyOf(rig.document())).map(({ number }) => number)).toEqual([0, 2]);
  expect(rig.document().turns).toEqual(before.turns);
  await rig.actions.settled();
  const again = rig.reload();
  await again.actions.start();
  expect(again.document()).toEqual(rig.document());
  again.actions.undo();
  expect(again.document()).toEqual(before);
  again.actions.redo();
  expect(strip(again)).toEqual(['0 1 2', '1 1 2 out', '2 1 2']);
});

test('what was said of a shot comes back with the turn it was said of', async () => {
  const rig = await readyRig();
  const [, two] = await threeShots(rig);
  rig.actions.markShot(two, { seconds: 4 });
  rig.actions.deleteTurn(two);
  rig.actions.markShot(two, { seconds: 5 });
  expect(strip(rig)).toEqual(['0 1 2', '1 1 2']);
  rig.actions.undo();
  expect(strip(rig)).toEqual(['0 1 2', '1 1 2', '2 1 4']);
});

test('marks that are taken off leave nothing behind, and their order does not matter', () => {
  fc.assert(
    fc.property(
      settledSamples,
      fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 5 }),
      (sample, list) => {
        const { document } = sample;
        const places = [null, ...document.turns.map(({ id }) => id)];
        const marks = new Map(
          list.map(([pick, isLeftOut]) => [places[pick % places.length] ?? null, isLeftOut]),
        );
        const mark = (all: readonly (readonly [TurnId | null, boolean])[]) =>
          all.reduce((at, [place, isLeftOut]) => markShot(at, place, { seconds: 1, isLeftOut }), document);
        const marked = mark([...marks]);
        expect(mark([...marks].toReversed())).toEqual(marked);
        for (const [place, isLeftOut] of marks)
          expect(shotMarks(marked, place)).toEqual({ seconds: 1, isLeftOut });
        const { session, turns } = writeSession(marked, 5, 3);
        expect(readSession(session, turns)).toMatchObject({ state: 'current', document: marked });
        const plain = [...marks.keys()].reduce(
          (at, place) => markShot(at, place, { seconds: null, isLeftOut: false }),
          marked,
        );
        expect(plain).toEqual(document);
      },
    ),
  );
});

test('a session with a shot that no film could show is unreadable and not guessed at', async () => {
  const rig = await readyRig();
  const { session, turns } = writeSession(rig.document(), 5, 3);
  const read = (shots: unknown) => readSession({ ...session, shots }, turns);
  expect(read([{ place: null, seconds: 2, isLeftOut: false }]).state).toBe('current');
  expect(read([{ place: null, seconds: 0, isLeftOut: false }])).toEqual({
    state: 'unreadable',
    reason: 'session.shots[0].seconds: expected seconds from 0.5 to 30, found 0',
  });
});

test('a clip between two neighbours stands between them, and the story goes on behind it', async () => {
  const rig = await ableRig();
  const [one, two] = await threeShots(rig);
  const clip = must(rig.actions.makeClip(one, { kind: 'clip-between', to: two, count: 5 }, ' it moves '));
  await rig.actions.settled();
  expect(rig.document().current).toBe(two);
  expect(turnOf(rig.document(), clip)).toMatchObject({ parentId: one, instruction: 'it moves' });
  expect(strip(rig)).toEqual(['0 1 2', '1 1 2', '1b 5 1.25', '2 1 2']);
  const [, , shown] = storyOf(rig.document());
  expect(must(shown).frames.map(({ hash }) => must(rig.actions.pixelsOf(hash)))).toEqual([
    paint(must(rig.engine.requests[0])),
    ...rig.engine.requests.slice(2).map((request) => paint(request)),
    paint(must(rig.engine.requests[1])),
  ]);
  rig.actions.markShot(clip, { seconds: 2.5 });
  expect(strip(rig)).toEqual(['0 1 2', '1 1 2', '1b 5 2.5', '2 1 2']);

  // An edited clip takes the place of the one it was made from, until it is put away.
  const edited = must(rig.actions.makeClip(clip, { kind: 'clip-edit' }, 'at night'));
  await rig.actions.settled();
  expect(must(storyOf(rig.document())[2]).place).toBe(edited);
  rig.actions.archiveTurn(edited, true);
  expect(must(storyOf(rig.document())[2]).place).toBe(clip);
});

test('a clip that is being made has its place and no frames, and a cancelled one leaves the line as it is', async () => {
  const rig = await ableRig();
  const [one, two] = await threeShots(rig);
  const held = gate();
  rig.engine.beforeStep = () => held.passed;
  const clip = must(rig.actions.makeClip(one, { kind: 'clip-between', to: two, count: 4 }, 'it moves'));
  expect(strip(rig)).toEqual(['0 1 2', '1 1 2', '1b 0 2', '2 1 2']);
  const { composer, current } = rig.document();
  rig.actions.cancel(clip);
  held.open();
  await rig.actions.settled();
  expect(strip(rig)).toEqual(['0 1 2', '1 1 2', '2 1 2']);
  expect(rig.document()).toMatchObject({ composer, current });
});

test('no clip is made of what is no picture, nor by a model that cannot', async () => {
  const able = await ableRig();
  const one = await makeTurn(able, 'one');
  expect(
    able.actions.makeClip(null, { kind: 'clip-between', to: 'gone' as TurnId, count: 4 }, ''),
  ).toBeNull();
  expect(able.actions.makeClip(one, { kind: 'clip-edit' }, 'at night')).toBeNull();
  expect(able.state.getState().notice).toMatchObject({
    happened: 'There is no clip here to edit. Go to a clip first.',
  });
  const unable = await readyRig();
  const [first, second] = await threeShots(unable);
  expect(unable.actions.makeClip(first, { kind: 'clip-between', to: second, count: 4 }, '')).toBeNull();
  expect(unable.state.getState().notice?.happened).toContain('make a clip between two pictures');
});

test('the frames of a story are those of its shots, with the clips between them and without what is left out', async () => {
  const rig = await ableRig();
  const [one, two] = await threeShots(rig);
  rig.actions.makeClip(one, { kind: 'clip-between', to: two, count: 4 }, 'it moves');
  await rig.actions.settled();
  rig.actions.markShot(null, { isLeftOut: true });
  rig.actions.markShot(two, { seconds: 3 });
  const entries = unzipSync(must(rig.actions.exportFrames()).bytes);
  const pictures = Object.keys(entries).filter((name) => name.endsWith('.png'));
  expect(pictures.toSorted()).toEqual([
    '001_one.png',
    ...[1, 2, 3, 4].map((frame) => `001b_it-moves/0${frame}.png`),
    '002_two.png',
    'contact_sheet.png',
  ]);
  const story = JSON.parse(strFromU8(must(entries['story.json']))) as Record<string, unknown>;
  expect(story).toMatchObject({
    original: null,
    turns: [
      { picture: '001_one.png', seconds: 2 },
      { picture: null, seconds: 1, kind: 'clip-between', frames: { length: 4 } },
      { picture: '002_two.png', seconds: 3 },
    ],
  });
  expect('originalSeconds' in story).toBe(false);
});

test('a blank start is no shot', async () => {
  const rig = await ableRig();
  await rig.actions.newSession();
  expect(strip(rig)).toEqual([]);
  await makeTurn(rig, 'a cat');
  expect(strip(rig)).toEqual(['1 1 2']);
  await rig.actions.openPicture(flatPicture(9), 'other');
  expect(strip(rig)).toEqual(['0 1 2']);
});
