/** The turns as rows of one page: the branch one stands on in full, other branches as limbs that fold. */
import {
  childrenOf,
  subtreeOf,
  type NodeId,
  type SessionDocument,
  type Turn,
} from '../../session/document.ts';
import { lineTo, type Place } from '../canvas/turnLine.ts';

export interface TreeRow {
  readonly place: Place;
  /** 1 on the branch one stands on, more on the limbs. */
  readonly level: number;
  /** Turns under a limb, itself included; 0 on the branch one stands on. */
  readonly turnCount: number;
  /** Null for rows with nothing to fold. */
  readonly isOpen: boolean | null;
  /** Where showing this row leads: the place itself, or the end of a folded limb. */
  readonly target: NodeId;
}

function deepest(document: SessionDocument, turn: Turn): Turn {
  const below = childrenOf(document, turn.id).at(-1);
  return below === undefined ? turn : deepest(document, below);
}

/** Turns that differ by seed alone stand beside the picture, so the tree shows only those that lead on. */
function isOtherWay(document: SessionDocument, turn: Turn, main: Turn | undefined): boolean {
  return (
    main !== undefined &&
    turn.instruction === main.instruction &&
    turn.regions.drawn?.hash === main.regions.drawn?.hash &&
    childrenOf(document, turn.id).length === 0
  );
}

/** Rows from the start to `end`; `open` holds the limbs that are unfolded. */
export function treeRows(
  document: SessionDocument,
  end: NodeId,
  open: ReadonlySet<string>,
): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const line = lineTo(document, end);
  const limb = (turn: Turn, level: number): void => {
    const count = subtreeOf(document, turn.id).length;
    const isOpen = count > 1 ? open.has(turn.id) : null;
    const tip = isOpen === true ? turn : deepest(document, turn);
    const place = lineTo(document, turn.id).at(-1) as Place;
    const picture = lineTo(document, tip.id).at(-1)?.picture ?? place.picture;
    rows.push({ place: { ...place, picture }, level, turnCount: count, isOpen, target: tip.id });
    if (isOpen === true) for (const child of childrenOf(document, turn.id)) limb(child, level + 1);
  };
  line.forEach((place, index) => {
    rows.push({ place, level: 1, turnCount: 0, isOpen: null, target: place.id });
    const main = line[index + 1]?.turn ?? undefined;
    for (const child of childrenOf(document, place.id)) {
      if (child.id !== main?.id && !isOtherWay(document, child, main)) limb(child, 2);
    }
  });
  return rows;
}
