import fc from 'fast-check';
import { openDB } from 'idb';
import { expect, test } from 'vitest';

import { type SessionDocument, noRegions } from './document.ts';
import { readSession, writeSession } from './migrations.ts';
import { createRepository } from './repository.ts';
import { maskOf, settledSamples } from './testing/arbitraries.ts';
import { type Rig, createRig, flatPicture, leftMask, makeTurn, readyRig } from './testing/editor.ts';
import { must } from './testing/must.ts';
import { type History, emptyHistory, perform, redo, undo } from './undo.ts';
import { readUndo, writeUndo } from './undoRecord.ts';

const picks = fc.array(fc.nat(), { maxLength: 8 });

/** Gestures of every kind on a session, with the last two taken back. */
const histories = fc.tuple(settledSamples, picks).map(([{ document, blobs }, list]) => {
  const at = list.reduce<{ document: SessionDocument; history: History }>(
    ({ document: before, history }, pick) => {
      const turnId = before.turns[pick % Math.max(1, before.turns.length)]?.id;
      const regions = { ...noRegions, drawn: maskOf(pick, blobs) };
      if (turnId === undefined || pick % 5 === 0) {
        return perform(history, before, 'region', [{ kind: 'compose', composer: { regions } }]);
      }
      if (pick % 7 === 1) {
        const marks = pick % 2 === 0 ? { seconds: 1 + (pick % 9) } : { isLeftOut: true };
        return perform(history, before, 'shot', [{ kind: 'shot', place: turnId, marks }]);
      }
      if (pick % 5 === 1) return perform(history, before, 'go-to', [{ kind: 'go-to', to: turnId }]);
      if (pick % 5 === 2) return perform(history, before, 'delete-turn', [{ kind: 'delete', turnId }]);
      if (pick % 5 === 3) {
        return perform(history, before, 'rename', [{ kind: 'rename-session', name: `name ${pick}` }]);
      }
      return perform(history, before, 'star', [{ kind: 'mark', turnId, marks: { isStarred: true } }]);
    },
    { document, history: emptyHistory },
  );
  const once = undo(at.history, at.document);
  return undo(once.history, once.document);
});

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('reads back every step, in both directions', () => {
  fc.assert(
    fc.property(histories, ({ document, history }) => {
      expect(readUndo(throughJson(writeUndo(history)), document)).toEqual(history);
    }),
  );
});

