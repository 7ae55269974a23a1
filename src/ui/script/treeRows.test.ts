import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { NodeId, SessionDocument } from '../../session/document.ts';
import { shownTurns } from '../../session/groups.ts';
import { samples } from '../../session/testing/arbitraries.ts';
import { pathTo } from '../../session/tree.ts';
import { followEnd } from '../canvas/turnLine.ts';
import { treeRows, type TreeRow } from './treeRows.ts';

const NOTHING: ReadonlySet<string> = new Set();

/** All rows, with everything unfolded. */
function unfolded(document: SessionDocument, end: NodeId): readonly TreeRow[] {
  let open: ReadonlySet<string> = NOTHING;
  for (;;) {
    const rows = treeRows(document, end, open);
    const folded = rows.filter((row) => row.isOpen === false);
    if (folded.length === 0) return rows;
    open = new Set([...open, ...folded.map((row) => row.key)]);
  }
}

const idsOf = (rows: readonly TreeRow[]): readonly NodeId[] =>
  rows.flatMap((row) => (row.kind === 'turn' ? [row.place.id] : []));

describe('the rows of the script', () => {
  it('hold the whole branch one stands on, in order, and every row once', () => {
    fc.assert(
      fc.property(samples, ({ document }) => {
        const end = followEnd(document, null, document.current);
        const rows = treeRows(document, end, NOTHING);
        const trunk = idsOf(rows.filter((row) => row.level === 1));
        expect(trunk).toEqual([null, ...pathTo(document, end).map((turn) => turn.id)]);
        expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
      }),
    );
  });

  it('show the present place, and lead only to turns that exist', () => {
    fc.assert(
      fc.property(samples, ({ document }) => {
        const rows = treeRows(document, followEnd(document, null, document.current), NOTHING);
        const ids = new Set<string | null>([null, ...document.turns.map((turn) => turn.id)]);
        expect(idsOf(rows)).toContain(document.current);
        expect(rows.every((row) => row.kind !== 'turn' || ids.has(row.target))).toBe(true);
      }),
    );
  });

  it('hold every turn once when all is unfolded, those out of the way among them', () => {
    fc.assert(
      fc.property(samples, ({ document }) => {
        const ids = idsOf(unfolded(document, followEnd(document, null, document.current)));
        expect(new Set(ids)).toEqual(new Set([null, ...document.turns.map((turn) => turn.id)]));
        expect(ids).toHaveLength(document.turns.length + 1);
      }),
    );
  });

  it('fold more than one other branch into a row that counts them', () => {
    fc.assert(
      fc.property(samples, ({ document }) => {
        const shown = new Set(shownTurns(document));
        const end = followEnd(document, null, document.current);
        const trunk = new Set<NodeId>(pathTo(document, end).map((turn) => turn.id));
        for (const place of [null, ...trunk]) {
          const others = document.turns.filter(
            (turn) => turn.parentId === place && !trunk.has(turn.id) && shown.has(turn),
          );
          const row = treeRows(document, end, NOTHING).find(
            ({ key }) => key === `${place ?? 'start'}/others`,
          );
          expect(row?.kind === 'others' ? row.count : 0).toBe(others.length > 1 ? others.length : 0);
        }
      }),
    );
  });
});

describe('the end of the branch', () => {
  it('stays where it is while one walks along it', () => {
    fc.assert(
      fc.property(samples, ({ document }) => {
        const end = followEnd(document, null, document.current);
        const path = pathTo(document, end);
        // What is out of the way is left behind when one walks out of it.
        fc.pre(!path.some((turn) => turn.isArchived || turn.isDiscarded));
        for (const place of [null, ...path.map((turn) => turn.id)]) {
          expect(followEnd(document, end, place)).toBe(end);
        }
      }),
    );
  });

  it('lies below every place, with nothing in sight under it', () => {
    fc.assert(
      fc.property(samples, ({ document }) => {
        for (const { id } of document.turns) {
          const end = followEnd(document, null, id);
          expect(pathTo(document, end).some((turn) => turn.id === id)).toBe(true);
          const below = document.turns.filter((turn) => turn.parentId === end);
          expect(below.every((turn) => turn.isArchived || turn.isDiscarded)).toBe(true);
        }
      }),
    );
  });
});
