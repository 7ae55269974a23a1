/** The session as plain data: a tree of turns over a start picture, changed by pure functions only. */
import type { Reference } from '../runtime/contract.ts';

declare const brand: unique symbol;
type Brand<Base, Name> = Base & { readonly [brand]: Name };

export type SessionId = Brand<string, 'session'>;
export type TurnId = Brand<string, 'turn'>;
/** Turns that were asked for together, to choose among. */
export type GroupId = Brand<string, 'group'>;
/** A place of the history: `start/picture`, or a turn's id and a part of it, as in `<id>/words`. */
export type ContextKey = Brand<string, 'context'>;
/** Lower-case hex SHA-256 of a blob's bytes. */
export type BlobHash = Brand<string, 'blob'>;

/** A place in the tree: a turn, or null for the start. */
export type NodeId = TurnId | null;

/** A stored picture or mask (PNG bytes), sizes in pixels. */
export interface PictureRef extends PictureSize {
  readonly hash: BlobHash;
}

/** In pixels. */
export interface PictureSize {
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
  /** No start picture: the first turn is made from words alone, of this size or else the model's own. */
  | { readonly kind: 'words'; readonly size?: PictureSize };

export interface ModelRef {
  readonly id: string;
  /** SHA-256 over the manifest's file hashes. */
  readonly hash: string;
}

/** A picture as the model is given it: one that it made comes with its latent. */
export interface FrameRef {
  readonly frame: PictureRef;
  readonly latent: LatentRef | null;
}

/** A picture that the instruction speaks of, or half of an example; kept by content, so its source may be deleted. */
export interface ReferenceRef extends FrameRef {
  readonly role: Reference['role'];
  readonly source:
    | { readonly kind: 'upload'; readonly name: string }
    | { readonly kind: 'place'; readonly id: NodeId };
}

/** Moves a region: scaled and turned about a point, then shifted. Pixels; degrees clockwise; scale 1 = as large. */
export interface Move {
  readonly dx: number;
  readonly dy: number;
  readonly scale: number;
  readonly angle: number;
  readonly about: { readonly x: number; readonly y: number };
}

/**
 * A region of one stage, and how it came about. `inputs` names all that it was made from (see `stages.ts`), so that
 * it can be told when that has changed.
 */
export type StageRegion =
  | { readonly by: 'drawn'; readonly mask: PictureRef }
  /** The region now, somewhere else. */
  | { readonly by: 'moved'; readonly mask: PictureRef; readonly move: Move; readonly inputs: string }
  /** The model's own. */
  | { readonly by: 'found'; readonly mask: PictureRef; readonly seed: number; readonly inputs: string };

/** `drawn`: where the picture may change. `now`, `next`: where it will change, and what will have changed then. */
export interface RegionRefs {
  readonly drawn: PictureRef | null;
  readonly now: StageRegion | null;
  readonly next: StageRegion | null;
}

export type ContextPreset = 'all' | 'recent' | 'original' | 'chosen';

/** What of the history the model is given. A turn holds in `off` all that was left out, whatever the preset. */
export interface ContextChoice {
  readonly preset: ContextPreset;
  readonly off: readonly ContextKey[];
  /** What a preset leaves on. */
  readonly pinned: readonly ContextKey[];
}

export type Task =
  | { readonly kind: 'image' }
  /** The next scene of a story: the same cast somewhere else. */
  | { readonly kind: 'scene' }
  /** `count` frames from the picture of the parent to another one, both included. */
  | { readonly kind: 'clip-between'; readonly to: FrameRef; readonly toId: NodeId; readonly count: number }
  /** The same edit on every frame of the parent's clip. */
  | { readonly kind: 'clip-edit' };

/** As `Task`, with the end of a clip named by its place. */
export type TaskChoice =
  | { readonly kind: 'image' | 'scene' | 'clip-edit' }
  | { readonly kind: 'clip-between'; readonly to: NodeId; readonly count: number };

/** How the pixels outside a region, or those that did not visibly change, differ from an earlier picture. */
export interface Drift {
  /** Pixels outside of which any byte differs. */
  readonly changedPixels: number;
  readonly outsidePixels: number;
  /** Mean absolute difference of their colour channels, 0 to 1. */
  readonly meanOutside: number;
  /** Null when nothing differs. */
  readonly psnrDb: number | null;
}

export interface TurnResult {
  /** Of a clip the last frame. */
  readonly frame: PictureRef;
  /** Null for the end of a clip that was opened and not made. */
  readonly latent: LatentRef | null;
  /** All frames of a clip in their order; absent for a single picture. */
  readonly clip?: readonly FrameRef[];
  /** Against the picture that was edited, and against the first one of the branch. */
  readonly drift?: { readonly step: Drift; readonly original: Drift };
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
export interface Recipe {
  readonly instruction: string;
  readonly regions: RegionRefs;
  readonly references: readonly ReferenceRef[];
  readonly context: ContextChoice;
  readonly task: Task;
  /** Unsigned 32-bit. */
  readonly seed: number;
  readonly steps: number;
  readonly guidance: number;
}

export interface NewTurn extends Recipe {
  readonly id: TurnId;
  readonly parentId: NodeId;
  /** The turn whose words were taken up and changed. It may have been deleted since, like the next two. */
  readonly revisedFrom?: TurnId;
  /** The turn that this one repeats on a changed branch. */
  readonly replayOf?: TurnId;
  /** The turn that this one makes anew from the first picture. */
  readonly rebaseOf?: TurnId;
  readonly groupId?: GroupId;
  /** The model that makes or made it. */
  readonly model: ModelRef;
  /** Milliseconds since 1970, like all times here. */
  readonly createdAt: number;
}

/** What the person put on a turn; none of it changes what was made. */
export interface Marks {
  readonly name: string | null;
  readonly isStarred: boolean;
  /** Out of the way with all that stands under it; the same for `isDiscarded`, which is said of one way of a group. */
  readonly isArchived: boolean;
  readonly isDiscarded: boolean;
}

/** What the person said of one shot. */
export interface ShotMarks {
  /** How long it stays, of a clip all its frames together; null = the usual time. */
  readonly seconds: number | null;
  /** Not in the story, and still in the tree. */
  readonly isLeftOut: boolean;
}

/** Stored for places that were marked only. */
export interface MarkedShot extends ShotMarks {
  readonly place: NodeId;
}

export interface Turn extends NewTurn, Marks {
  readonly state: TurnState;
}

/** One of several regions with words of their own; null stands for the whole picture. */
export interface Part {
  readonly region: PictureRef | null;
  readonly instruction: string;
}

/** The line being written; null settings mean the model's own (a new random number for the seed). */
export interface Composer extends Pick<
  Recipe,
  'instruction' | 'regions' | 'references' | 'context' | 'task'
> {
  /** Edits to be made one after another in front of the line itself. */
  readonly parts: readonly Part[];
  readonly seed: number | null;
  readonly steps: number | null;
  readonly guidance: number | null;
  readonly revising: TurnId | null;
}

export const noRegions: RegionRefs = { drawn: null, now: null, next: null };

/** An edit of the whole picture in words alone, that sees all that came before. */
export const plainRecipe = {
  regions: noRegions,
  references: [],
  context: { preset: 'all', off: [], pinned: [] },
  task: { kind: 'image' },
} as const satisfies Partial<Recipe>;

/** What is said of one turn: it goes when the turn is made, while settings and the choice of context stay. */
export const emptyRequest = {
  instruction: '',
  regions: noRegions,
  references: [],
  task: plainRecipe.task,
  parts: [],
  revising: null,
} as const satisfies Partial<Composer>;

export const emptyComposer: Composer = {
  ...emptyRequest,
  context: plainRecipe.context,
  seed: null,
  steps: null,
  guidance: null,
};

const noMarks: Marks = { name: null, isStarred: false, isArchived: false, isDiscarded: false };

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
  /** How the branches are told as stories; absent while nothing was said of any shot. */
  readonly shots?: readonly MarkedShot[];
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

/** Made once for each list of turns, so that a walk up a long branch looks at each turn once. */
const byId = new WeakMap<readonly Turn[], ReadonlyMap<TurnId, Turn>>();

export function findTurn({ turns }: SessionDocument, id: TurnId): Turn | undefined {
  const known = byId.get(turns) ?? new Map(turns.map((turn) => [turn.id, turn]));
  byId.set(turns, known);
  return known.get(id);
}

/** @throws DocumentError when the document has no such turn. */
export function turnOf(document: SessionDocument, id: TurnId): Turn {
  const turn = findTurn(document, id);
  if (turn === undefined) throw new DocumentError(`No turn ${id} in session ${document.id}.`);
  return turn;
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
  return { ...document, turns: [...document.turns, { ...turn, ...noMarks, state: { status: 'draft' } }] };
}

/** Whether turns may be added under it. */
export function canBeParent(turn: Turn): boolean {
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

export function markTurn(document: SessionDocument, id: TurnId, marks: Partial<Marks>): SessionDocument {
  return withTurn(document, id, (turn) => ({ ...turn, ...marks }));
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
