/** What the page can do to a session. */
import type { MaskPixels, Pixels, Reference } from '../runtime/contract.ts';
import type {
  BlobHash,
  ContextKey,
  ContextPreset,
  Move,
  NodeId,
  PictureSize,
  Recipe,
  SessionId,
  ShotMarks,
  TaskChoice,
  TurnId,
} from './document.ts';
import type { VideoFormat } from './export/video.ts';
import type { RebaseWay } from './replay.ts';
import type { RegionStage } from './stages.ts';

export interface ExportedFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What goes along in the file of a picture; the whole session holds the recipe, too. */
export type PictureAlong = 'nothing' | 'recipe' | 'session';

/** Leaving a session whose last change could not be stored is refused unless the person said so. */
export interface LeaveOptions {
  readonly discardUnsaved?: boolean;
}

/** A picture already cut to the model's frame size, or one of this session. */
export type ReferenceSource = { readonly pixels: Pixels; readonly name: string } | { readonly place: NodeId };

/** What makes a clip. */
type ClipChoice = Extract<TaskChoice, { readonly count: number }> | { readonly kind: 'clip-edit' };

/** The line being written. Each is one undo step, but for words and settings, which have their own. */
export interface ComposerActions {
  readonly setInstruction: (instruction: string) => void;
  /** The drawn region. Call at the end of each stroke. */
  readonly setMask: (mask: MaskPixels | null) => void;
  /** Draws a stage by hand, or takes it away. */
  readonly setRegion: (stage: RegionStage, mask: MaskPixels | null) => void;
  /** Takes away the drawn region and both stages: the whole picture again, in one step. */
  readonly clearRegions: () => void;
  /**
   * Makes the region next from the region now, moved; fields that are left out keep their number, and after a change
   * of the region now begin anew. Without a region now the drawn one becomes it; without either nothing happens.
   */
  readonly moveRegion: (move: Partial<Move>) => void;
  /** Puts the words and the drawn region among the parts, and empties the line for the next one. */
  readonly addPart: () => void;
  readonly changePart: (
    index: number,
    change: { readonly instruction?: string; readonly mask?: MaskPixels | null },
  ) => void;
  readonly removePart: (index: number) => void;
  /** False when there is no picture there. */
  readonly addReference: (source: ReferenceSource, role?: Reference['role']) => boolean;
  readonly removeReference: (index: number) => void;
  /** What is to be made. False for a clip that ends where there is no picture; it has 4 to 8 frames. */
  readonly setTask: (task: TaskChoice) => boolean;
  readonly setContextPreset: (preset: Exclude<ContextPreset, 'chosen'>) => void;
  /** The picture that is edited cannot be switched off. */
  readonly switchContext: (key: ContextKey, isOn: boolean) => void;
  /** Presets leave what is pinned. */
  readonly pinContext: (key: ContextKey, isPinned: boolean) => void;
  /** Empties the line; settings and the choice of context stay. */
  readonly clearComposer: () => void;
  /** null = a new random seed for each turn. */
  readonly setSeed: (seed: number | null) => void;
  /** null = the model's own number. */
  readonly setSteps: (steps: number | null) => void;
  readonly setGuidance: (guidance: number | null) => void;
}

/** The tree of turns. Each is one undo step; turns that were made are taken away by deleting them only. */
export interface TreeActions {
  readonly goTo: (turnId: NodeId) => void;
  /** Goes to a picture and clears the composer, so that the next turn becomes a branch there. */
  readonly branchFrom: (turnId: NodeId) => void;
  /** Takes an old turn's recipe into the composer; making it adds a sibling that remembers where it came from. */
  readonly reviseTurn: (turnId: TurnId) => void;
  /**
   * Adds a changed sibling of a made turn and repeats under it all that was made under the old one, each turn with its
   * own seed; `replayPairs` gives old and new. Without `change` it takes the composer that is revising this turn.
   */
  readonly reviseAndReplay: (turnId: TurnId, change?: Partial<Recipe>) => readonly TurnId[];
  /** Makes the picture of a turn anew from the first one of its branch; null when refused. */
  readonly rebase: (turnId: TurnId, way?: RebaseWay) => TurnId | null;
  /** Deletes the turn and all turns under it. */
  readonly deleteTurn: (turnId: TurnId) => void;
  /** An empty name removes it. */
  readonly renameTurn: (turnId: TurnId, name: string) => void;
  readonly starTurn: (turnId: TurnId, isStarred: boolean) => void;
  /** Puts the turn and all under it out of the way (see `shownTurns`), or back. */
  readonly archiveTurn: (turnId: TurnId, isArchived: boolean) => void;
  /** Keeps this one of the ways that were asked for together and discards the others. */
  readonly keep: (turnId: TurnId) => void;
  /**
   * Adds one more way to those of `turnId`, with a seed of its own, and makes it; a turn made alone becomes the first
   * way of a group. The present place and the line being written stay. Null when refused.
   */
  readonly addWay: (turnId: TurnId) => TurnId | null;
  /** Puts one of several ways out of the way, or back. */
  readonly discard: (turnId: TurnId, isDiscarded?: boolean) => void;
  /** How long a shot of the story stays, and whether it is in it. */
  readonly markShot: (place: NodeId, marks: Partial<ShotMarks>) => void;
  /**
   * Makes a clip from `place` to another one, or the clip of `place` edited, beside the branch: the present place and
   * the line being written stay. A clip between two neighbours stands between them in `storyOf`. Null when refused.
   */
  readonly makeClip: (place: NodeId, task: ClipChoice, words: string) => TurnId | null;
  readonly renameSession: (name: string) => void;
}

