import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { pathTo } from '../../session/document.ts';
import { samples } from '../../session/testing/arbitraries.ts';
import { followEnd } from '../canvas/turnLine.ts';
import { treeRows } from './treeRows.ts';

const NOTHING: ReadonlySet<string> = new Set();

describe('the rows of the script', () => {
  it('hold the whole branch one stands on, in order, and every row once', () => {
    fc.assert(
      fc.property(samples, ({ document }) => {
        const end = followEnd(document, null, document.current);
        const rows = treeRows(document, end, NOTHING);
        const trunk = rows.filter((row) => row.level === 1).map((row) => row.place.id);
        expect(trunk).toEqual([null, ...pathTo(document, end).map((turn) => turn.id)]);
        expect(new Set(rows.map((row) => row.place.id)).size).toBe(rows.length);
      }),
    );
  });

  it('show the present place, and lead only to turns that exist', () => {
    fc.assert(
      fc.property(samples, ({ document }) => {
        const rows = treeRows(document, followEnd(document, null, document.current), NOTHING);
        const ids = new Set<string | null>([null, ...document.turns.map((turn) => turn.id)]);
        expect(rows.some((row) => row.place.id === document.current)).toBe(true);
        expect(rows.every((row) => ids.has(row.target))).toBe(true);
      }),
    );
  });

  it('count, with every limb folded, each turn once or leave out ways that lead nowhere', () => {
    fc.assert(
      fc.property(samples, ({ document }) => {
        const rows = treeRows(document, followEnd(document, null, document.current), NOTHING);
        const counted = rows.reduce((sum, row) => sum + (row.level === 1 ? 1 : row.turnCount), -1);
        expect(counted).toBeLessThanOrEqual(document.turns.length);
        const words = new Set(document.turns.map((turn) => turn.instruction));
        expect(counted === document.turns.length || words.size < document.turns.length).toBe(true);
      }),
    );
  });
});

describe('the end of the branch', () => {
  it('stays where it is while one walks along it', () => {
    fc.assert(
      fc.property(samples, ({ document }) => {
        const end = followEnd(document, null, document.current);
        for (const place of [null, ...pathTo(document, end).map((turn) => turn.id)]) {
          expect(followEnd(document, end, place)).toBe(end);
        }
      }),
    );
  });

  it('lies below every place, with nothing under it', () => {
    fc.assert(
      fc.property(samples, ({ document }) => {
        for (const { id } of document.turns) {
          const end = followEnd(document, null, id);
          expect(pathTo(document, end).some((turn) => turn.id === id)).toBe(true);
          expect(document.turns.some((turn) => turn.parentId === end)).toBe(false);
        }
      }),
    );
  });
});
