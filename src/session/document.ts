/** The session as plain data: a tree of turns over a start picture, changed by pure functions only. */

declare const brand: unique symbol;
type Brand<Base, Name> = Base & { readonly [brand]: Name };

export type SessionId = Brand<string, 'session'>;
export type TurnId = Brand<string, 'turn'>;
/** Lower-case hex SHA-256 of a blob's bytes. */
export type BlobHash = Brand<string, 'blob'>;

/** A place in the tree: a turn, or null for the start. */
export type NodeId = TurnId | null;

/** A stored picture or mask (PNG bytes), sizes in pixels. */
export interface PictureRef {
  readonly hash: BlobHash;
  readonly width: number;
  readonly height: number;
}

/** A stored clean latent: `[channels, height, width]`, float32 little-endian. */
export interface LatentRef {
  readonly hash: BlobHash;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export type Root =
  | { readonly kind: 'opened'; readonly frame: PictureRef; readonly name: string }
  | { readonly kind: 'starter'; readonly frame: PictureRef; readonly name: string }
  /** No start picture: the first turn is made from words alone. */
  | { readonly kind: 'words' };

export interface ModelRef {
  readonly id: string;
  /** SHA-256 over the manifest's file hashes. */
  readonly hash: string;
}

export interface TurnResult {
  readonly frame: PictureRef;
  readonly latent: LatentRef;
  readonly timingsMs: {
    readonly text: number;
    readonly history: number;
    readonly denoise: number;
    readonly decode: number;
  };
  readonly cachedTokens: number;
  readonly computedTokens: number;
  readonly backend: 'webgpu' | 'wasm';
  readonly finishedAt: number;
}

/** `code` is one of the engine's or the session's failure codes; `message` is what the person reads. */
export interface TurnFailure {
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
}

export type TurnState =
  /** Written and waiting for its place in the queue. */
  | { readonly status: 'draft' }
  | { readonly status: 'running'; readonly startedAt: number }
  | { readonly status: 'done'; readonly result: TurnResult }
  | { readonly status: 'failed'; readonly failure: TurnFailure }
  | { readonly status: 'cancelled' };

/** What the person asked for. Never changed after the turn was added: new words make a sibling. */
interface Recipe {
  readonly instruction: string;
  readonly mask: PictureRef | null;
  /** Unsigned 32-bit. */
  readonly seed: number;
  readonly steps: number;
  readonly guidance: number;
}

export interface Turn extends Recipe {
  readonly id: TurnId;
  readonly parentId: NodeId;
  /** The turn whose words were taken up and changed. It may have been deleted since. */
  readonly revisedFrom?: TurnId;
  /** The model that makes or made it. */
  readonly model: ModelRef;
  readonly state: TurnState;
  /** Milliseconds since 1970, like all times here. */
  readonly createdAt: number;
  readonly name?: string;
}

/** The line being written; null settings mean the model's own (a new random number for the seed). */
export interface Composer {
  readonly instruction: string;
  readonly mask: PictureRef | null;
  readonly seed: number | null;
  readonly steps: number | null;
  readonly guidance: number | null;
  readonly revising: TurnId | null;
}

export const emptyComposer: Composer = {
  instruction: '',
  mask: null,
  seed: null,
  steps: null,
  guidance: null,
  revising: null,
};

export interface SessionDocument {
  readonly id: SessionId;
  readonly name: string;
  readonly createdAt: number;
  readonly root: Root;
  /** In the order they were added, so a parent always stands before its children. */
  readonly turns: readonly Turn[];
  /** Where the person is. */
  readonly current: NodeId;
  readonly composer: Composer;
}

/** A broken rule of the document: always a mistake of the calling code, never of the person. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

/** Name of a session that begins blank, until its first words name it. */
export const unnamedSession = 'Untitled session';

export function createDocument(id: SessionId, name: string, root: Root, createdAt: number): SessionDocument {
  return { id, name, createdAt, root, turns: [], current: null, composer: emptyComposer };
}

export function findTurn(document: SessionDocument, id: TurnId): Turn | undefined {
  return document.turns.find((turn) => turn.id === id);
}

/** @throws DocumentError when the document has no such turn. */
export function turnOf(document: SessionDocument, id: TurnId): Turn {
  const turn = findTurn(document, id);
  if (turn === undefined) throw new DocumentError(`No turn ${id} in session ${document.id}.`);
  return turn;
}

export interface NewTurn extends Recipe {
  readonly id: TurnId;
  readonly parentId: NodeId;
  readonly revisedFrom?: TurnId;
  readonly model: ModelRef;
  readonly createdAt: number;
}

/**
 * Adds a waiting turn; turns that stand under the same parent are its siblings and stay as they are.
 * @throws DocumentError when the id is taken, or the parent is missing or can have no picture.
 */
export function addTurn(document: SessionDocument, turn: NewTurn): SessionDocument {
  if (findTurn(document, turn.id) !== undefined) throw new DocumentError(`Turn ${turn.id} exists already.`);
  if (turn.parentId !== null && !canBeParent(turnOf(document, turn.parentId))) {
    throw new DocumentError(`Turn ${turn.parentId} has no picture to go on from.`);
  }
  return { ...document, turns: [...document.turns, { ...turn, state: { status: 'draft' } }] };
}

function canBeParent(turn: Turn): boolean {
  return turn.state.status !== 'failed' && turn.state.status !== 'cancelled';
}

const followers: Readonly<Record<TurnState['status'], readonly TurnState['status'][]>> = {
  draft: ['running', 'cancelled', 'failed'],
  running: ['done', 'failed', 'cancelled'],
  done: [],
  failed: ['draft'],
  cancelled: ['draft'],
};

/**
 * A made picture is final, and a turn starts only when its parent is made: so its history can never change.
 * @throws DocumentError when the turn is missing or may not change that way.
 */
export function setTurnState(document: SessionDocument, id: TurnId, state: TurnState): SessionDocument {
  const turn = turnOf(document, id);
  const from = turn.state.status;
  if (!followers[from].includes(state.status)) {
    throw new DocumentError(`Turn ${id} is ${from} and cannot become ${state.status}.`);
  }
  if (state.status === 'running' && !isParentMade(document, turn)) {
    throw new DocumentError(`Turn ${id} cannot start before its parent is made.`);
  }
  return withTurn(document, id, (at) => ({ ...at, state }));
}

/** Whether the picture that the turn is made from is there. */
export function isParentMade(document: SessionDocument, turn: Turn): boolean {
  return turn.parentId === null || turnOf(document, turn.parentId).state.status === 'done';
}

/** Puts a failed or cancelled turn back in line, for `model`, with its recipe unchanged. */
export function retryTurn(document: SessionDocument, id: TurnId, model: ModelRef): SessionDocument {
  return withTurn(setTurnState(document, id, { status: 'draft' }), id, (turn) => ({ ...turn, model }));
}

/** An empty name removes it. */
export function renameTurn(document: SessionDocument, id: TurnId, name: string | undefined): SessionDocument {
  return withTurn(document, id, ({ name: _replaced, ...turn }) => (name ? { ...turn, name } : turn));
}

function withTurn(document: SessionDocument, id: TurnId, change: (turn: Turn) => Turn): SessionDocument {
  turnOf(document, id);
  return { ...document, turns: document.turns.map((turn) => (turn.id === id ? change(turn) : turn)) };
}

/** @throws DocumentError when there is no such turn. */
export function goTo(document: SessionDocument, id: NodeId): SessionDocument {
  if (id !== null) turnOf(document, id);
  return { ...document, current: id };
}

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
export function frameAt(document: SessionDocument, id: NodeId): PictureRef | null {
  for (const turn of pathTo(document, id).toReversed()) {
    if (turn.state.status === 'done') return turn.state.result.frame;
  }
  return document.root.kind === 'words' ? null : document.root.frame;
}

/** Whether the session holds no picture and no turn yet. */
export function isBlank(document: SessionDocument): boolean {
  return document.root.kind === 'words' && document.turns.length === 0;
}

/** Whether the turn added next makes the first picture, from words alone. */
export function beginsFromWords(document: SessionDocument): boolean {
  return document.root.kind === 'words' && attachPoint(document) === null;
}

export type HistoryRef =
  | { readonly kind: 'image'; readonly frame: PictureRef; readonly latent: LatentRef | null }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'mask'; readonly mask: PictureRef };

