import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createBlobBag } from './blobs.ts';
import { type TurnId, addTurn, historyOf } from './document.ts';
import { MissingPictureError, editRequestOf } from './history.ts';
import { samples } from './testing/arbitraries.ts';
import { must } from './testing/must.ts';

test('hands the engine the recipe of the turn and the pixels, regions and latents of its history', () => {
  fc.assert(
    fc.property(samples, ({ document, blobs }) => {
      for (const turn of document.turns) {
        const request = editRequestOf(document, turn.id, blobs);
        const { instruction, seed, steps, guidance, mask } = turn;
        expect(request).toMatchObject({ instruction, seed, steps, guidance });
        expect(request.regions).toEqual(mask === null ? undefined : { drawn: blobs.maskOf(mask.hash) });
        const expected = historyOf(document, turn.id).map((ref) => {
          if (ref.kind === 'text') return ref;
          if (ref.kind === 'mask') return { kind: ref.kind, mask: blobs.maskOf(ref.mask.hash) };
          const latent = ref.latent === null ? {} : { latent: blobs.latentOf(ref.latent) };
          return { kind: ref.kind, pixels: blobs.pixelsOf(ref.frame.hash), ...latent };
        });
        expect(request.history.map(({ id: _id, ...item }) => item)).toEqual(expected);
      }
    }),
    { numRuns: 50 },
  );
});

test('gives two items one id exactly when they hold the same', () => {
  fc.assert(
    fc.property(samples, ({ document, blobs }) => {
      // A turn under each made one brings every picture into some history.
      const items = document.turns.flatMap((turn) => {
        if (turn.state.status !== 'done') return [];
        const id = `under-${turn.id}` as TurnId;
        const probe = addTurn(document, { ...turn, id, parentId: turn.id });
        return editRequestOf(probe, id, blobs).history;
      });
      const contents = new Map<string, string>();
      for (const { id, ...item } of items) {
        const content = JSON.stringify(item, (_, value: unknown) =>
          ArrayBuffer.isView(value) ? Array.from(value as Uint8Array) : value,
        );
        expect(contents.get(id) ?? content).toBe(content);
        contents.set(id, content);
      }
      expect(new Set(contents.values()).size).toBe(contents.size);
    }),
    { numRuns: 300 },
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