/**
 * No action throws or rejects for anything a person or a device can cause: trouble shows up in the state.
 * Promises resolve when the action is over; `false` or null means that nothing was done, and `notice` says why.
 */
export interface EditorActions extends ComposerActions, TreeActions {
  /** Reads the list, opens the last session, clears blobs nobody names. Call once at start. */
  readonly start: () => Promise<void>;

  readonly loadModel: () => Promise<void>;
  /** Stops fetching the model; what has arrived is kept, and `loadModel` goes on from there. */
  readonly pauseModel: () => void;
  /** After a lost device, or when the model is silent: cancels what runs; the queue goes on when the model is back. */
  readonly restartModel: () => Promise<void>;
  /** Goes on waiting for a model that is silent; it is told again when it has been so for twice as long. */
  readonly waitOn: () => void;

  /** Begins a session with this picture, already cut to the model's frame size. */
  readonly openPicture: (pixels: Pixels, name: string, options?: LeaveOptions) => Promise<boolean>;
  readonly startScene: (pixels: Pixels, name: string, options?: LeaveOptions) => Promise<boolean>;
  /** A blank session, to start from words. */
  readonly newSession: (options?: LeaveOptions) => Promise<boolean>;
  /** Size of the pictures of a session from words, one of the model's. False once its first picture is there. */
  readonly setStartSize: (size: PictureSize) => boolean;
  readonly listSessions: () => Promise<void>;
  readonly openSession: (id: SessionId, options?: LeaveOptions) => Promise<boolean>;
  /** Removes a stored session for good; the open one is closed first. */
  readonly deleteSession: (id: SessionId) => Promise<boolean>;
  readonly deleteEverything: () => Promise<boolean>;

  /**
   * Adds `count` sibling turns with the composer's recipe and queues them; several regions become a chain of turns
   * each time. More than one form a group to choose from. Empty when refused.
   */
  readonly makeEdit: (count?: number) => readonly TurnId[];
  /** Stops the running turn, or takes a waiting one out of the queue; its words return to an empty composer. */
  readonly cancel: (turnId?: TurnId) => void;
  /** Moves a waiting turn by so many places, never past one that it is made from or that is made from it. */
  readonly moveInQueue: (turnId: TurnId, by: number) => void;
  /** Cancels all that waits; what runs goes on. */
  readonly clearQueue: () => void;
  /**
   * Has the model find a region for the line being written, before anything that waits; see `state.find`. It goes into
   * the composer as one undo step. False when refused.
   */
  readonly findRegionNow: () => boolean;
  /** The same for the region next, given the region now when there is one. */
  readonly findRegionNext: () => boolean;
  readonly cancelFinding: () => void;
  /** Runs a failed or cancelled turn again with the same recipe. */
  readonly retryTurn: (turnId: TurnId) => boolean;

  readonly undo: () => void;
  readonly redo: () => void;

  /** Tries the last failed save again. */
  readonly saveAgain: () => Promise<boolean>;
  /** A session file, or a picture that has one in it. */
  readonly importFile: (bytes: Uint8Array, options?: LeaveOptions) => Promise<boolean>;
  readonly exportFile: () => ExportedFile | null;
  /** Zip of the story: its pictures and the frames of its clips, with masks and recipes. */
  readonly exportFrames: () => ExportedFile | null;
  /** The way to a place as layers for paint programs. */
  readonly exportOpenRaster: (turnId: NodeId) => ExportedFile | null;
  /** The picture at a place as PNG; a made one says so, and unless told not to also its words and settings. */
  readonly exportPicture: (turnId: NodeId, along?: PictureAlong) => ExportedFile | null;
  /** The story as a film; shots of which nothing was said stay `usual` seconds. */
  readonly exportVideo: (format: VideoFormat, usual?: number) => Promise<ExportedFile | null>;
  readonly cancelVideo: () => void;
  readonly dismissNotice: () => void;

  /** PNG bytes of a picture or mask of the open session, for an object URL. */
  readonly pngOf: (hash: BlobHash) => Uint8Array<ArrayBuffer> | null;
  readonly pixelsOf: (hash: BlobHash) => Pixels | null;
  readonly maskOf: (hash: BlobHash) => MaskPixels | null;
  /** Resolves when nothing runs, nothing waits and everything was stored or refused. */
  readonly settled: () => Promise<void>;
}
