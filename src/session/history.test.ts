import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createBlobBag } from './blobs.ts';
import { contextItems, historyOf } from './contextItems.ts';
import { type NodeId, type SessionDocument, type TurnId, addTurn } from './document.ts';
import { MissingPictureError, editRequestOf } from './history.ts';
import { type Sample, samples } from './testing/arbitraries.ts';
import { must } from './testing/must.ts';
import { laidOut, paintRoles } from './testing/paint.ts';

/** The request of a turn that sees everything under `place`. */
function probe({ document, blobs }: Sample, place: NodeId, off: Parameters<typeof all>[0] = []) {
  const id = 'probe' as TurnId;
  const [like] = document.turns;
  const added = addTurn(document, { ...must(like), id, parentId: place, context: all(off) });
  return { document: added, request: editRequestOf(added, id, blobs, paintRoles) };
}

function all(off: SessionDocument['composer']['context']['off']) {
  return { preset: 'chosen', off, pinned: [] } as const;
}

const plain = (items: readonly object[]): unknown[] => items.map((item) => ({ ...item, id: undefined }));

const isPictureTurn = ({ task, state }: SessionDocument['turns'][number]): boolean =>
  state.status === 'done' && (task.kind === 'image' || task.kind === 'scene');

test('hands the engine the recipe of the turn with its regions and references', () => {
  fc.assert(
    fc.property(samples, ({ document, blobs }) => {
      for (const turn of document.turns) {
        const request = editRequestOf(document, turn.id, blobs, paintRoles);
        const { instruction, seed, steps, guidance, regions, references } = turn;
        expect(request).toMatchObject({ instruction, seed, steps, guidance });
        const { drawn, now, next } = request.regions ?? {};
        expect([drawn, now, next]).toEqual(
          [regions.drawn, regions.now?.mask, regions.next?.mask].map((ref) =>
            ref == null ? undefined : blobs.maskOf(ref.hash),
          ),
        );
        expect(request.references?.map(({ role, pixels }) => [role, pixels]) ?? []).toEqual(
          references.map(({ role, frame }) => [role, blobs.pixelsOf(frame.hash)]),
        );
      }
    }),
    { numRuns: 50 },
  );
});

test('what a turn put into the sequence is what later turns find there, followed by what it made', () => {
  fc.assert(
    fc.property(samples, (sample) => {
      for (const turn of sample.document.turns.filter(isPictureTurn)) {
        const whole = {
          ...sample.document,
          turns: sample.document.turns.map((one) => ({ ...one, context: all([]) })),
        };
        const before = editRequestOf(whole, turn.id, sample.blobs, paintRoles);
        const after = probe({ ...sample, document: whole }, turn.id).request.history;
        expect(plain(after.slice(0, before.history.length))).toEqual(plain(before.history));
        expect(plain(after.slice(before.history.length, -1))).toEqual(plain(laidOut(before) as object[]));
        if (turn.state.status !== 'done') continue;
        const { frame, latent } = turn.state.result;
        expect(after.at(-1)).toMatchObject({
          kind: 'image',
          pixels: sample.blobs.pixelsOf(frame.hash),
          latent: sample.blobs.latentOf(must(latent)),
        });
      }
    }),
    { numRuns: 60 },
  );
});

test('leaves out exactly what is switched off, in the same order, but never the last picture of all', () => {
  fc.assert(
    fc.property(samples, fc.nat(), (sample, bits) => {
      for (const { id, state } of sample.document.turns) {
        if (state.status !== 'done') continue;
        const items = contextItems(sample.document, id).filter(({ ref }) => ref !== null);
        const off = items.filter((_, i) => ((bits >> (i % 30)) & 1) === 1).map(({ key }) => key);
        const { document } = probe(sample, id, off);
        const pictures = items.filter(({ part }) => part === 'picture');
        const last = pictures.every(({ key }) => off.includes(key)) ? pictures.at(-1)?.key : undefined;
        expect(historyOf(document, 'probe' as TurnId)).toEqual(
          items.filter(({ key }) => key === last || !off.includes(key)).map(({ ref }) => ref),
        );
      }
    }),
    { numRuns: 60 },
  );
});

test('a model that knows no role texts is given words, drawn regions and pictures only', () => {
  fc.assert(
    fc.property(samples, ({ document, blobs }) => {
      for (const { id } of document.turns) {
        const { history } = editRequestOf(document, id, blobs);
        const kept = historyOf(document, id).filter(
          ({ kind, ...item }) => kind !== 'reference' && (!('role' in item) || item.role === 'drawn'),
        );
        expect(history.map(({ kind }) => kind)).toEqual(kept.map(({ kind }) => kind));
      }
    }),
    { numRuns: 30 },
  );
});

test('gives two items one id exactly when they hold the same', () => {
  fc.assert(
    fc.property(samples, (sample) => {
      // A turn under each made one brings every picture into some history.
      const items = sample.document.turns.flatMap(({ id, state }) =>
        state.status === 'done' ? probe(sample, id).request.history : [],
      );
      const contents = new Map<string, string>();
      for (const { id, ...item } of items) {
        const content = JSON.stringify({ ...item, isReference: undefined }, (_, value: unknown) =>
          ArrayBuffer.isView(value) ? Array.from(value as Uint8Array) : value,
        );
        expect(contents.get(id) ?? content).toBe(content);
        contents.set(id, content);
      }
      expect(new Set(contents.values()).size).toBe(contents.size);
    }),
    { numRuns: 200 },
  );
});

test('says so when a picture of the history is gone', () => {
  fc.assert(
    fc.property(
      samples.filter(({ document }) => document.root.kind !== 'words' && document.turns.length > 0),
      ({ document }) => {
        expect(() => editRequestOf(document, must(document.turns[0]).id, createBlobBag())).toThrow(
          MissingPictureError,
        );
      },
    ),
    { numRuns: 10 },
  );
});
