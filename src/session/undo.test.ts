import fc from 'fast-check';
import { expect, test } from 'vitest';

import { type PictureRef, type SessionDocument, noRegions } from './document.ts';
import { readSession, writeSession, settleInterrupted } from './migrations.ts';
import { type Sample, applyOperation, maskOf, operations, samples } from './testing/arbitraries.ts';
import { type Change, emptyHistory, peek, perform, redo, undo } from './undo.ts';

const gestures = fc.array(
  fc.record({
    kind: fc.constantFrom(
      'go-to' as const,
      'compose' as const,
      'rename-session' as const,
      'mark' as const,
      'shot' as const,
      'region' as const,
      'delete' as const,
    ),
    pick: fc.nat(1000),
  }),
  { maxLength: 12 },
);

function region(drawn: PictureRef | null) {
  return { kind: 'compose', composer: { regions: { ...noRegions, drawn } } } as const;
}

function changeOf(
  { kind, pick }: { kind: Exclude<Change['kind'], 'restore'> | 'region'; pick: number },
  { document, blobs }: Sample,
): Change[] {
  const turnId = document.turns[pick % Math.max(1, document.turns.length)]?.id;
  switch (kind) {
    case 'go-to':
      return [{ kind, to: pick % 4 === 0 ? null : (turnId ?? null) }];
    case 'region':
      return [region(pick % 3 === 0 ? null : maskOf(pick, blobs))];
    case 'compose':
      return [
        { kind: 'go-to', to: turnId ?? null },
        // Two changes of one field in a step come back only when they are undone in reverse.
        region(maskOf(pick + 1, blobs)),
        { kind, composer: { ...region(maskOf(pick, blobs)).composer, instruction: `${pick}`, seed: pick } },
      ];
    case 'rename-session':
      return [{ kind, name: `name ${pick}` }];
    case 'mark': {
      const marks = { name: pick % 3 === 0 ? null : `name ${pick}`, isStarred: pick % 2 === 0 };
      return turnId === undefined ? [] : [{ kind, turnId, marks }];
    }
    case 'shot': {
      const marks = { seconds: pick % 3 === 0 ? null : 1 + (pick % 5), isLeftOut: pick % 2 === 0 };
      return [{ kind, place: pick % 4 === 0 ? null : (turnId ?? null), marks }];
    }
    case 'delete':
      return turnId === undefined ? [] : [{ kind, turnId }];
  }
}

test('takes every gesture back in order and puts it forward again', () => {
  fc.assert(
    fc.property(samples, gestures, (sample, list) => {
      let at = { document: sample.document, history: emptyHistory };
      const seen: SessionDocument[] = [sample.document];
      for (const gesture of list) {
        const next = perform(
          at.history,
          at.document,
          'go-to',
          changeOf(gesture, { ...sample, document: at.document }),
        );
        if (next.document !== at.document) seen.push(next.document);
        at = next;
      }
      for (const expected of seen.slice(0, -1).toReversed()) {
        at = undo(at.history, at.document);
        expect(at.document).toEqual(expected);
      }
      expect(peek(at.history.past, at.document)).toBe(null);
      expect(undo(at.history, at.document).document).toBe(at.document);
      for (const expected of seen.slice(1)) {
        at = redo(at.history, at.document);
        expect(at.document).toEqual(expected);
      }
      expect(peek(at.history.future, at.document)).toBe(null);
    }),
  );
});

test('leaves a tree after any mix of gestures, undo, redo and pictures that the model makes meanwhile', () => {
  const mixed = fc.array(
    fc.oneof(
      gestures.map((list) => ({ do: 'gesture' as const, list })),
      fc.constant({ do: 'undo' as const }),
      fc.constant({ do: 'redo' as const }),
      operations.map((list) => ({ do: 'model' as const, list })),
    ),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(samples, mixed, (sample, list) => {
      let at = { document: sample.document, history: emptyHistory };
      for (const [i, step] of list.entries()) {
        if (step.do === 'undo') at = undo(at.history, at.document);
        if (step.do === 'redo') at = redo(at.history, at.document);
        if (step.do === 'gesture') {
          for (const gesture of step.list) {
            at = perform(
              at.history,
              at.document,
              'go-to',
              changeOf(gesture, { ...sample, document: at.document }),
            );
          }
        }
        if (step.do === 'model') {
          // The model only moves turns along; a new turn is a gesture of its own.
          const moves = step.list.filter(
            ({ kind }) => kind === 'start' || kind === 'finish' || kind === 'fail',
          );
          const document = moves.reduce(
            (doc, move) => applyOperation(doc, move, 1000 + i, sample.blobs),
            at.document,
          );
          at = { ...at, document };
        }
        const { session, turns } = writeSession(at.document, 1, 0);
        expect(readSession(session, turns)).toMatchObject({
          state: 'current',
          document: settleInterrupted(at.document),
        });
      }
    }),
  );
});

test('keeps a picture that was finished after a gesture when the gesture is undone', () => {
  fc.assert(
    fc.property(
      samples.filter(({ document }) => document.turns.some(({ state }) => state.status === 'running')),
      fc.nat(),
      ({ document, blobs }, pick) => {
        const renamed = perform(emptyHistory, document, 'rename', [
          { kind: 'rename-session', name: `${document.name}!` },
        ]);
        const finished = applyOperation(renamed.document, { kind: 'finish', pick }, 7, blobs);
        const undone = undo(renamed.history, finished);
        expect(undone.document).toEqual({ ...finished, name: document.name });
      },
    ),
    { numRuns: 40 },
  );
});
