/** The turns as rows of one page: the branch one stands on in full, other branches as limbs that fold. */
import type { NodeId, SessionDocument, Turn } from '../../session/document.ts';
import { searchTurns, shownTurns, waysOf } from '../../session/groups.ts';
import { childrenOf, subtreeOf } from '../../session/tree.ts';
import { lineTo, type Place } from '../canvas/turnLine.ts';

interface Row {
  readonly key: string;
  /** 1 on the branch one stands on, more on the limbs. */
  readonly level: number;
  /** Null for rows with nothing to fold. */
  readonly isOpen: boolean | null;
}

export interface TurnOfTree extends Row {
  readonly kind: 'turn';
  readonly place: Place;
  /** Turns under a limb, itself included; 0 on the branch one stands on. */
  readonly turnCount: number;
  /** Archived or discarded, or under such a turn. */
  readonly isAway: boolean;
  /** Of how many ways that were asked for together this one is, and how many of them are still to choose from. */
  readonly ways: { readonly count: number; readonly kept: number } | null;
  /** Where showing this row leads: the place itself, or the end of a folded limb. */
  readonly target: NodeId;
}

/** Several branches under one place, or those that are out of the way, behind one row. */
export interface FoldOfTree extends Row {
  readonly kind: 'others' | 'away';
  readonly count: number;
}

export type TreeRow = TurnOfTree | FoldOfTree;

export const keyOf = (id: NodeId): string => id ?? 'start';

function deepest(document: SessionDocument, turn: Turn): Turn {
  const below = childrenOf(document, turn.id).at(-1);
  return below === undefined ? turn : deepest(document, below);
}

/** Ways stand beside the picture, so of those the tree shows only the one on the line and those that lead on. */
function leadsOn(document: SessionDocument, { id, groupId }: Turn): boolean {
  return subtreeOf(document, id).some((turn) => turn.groupId !== groupId);
}

/** Rows from the start to `end`; `open` holds the keys of what is unfolded. */
export function treeRows(
  document: SessionDocument,
  end: NodeId,
  open: ReadonlySet<string>,
): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const shown = new Set(shownTurns(document));
  const line = lineTo(document, end);

  function limb(turn: Turn, level: number): void {
    const turnCount = subtreeOf(document, turn.id).length;
    const isOpen = turnCount > 1 ? open.has(turn.id) : null;
    const tip = isOpen === true ? turn : deepest(document, turn);
    const place = lineTo(document, turn.id).at(-1) as Place;
    const picture = lineTo(document, tip.id).at(-1)?.picture ?? place.picture;
    const isAway = !shown.has(turn);
    rows.push({
      kind: 'turn',
      key: turn.id,
      place: { ...place, picture },
      level,
      turnCount,
      isOpen,
      isAway,
      ways: null,
      target: tip.id,
    });
    if (isOpen === true) for (const child of childrenOf(document, turn.id)) limb(child, level + 1);
  }

  function fold(kind: FoldOfTree['kind'], under: string, turns: readonly Turn[]): void {
    if (turns.length === 0) return;
    const key = `${under}/${kind}`;
    rows.push({ kind, key, level: 2, count: turns.length, isOpen: open.has(key) });
    if (open.has(key)) for (const turn of turns) limb(turn, 3);
  }

  line.forEach((place, index) => {
    const { turn } = place;
    const key = keyOf(place.id);
    const group = turn?.groupId === undefined ? [] : waysOf(document, turn.id);
    const ways = group.some(({ root }) => root.id === turn?.id) ? group.map(({ root }) => root) : [];
    const discarded = ways.filter((way) => way.isDiscarded && way !== turn);
    const isOpen = discarded.length > 0 ? open.has(key) : null;
    rows.push({
      kind: 'turn',
      key,
      place,
      level: 1,
      turnCount: 0,
      isOpen,
      isAway: turn !== null && !shown.has(turn),
      ways:
        ways.length > 1 ? { count: ways.length, kept: ways.filter((way) => !way.isDiscarded).length } : null,
      target: place.id,
    });
    if (isOpen === true) for (const way of discarded) limb(way, 2);
    const main = line[index + 1]?.turn ?? undefined;
    const others = childrenOf(document, place.id).filter((child) => {
      if (child.id === main?.id) return false;
      // The row of the way on the line folds the discarded ones.
      if (child.groupId === undefined || child.groupId !== main?.groupId) return true;
      return !child.isDiscarded && leadsOn(document, child);
    });
    const inSight = others.filter((child) => shown.has(child));
    const [only] = inSight;
    if (inSight.length === 1 && only !== undefined) limb(only, 2);
    else fold('others', key, inSight);
    fold(
      'away',
      key,
      others.filter((child) => !shown.has(child)),
    );
  });
  return rows;
}

/** The turns whose words or name hold every word of `query`, one row each, with those that are out of the way. */
export function foundRows(document: SessionDocument, query: string): readonly TurnOfTree[] {
  const shown = new Set(shownTurns(document));
  return searchTurns(document, query).map((turn) => ({
    kind: 'turn',
    key: turn.id,
    place: lineTo(document, turn.id).at(-1) as Place,
    level: 1,
    turnCount: 0,
    isOpen: null,
    isAway: !shown.has(turn),
    ways: null,
    target: turn.id,
  }));
}