/** Everything before turn `id`, oldest first: start image, then words, mask and image of each made turn. */
export function historyOf(document: SessionDocument, id: TurnId): readonly HistoryRef[] {
  const items: HistoryRef[] = [];
  if (document.root.kind !== 'words') items.push({ kind: 'image', frame: document.root.frame, latent: null });
  for (const { instruction, mask, state } of pathTo(document, turnOf(document, id).parentId)) {
    if (state.status !== 'done') continue;
    if (instruction !== '') items.push({ kind: 'text', text: instruction });
    if (mask !== null) items.push({ kind: 'mask', mask });
    items.push({ kind: 'image', frame: state.result.frame, latent: state.result.latent });
  }
  return items;
}

/** Nothing runs after a reload: what had been waiting or running is cancelled, its words kept. */
export function settleInterrupted(document: SessionDocument): SessionDocument {
  const isOpen = (turn: Turn): boolean => turn.state.status === 'running' || turn.state.status === 'draft';
  if (!document.turns.some(isOpen)) return document;
  return {
    ...document,
    turns: document.turns.map((turn) => (isOpen(turn) ? { ...turn, state: { status: 'cancelled' } } : turn)),
  };
}

/** Every blob that the document names, with doubles. */
export function blobsOf(document: SessionDocument): readonly BlobHash[] {
  const hashes: BlobHash[] = [];
  if (document.root.kind !== 'words') hashes.push(document.root.frame.hash);
  if (document.composer.mask !== null) hashes.push(document.composer.mask.hash);
  for (const turn of document.turns) hashes.push(...blobsOfTurn(turn));
  return hashes;
}

function blobsOfTurn(turn: Turn): readonly BlobHash[] {
  const hashes: BlobHash[] = [];
  if (turn.mask !== null) hashes.push(turn.mask.hash);
  if (turn.state.status === 'done') hashes.push(turn.state.result.frame.hash, turn.state.result.latent.hash);
  return hashes;
}