test('never throws for damage, and what is left of it leads to whole sessions only', () => {
  const junk = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(undefined, Number.NaN, -1, 'x'.repeat(100), 'turn-0-0'),
  );
  fc.assert(
    fc.property(histories, fc.nat(), junk, ({ document, history }, place, value) => {
      const record = structuredClone(writeUndo(history));
      const fields = fieldsOf(record);
      const [owner, key] = must(fields[place % fields.length]);
      owner[key] = value;
      const read = readUndo(record, document);
      for (const step of [undo, redo]) {
        let at = { document, history: read };
        for (let left = 20; left > 0; left -= 1) {
          at = step(at.history, at.document);
          const { session, turns } = writeSession(at.document, 1, 0);
          expect(readSession(session, turns).state).toBe('current');
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('leaves out the steps of another version', () => {
  fc.assert(
    fc.property(histories, ({ document, history }) => {
      expect(readUndo({ ...writeUndo(history), version: 1 }, document)).toEqual(emptyHistory);
    }),
    { numRuns: 30 },
  );
});

test('never brings back a turn that would not hang in the tree', async () => {
  const rig = await readyRig();
  const id = await makeTurn(rig, 'one');
  const turn = must(rig.document().turns[0]);
  const deleted = perform(emptyHistory, rig.document(), 'delete-turn', [{ kind: 'delete', turnId: id }]);
  expect(readUndo(writeUndo(deleted.history), deleted.document)).toEqual(deleted.history);
  const bringing = (document: SessionDocument, more: Partial<typeof turn>): History => {
    const turns = [{ at: 0, turn: { ...turn, ...more } }];
    const step = {
      label: 'delete-turn',
      changes: [{ kind: 'restore', root: id, turns, current: null }],
    } as const;
    return readUndo(writeUndo({ past: [step], future: [] }), document);
  };
  expect(bringing(deleted.document, { parentId: 'nobody' as typeof id }).past).toEqual([]);
  // It is there already.
  expect(bringing(rig.document(), {}).past).toEqual([]);
  expect(bringing(deleted.document, {}).past.length).toBe(1);
});

function fieldsOf(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return [];
  const owner = value as Record<string, unknown>;
  return Object.keys(owner).flatMap((key) => [
    [owner, key] as [Record<string, unknown>, string],
    ...fieldsOf(owner[key]),
  ]);
}

async function reloaded(rig: Rig): Promise<Rig> {
  await rig.actions.settled();
  const again = rig.reload();
  await again.actions.start();
  return again;
}

test('one stack of strokes, turns, stars, names and deletions, 200 deep, goes on after a reload in both directions', async () => {
  const rig = await readyRig();
  rig.actions.setInstruction('one');
  const id = must(rig.actions.makeEdit()[0]);
  await rig.actions.settled();
  const seen = [rig.document()];
  const gestures = [
    (i: number) => rig.actions.setMask(leftMask(1 + (i % 7))),
    (i: number) => rig.actions.renameTurn(id, `name ${i}`),
    (i: number) => rig.actions.starTurn(id, i % 10 < 5),
    (i: number) => rig.actions.goTo(i % 10 < 5 ? null : id),
  ];
  for (let i = 0; seen.length < 205; i += 1) {
    gestures[i % 4]?.(Math.floor(i / 4));
    if (rig.document() !== seen.at(-1)) seen.push(rig.document());
  }
  rig.actions.deleteTurn(id);
  seen.push(rig.document());

  const second = await reloaded(rig);
  expect(second.document()).toEqual(rig.document());
  for (const expected of seen.slice(0, -1).toReversed().slice(0, 200)) {
    second.actions.undo();
    expect(second.document()).toEqual(expected);
  }
  const { drawn } = second.document().composer.regions;
  expect(second.actions.maskOf(must(drawn).hash)).not.toBe(null);
  const third = await reloaded(second);
  for (const expected of seen.slice(-200)) {
    third.actions.redo();
    expect(third.document()).toEqual(expected);
  }
  await third.actions.settled();
});

test('a damaged undo record does not keep the session from opening, and is written anew', async () => {
  const rig = await readyRig();
  rig.actions.setMask(leftMask(2));
  await rig.actions.settled();
  const db = await openDB(rig.database);
  const records = async () => JSON.stringify(await db.getAll('undo'));
  const whole = await records();
  await db.put('undo', { version: 2, past: 'gone', future: [{ label: 7 }] }, rig.document().id);
  const again = await reloaded(rig);
  expect(again.document()).toEqual(rig.document());
  expect(again.state.getState()).toMatchObject({ undoLabel: null, redoLabel: null });
  again.actions.setMask(leftMask(3));
  await again.actions.settled();
  expect(again.state.getState()).toMatchObject({ undoLabel: 'region', saved: { status: 'stored' } });
  expect((await records()).length).toBeGreaterThan(whole.length / 2);
  db.close();
});

test('opens what a page without stored undo left behind', async () => {
  const name = 'left-by-an-older-page';
  const older = await openDB(name, 1, {
    upgrade(db) {
      db.createObjectStore('sessions', { keyPath: 'id' });
      db.createObjectStore('turns', { keyPath: ['sessionId', 'id'] });
      db.createObjectStore('blobs');
      db.createObjectStore('meta');
    },
  });
  older.close();
  const rig = createRig({ name, repository: createRepository(name) });
  await rig.actions.start();
  expect(await rig.actions.openPicture(flatPicture(3), 'bay')).toBe(true);
  rig.actions.setMask(leftMask(1));
  const again = await reloaded(rig);
  again.actions.undo();
  expect(again.document().composer.regions.drawn).toBe(null);
  await again.actions.settled();
});
