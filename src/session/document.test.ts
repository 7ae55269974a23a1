import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createBlobBag } from './blobs.ts';
import { historyOf } from './contextItems.ts';
import { DocumentError, type TurnId, addTurn, findTurn, goTo, retryTurn, setTurnState } from './document.ts';
import { readSession, writeSession, settleInterrupted } from './migrations.ts';
import { recipeOf } from './replay.ts';
import { applyOperation, emptySample, operations, rootKinds, samples } from './testing/arbitraries.ts';
import { must } from './testing/must.ts';
import { attachPoint, childrenOf, frameAt, pathTo, siblingsOf, subtreeOf } from './tree.ts';

test('stays a tree under any operations, as the strict reader of stored records sees it', () => {
  fc.assert(
    fc.property(samples, ({ document }) => {
      const { session, turns } = writeSession(document, 1, 0);
      expect(readSession(session, turns)).toMatchObject({
        state: 'current',
        document: settleInterrupted(document),
      });
    }),
  );
});

test('never changes a recipe, a made picture or an earlier document', () => {
  fc.assert(
    fc.property(rootKinds, operations, (kind, steps) => {
      const blobs = createBlobBag();
      let document = emptySample(kind, 'a', blobs);
      for (const [i, step] of steps.entries()) {
        const copy = structuredClone(document);
        const next = applyOperation(document, step, i, blobs);
        expect(document).toEqual(copy);
        for (const before of document.turns) {
          const after = must(findTurn(next, before.id));
          expect(recipeOf(after)).toEqual(recipeOf(before));
          expect([after.parentId, after.revisedFrom]).toEqual([before.parentId, before.revisedFrom]);
        }
        const made = document.turns.filter(({ state }) => state.status === 'done');
        for (const { id, state } of made) expect(findTurn(next, id)?.state).toBe(state);
        document = next;
      }
    }),
  );
});

test('finds every turn once on its path, among its siblings and in the subtrees of its ancestors', () => {
  fc.assert(
    fc.property(samples, ({ document }) => {
      for (const turn of document.turns) {
        const path = pathTo(document, turn.id);
        expect(path.at(-1)).toBe(turn);
        expect(path.map(({ parentId }) => parentId)).toEqual([
          null,
          ...path.slice(0, -1).map(({ id }) => id),
        ]);
        expect(siblingsOf(document, turn.id).filter(({ id }) => id === turn.id)).toEqual([turn]);
        for (const other of document.turns) {
          expect(subtreeOf(document, turn.id).includes(other)).toBe(
            pathTo(document, other.id).includes(turn),
          );
        }
      }
      const reached = [null, ...document.turns.map(({ id }) => id)].flatMap((id) => childrenOf(document, id));
      expect(new Set(reached)).toEqual(new Set(document.turns));
      expect(reached.length).toBe(document.turns.length);
    }),
  );
});

test('keeps the history of a turn the same whatever happens on other branches', () => {
  fc.assert(
    fc.property(samples, operations, ({ document, blobs }, more) => {
      const later = more.reduce((at, step, i) => applyOperation(at, step, 100 + i, blobs), document);
      const made = document.turns.filter(({ state }) => state.status === 'done');
      expect(made.map(({ id }) => historyOf(later, id))).toEqual(
        made.map(({ id }) => historyOf(document, id)),
      );
    }),
  );
});

test('shows the picture that the next turn is made from', () => {
  fc.assert(
    fc.property(samples, ({ document }) => {
      const shown = frameAt(document, document.current);
      const last = pathTo(document, document.current).findLast(({ state }) => state.status === 'done');
      const start = document.root.kind === 'words' ? null : document.root.frame;
      expect(shown).toEqual(last?.state.status === 'done' ? last.state.result.frame : start);
      const place = attachPoint(document);
      const canHold =
        place === null ||
        !['failed', 'cancelled'].includes(must(document.turns.find(({ id }) => id === place)).state.status);
      expect(canHold).toBe(true);
    }),
  );
});

test('refuses what would break the tree', () => {
  const blobs = createBlobBag();
  const add = { kind: 'add', pick: 0, words: 'one', masked: false, revises: false } as const;
  const document = applyOperation(emptySample('opened', 'bay', blobs), add, 0, blobs);
  const turn = must(document.turns[0]);
  const started = applyOperation(document, { kind: 'start', pick: 0 }, 1, blobs);
  const finished = applyOperation(started, { kind: 'finish', pick: 0 }, 2, blobs);
  const made = must(finished.turns[0]);
  const failed = setTurnState(document, turn.id, {
    status: 'failed',
    failure: { code: 'internal', message: 'no' },
  });
  const missing = 'nobody' as TurnId;
  const refused = [
    () => addTurn(document, turn),
    () => addTurn(document, { ...turn, id: missing, parentId: 'nowhere' as TurnId }),
    () => addTurn(failed, { ...turn, id: missing, parentId: turn.id }),
    () => goTo(document, missing),
    () => setTurnState(document, missing, { status: 'cancelled' }),
    () => setTurnState(failed, turn.id, { status: 'running', startedAt: 1 }),
    () => setTurnState(document, turn.id, made.state),
    () => setTurnState(finished, turn.id, { status: 'cancelled' }),
    () => retryTurn(document, turn.id, turn.model),
    () => pathTo(document, missing),
    () => subtreeOf(document, missing),
    () => historyOf(document, missing),
  ];
  for (const act of refused) expect(act).toThrow(DocumentError);

  const child = addTurn(started, { ...turn, id: 'child' as TurnId, parentId: turn.id });
  const start = { status: 'running', startedAt: 1 } as const;
  expect(() => setTurnState(child, 'child' as TurnId, start)).toThrow('before its parent is made');
});
