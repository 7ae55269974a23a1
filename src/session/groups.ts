/** Which turns the page lists: ways to choose among, what is out of the way, what a search finds, what replays what. */
import { type SessionDocument, type Turn, type TurnId, turnOf } from './document.ts';
import { childrenOf, pathTo, siblingsOf, subtreeOf } from './tree.ts';

/** One of the ways that were asked for together: from its first turn to its last one. */
export interface Way {
  readonly root: Turn;
  /** The same turn, unless several regions made the way a chain. */
  readonly tip: Turn;
}

/** The first turn of the way that `id` belongs to; the turn itself when it was made alone. */
export function wayOf(document: SessionDocument, id: TurnId): Turn {
  const turn = turnOf(document, id);
  if (turn.groupId === undefined) return turn;
  return pathTo(document, id).find(({ groupId }) => groupId === turn.groupId) ?? turn;
}

/** All ways of the group of `id`, in the order they were asked for, discarded ones too; itself when it has no group. */
export function waysOf(document: SessionDocument, id: TurnId): readonly Way[] {
  const root = wayOf(document, id);
  const roots =
    root.groupId === undefined
      ? [root]
      : siblingsOf(document, root.id).filter(({ groupId }) => groupId === root.groupId);
  return roots.map((way) => ({ root: way, tip: tipOf(document, way) }));
}

function tipOf(document: SessionDocument, turn: Turn): Turn {
  const { groupId } = turn;
  const next =
    groupId === undefined
      ? undefined
      : childrenOf(document, turn.id).find((child) => child.groupId === groupId);
  return next === undefined ? turn : tipOf(document, next);
}

/** Ways that still stand beside each other, so that there is something to choose; empty when there is not. */
export function openWays(document: SessionDocument, id: TurnId): readonly Way[] {
  const ways = waysOf(document, id);
  return ways.filter(({ root }) => !root.isDiscarded).length > 1 ? ways : [];
}

/** Turns that neither are archived or discarded, nor stand under one that is. */
export function shownTurns(document: SessionDocument): readonly Turn[] {
  const hidden = new Set<TurnId>();
  return document.turns.filter(({ id, parentId, isArchived, isDiscarded }) => {
    const isHidden = isArchived || isDiscarded || (parentId !== null && hidden.has(parentId));
    if (isHidden) hidden.add(id);
    return !isHidden;
  });
}

/** Without case and marks, so that "cafe" finds "Café" and "strasse" finds "Straße". */
function folded(text: string): string {
  const plain = text.toUpperCase().normalize('NFKD').replace(/\p{M}/gu, '');
  // What stood for several letters may have come apart into small ones.
  return plain.toUpperCase();
}

/** Turns in whose words or name every word of `query` is found, in document order; none for an empty query. */
export function searchTurns(document: SessionDocument, query: string): readonly Turn[] {
  const wanted = folded(query).split(/\s+/u).filter(Boolean);
  if (wanted.length === 0) return [];
  return document.turns.filter(({ instruction, name }) => {
    const text = folded(`${name ?? ''} ${instruction}`);
    return wanted.every((word) => text.includes(word));
  });
}

/** Everything that was asked for in this session, newest first, each once. */
export function earlierWords(document: SessionDocument): readonly string[] {
  const said = document.turns.map(({ instruction }) => instruction).filter((words) => words !== '');
  return [...new Set(said.toReversed())];
}

interface ReplayPair {
  readonly old: Turn;
  readonly replay: Turn;
}

/** The turns at and under `id` that repeat others, each beside the one it repeats while that is there. */
export function replayPairs(document: SessionDocument, id: TurnId): readonly ReplayPair[] {
  const byId = new Map(document.turns.map((turn) => [turn.id, turn]));
  return subtreeOf(document, id).flatMap((replay) => {
    const old = replay.replayOf === undefined ? undefined : byId.get(replay.replayOf);
    return old === undefined ? [] : [{ old, replay }];
  });
}
