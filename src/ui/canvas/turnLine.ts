/** The branch on which the person stands, as numbered places: what the tree, the ply and comparisons count by. */
import type { BlobHash, NodeId, PictureRef, SessionDocument, Turn } from '../../session/document.ts';
import type { RegionStage } from '../../session/stages.ts';
import { frameAt, pathTo } from '../../session/tree.ts';
import type { Messages } from '../messages/en.ts';
import { turnTitle } from '../words.ts';

export interface Place {
  readonly id: NodeId;
  /** 0 is the start. */
  readonly number: number;
  readonly turn: Turn | null;
  /** Null for the blank start and for turns that have no picture. */
  readonly picture: PictureRef | null;
}

/** The words of a place: those of its turn, or the name of the start. */
export function placeTitle({ desk }: Messages, { turn, picture }: Place): string {
  if (turn !== null) return turnTitle(turn);
  return picture === null ? desk.blank : desk.original;
}

/** Places from the start down to `id`. */
export function lineTo(document: SessionDocument, id: NodeId): readonly Place[] {
  const start: Place = {
    id: null,
    number: 0,
    turn: null,
    picture: document.root.kind === 'words' ? null : document.root.frame,
  };
  const turns = pathTo(document, id).map((turn, index): Place => ({
    id: turn.id,
    number: index + 1,
    turn,
    picture: turn.state.status === 'done' ? turn.state.result.frame : null,
  }));
  return [start, ...turns];
}

/** The regions in which a place was made, each with the slant of its kind; none while it has no picture. */
export function regionsOf({
  turn,
  picture,
}: Place): readonly { readonly stage: RegionStage; readonly hash: BlobHash }[] {
  if (turn === null || picture === null) return [];
  const { drawn, now, next } = turn.regions;
  const all: readonly (readonly [RegionStage, BlobHash | undefined])[] = [
    ['now', drawn?.hash],
    ['now', now?.mask.hash],
    ['next', next?.mask.hash],
  ];
  return all.flatMap(([stage, hash]) => (hash === undefined ? [] : [{ stage, hash }]));
}

export function hasRegion(place: Place | undefined): boolean {
  return place !== undefined && regionsOf(place).length > 0;
}

const isPutAway = ({ isArchived, isDiscarded }: Turn): boolean => isArchived || isDiscarded;

/**
 * The last place of the branch through `current`: the earlier end while it still passes there. Nothing under `current`
 * that was put out of the way is followed.
 */
export function followEnd(document: SessionDocument, end: NodeId, current: NodeId): NodeId {
  const hasEnd = end !== null && document.turns.some((turn) => turn.id === end);
  const path = hasEnd ? pathTo(document, end) : [];
  const here = path.findIndex((turn) => turn.id === current);
  const isStillOn = (current === null || here >= 0) && !path.slice(here + 1).some(isPutAway);
  let at = isStillOn && hasEnd ? end : current;
  for (;;) {
    const next = document.turns.findLast((turn) => turn.parentId === at && !isPutAway(turn));
    if (next === undefined) return at;
    at = next.id;
  }
}

/** The two sides of a comparison; undefined ids stand for the start and the current place. */
export function comparedPlaces(
  document: SessionDocument,
  before: NodeId | undefined,
  after: NodeId | undefined,
): readonly [Place, Place] {
  const pick = (id: NodeId): Place => {
    const place = lineTo(document, id).at(-1) as Place;
    const picture = frameAt(document, id);
    // A blank start shows nothing, so the first picture of the branch stands in for it.
    const first = lineTo(document, document.current).find((one) => one.picture !== null);
    return picture === null && first !== undefined ? first : { ...place, picture };
  };
  return [pick(before ?? null), pick(after === undefined ? document.current : after)];
}
