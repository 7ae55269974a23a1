/** Walks of the tree of turns: who stands where, and what picture is to be seen there. */
import {
  canBeParent,
  turnOf,
  type FrameRef,
  type NodeId,
  type PictureRef,
  type PictureSize,
  type SessionDocument,
  type Turn,
  type TurnId,
} from './document.ts';

export function childrenOf(document: SessionDocument, id: NodeId): readonly Turn[] {
  return document.turns.filter((turn) => turn.parentId === id);
}

/** All turns under the same parent, the turn itself included. */
export function siblingsOf(document: SessionDocument, id: TurnId): readonly Turn[] {
  return childrenOf(document, turnOf(document, id).parentId);
}

/** Turns from the first one down to `id`, both included; empty for the start. */
export function pathTo(document: SessionDocument, id: NodeId): readonly Turn[] {
  const path: Turn[] = [];
  for (let at = id; at !== null;) {
    const turn = turnOf(document, at);
    path.unshift(turn);
    at = turn.parentId;
  }
  return path;
}

/** Whether `place` is the turn `id` or stands under it. */
export function isUnder(document: SessionDocument, place: NodeId, id: TurnId): boolean {
  return pathTo(document, place).some((turn) => turn.id === id);
}

/** The turn and everything under it, in document order. */
export function subtreeOf(document: SessionDocument, id: TurnId): readonly Turn[] {
  const inside = new Set<TurnId>([turnOf(document, id).id]);
  // One pass is enough because a parent always stands before its children.
  for (const turn of document.turns) {
    if (turn.parentId !== null && inside.has(turn.parentId)) inside.add(turn.id);
  }
  return document.turns.filter((turn) => inside.has(turn.id));
}

/** Where a new turn is added: the current place, or the closest one above it that can have a picture. */
export function attachPoint(document: SessionDocument): NodeId {
  const above = pathTo(document, document.current);
  return above.findLast(canBeParent)?.id ?? null;
}

/** The newest made picture on the way to `id`, the start picture if there is none, null for a blank start. */
export function placeFrame(document: SessionDocument, id: NodeId): FrameRef | null {
  const { root } = document;
  for (const { state } of pathTo(document, id).toReversed()) {
    if (state.status === 'done') return { frame: state.result.frame, latent: state.result.latent };
  }
  return root.kind === 'words' ? null : { frame: root.frame, latent: null };
}

export function frameAt(document: SessionDocument, id: NodeId): PictureRef | null {
  return placeFrame(document, id)?.frame ?? null;
}

/** Whether the session holds no picture and no turn yet. */
export function isBlank(document: SessionDocument): boolean {
  return document.root.kind === 'words' && document.turns.length === 0;
}

/** The size of all pictures of a session; null while nobody has said it. */
export function sizeOfPictures(document: SessionDocument): PictureSize | null {
  const { root, turns } = document;
  const made = turns.find(({ state: { status } }) => status === 'done');
  const picture = frameAt(document, made?.id ?? null);
  if (picture !== null) return { width: picture.width, height: picture.height };
  return root.kind === 'words' ? (root.size ?? null) : null;
}

/** Whether the size of the first picture is still to be chosen: all pictures of a session have that of its first. */
export function isSizeOpen({ root, turns }: SessionDocument): boolean {
  const isMade = turns.some(({ state: { status } }) => status === 'done' || status === 'running');
  return root.kind === 'words' && !isMade;
}

/** Whether the turn added next makes the first picture, from words alone. */
export function beginsFromWords(document: SessionDocument): boolean {
  return document.root.kind === 'words' && attachPoint(document) === null;
}
