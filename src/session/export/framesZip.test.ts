import fc from 'fast-check';
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';

import { pathTo } from '../document.ts';
import { samples } from '../testing/arbitraries.ts';
import { must } from '../testing/must.ts';
import { framesZip } from './framesZip.ts';

test('holds every picture and region on the way to the current place, byte for byte and in order', () => {
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
        .filter((name) => /^\d{3}_/.test(name))
        .toSorted();
      expect(names.map((name) => entries[name])).toEqual([...original, ...pictures]);
      path.forEach(({ state, mask }, i) => {
        const stored = entries[`masks/${String(i + 1).padStart(3, '0')}_now.png`];
        expect(stored).toEqual(
          state.status === 'done' && mask !== null ? blobs.bytesOf(mask.hash) : undefined,
        );
      });
      const story = JSON.parse(strFromU8(must(entries['session.json']))) as {
        turns: { instruction: string }[];
      };
      expect(story.turns.map((turn) => turn.instruction)).toEqual(
        path.flatMap(({ state, instruction }) => (state.status === 'done' ? [instruction] : [])),
      );
      for (const name of Object.keys(entries)) {
        expect(name).toMatch(/^(?:masks\/)?[^\\/:*?"<>|\p{Cc}]+\.(?:png|json|txt)$/u);
      }
      expect(strFromU8(must(entries['README.txt'])).length).toBeGreaterThan(0);
    }),
    { numRuns: 50 },
  );
});
