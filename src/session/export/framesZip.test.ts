import fc from 'fast-check';
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';

import type { PictureRef } from '../document.ts';
import { samples } from '../testing/arbitraries.ts';
import { must } from '../testing/must.ts';
import { pathTo } from '../tree.ts';
import { framesZip } from './framesZip.ts';
import { decodePng } from './png.ts';

const decoded = (png: Uint8Array | undefined) => decodePng(must(png));

test('holds every picture and region on the way to the current place, pixel for pixel and in order', () => {
  fc.assert(
    fc.property(samples, ({ document, blobs }) => {
      const entries = unzipSync(framesZip(document, document.current, blobs));
      const path = pathTo(document, document.current);
      const pictures = path.flatMap(({ state }) =>
        state.status === 'done' ? [blobs.bytesOf(state.result.frame.hash)] : [],
      );
      const { root } = document;
      const original = root.kind === 'words' ? [] : [blobs.bytesOf(root.frame.hash)];
      const names = Object.keys(entries)
        .filter((name) => /^\d{3}_[^/]*$/.test(name))
        .toSorted();
      expect(names.map((name) => decoded(entries[name]))).toEqual([...original, ...pictures].map(decoded));
      path.forEach(({ state, regions, references }, i) => {
        const number = String(i + 1).padStart(3, '0');
        const isMade = state.status === 'done';
        const bytes = (ref: PictureRef | null | undefined) =>
          isMade && ref != null ? blobs.bytesOf(ref.hash) : undefined;
        const { drawn, now, next } = regions;
        expect(entries[`masks/${number}_now.png`]).toEqual(bytes(now?.mask ?? drawn));
        expect(entries[`masks/${number}_next.png`]).toEqual(bytes(next?.mask));
        expect(entries[`masks/${number}_drawn.png`]).toEqual(bytes(now === null ? null : drawn));
        const frames = isMade ? (state.result.clip ?? []) : [];
        const stored = Object.keys(entries).filter(
          (name) => name.startsWith(`${number}_`) && /\/\d\d\.png$/.test(name),
        );
        expect(stored.toSorted().map((name) => decoded(entries[name]))).toEqual(
          frames.map(({ frame }) => decoded(blobs.bytesOf(frame.hash))),
        );
        references.forEach(({ frame }, at) => {
          expect(entries[`references/${number}_${at + 1}.png`]).toEqual(bytes(frame));
        });
      });
      const story = JSON.parse(strFromU8(must(entries['story.json']))) as {
        turns: { instruction: string }[];
      };
      expect(story.turns.map((turn) => turn.instruction)).toEqual(
        path.flatMap(({ state, instruction }) => (state.status === 'done' ? [instruction] : [])),
      );
      for (const name of Object.keys(entries)) {
        expect(name).toMatch(/^(?:[^\\/:*?"<>|\p{Cc}]+\/)?[^\\/:*?"<>|\p{Cc}]+\.(?:png|json|txt|srt)$/u);
      }
      expect(strFromU8(must(entries['README.txt'])).length).toBeGreaterThan(0);
    }),
    { numRuns: 50 },
  );
});
