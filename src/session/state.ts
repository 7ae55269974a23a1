/** What the page sees of a session: state as discriminated unions, and the actions that change it. */
import type {
  EditProgress,
  EngineErrorCode,
  LoadProgress,
  MaskPixels,
  ModelInfo,
  PictureFit,
  Pixels,
} from '../runtime/contract.ts';
import type { BlobHash, NodeId, SessionDocument, SessionId, TurnId } from './document.ts';

export type FailureCode =
  | EngineErrorCode
  | 'storage-full'
  | 'storage-unavailable'
  | 'changed-elsewhere'
  | 'newer-version'
  | 'unreadable'
  | 'bad-file'
  | 'bad-picture'
  | 'not-ready'
  | 'parent-missing'
  | 'picture-lost'
  | 'video-failed';

/** What the page offers next; each value stands for one action of the store or one dialog of the page. */
export type NextStep =
  | 'load-model'
  | 'restart-model'
  | 'retry-turn'
  | 'choose-picture'
  | 'choose-file'
  | 'save-session-file'
  /** Of a refused session: `raw` as JSON. */
  | 'save-stored-records'
  | 'update-page'
  | 'retry-video'
  | 'none';

/** A failure in the three parts that the page shows: what happened, what is safe, what next. */
export interface Failure {
  readonly code: FailureCode;
  readonly happened: string;
  readonly safe: string;
  /** Words of the button; empty when `next` is 'none'. */
  readonly nextLabel: string;
  readonly next: NextStep;
  /** For the folded part and the report; not translated, may be technical. */
  readonly detail?: string;
}

export type ModelState =
  | { readonly status: 'idle' }
  | { readonly status: 'loading'; readonly isRestart: boolean; readonly progress: LoadProgress | null }
  | { readonly status: 'ready'; readonly info: ModelInfo; readonly hash: string }
  | { readonly status: 'failed'; readonly failure: Failure };

type SessionState =
  /** Nothing open yet: the first page. */
  | { readonly status: 'none' }
  | { readonly status: 'opening' }
  | { readonly status: 'open'; readonly document: SessionDocument }
  /** Stored, but not to be read by this version; nothing is written over it. `raw` can be saved as JSON. */
  | { readonly status: 'refused'; readonly id: SessionId; readonly failure: Failure; readonly raw: unknown };

export type RunState =
  | { readonly status: 'idle' }
  | {
      readonly status: 'running';
      readonly turnId: TurnId;
      readonly progress: EditProgress | null;
      readonly isCancelling: boolean;
    };

export type SavedState =
  | { readonly status: 'stored' }
  | { readonly status: 'saving' }
  | { readonly status: 'failed'; readonly failure: Failure };

type PictureCheck =
  | { readonly status: 'unchecked' }
  | { readonly status: 'checking' }
  | ({ readonly status: 'checked' } & PictureFit);

type WordsCheck =
  | { readonly status: 'unchecked' }
  | { readonly status: 'checked'; readonly instruction: string; readonly unknown: readonly string[] };

type VideoState =
  | { readonly status: 'idle' }
  | { readonly status: 'encoding'; readonly fraction: number }
  | { readonly status: 'failed'; readonly failure: Failure };

export interface SessionSummary {
  readonly id: SessionId;
  readonly name: string;
  readonly modifiedAt: number;
  readonly turnCount: number;
  /** False for one that is damaged or of a newer version; opening it tells which. */
  readonly isReadable: boolean;
  /** PNG of the picture the person was at; null for a session without pictures. */
  readonly thumbnail: Uint8Array<ArrayBuffer> | null;
}

export interface EditorState {
  readonly model: ModelState;
  readonly session: SessionState;
  readonly sessions: readonly SessionSummary[];
  readonly run: RunState;
  /** Turns that wait for their place, first to run first; the running one is not among them. */
  readonly queue: readonly TurnId[];
  readonly saved: SavedState;
  /** Fit of the start picture to what the model knows. */
  readonly pictureCheck: PictureCheck;
  /** For the words in the composer; compare `instruction` before showing. */
  readonly wordsCheck: WordsCheck;
  readonly video: VideoState;
  /** Trouble to tell about; stays until `dismissNotice` or the next one. */
  readonly notice: Failure | null;
  readonly undoLabel: UndoLabel | null;
  readonly redoLabel: UndoLabel | null;
}

/** What the next undo or redo is about; the page turns it into words. */
export type UndoLabel = 'go-to' | 'delete-turn' | 'rename' | 'region' | 'branch' | 'make';

export interface ExportedFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Leaving a session whose last change could not be stored is refused unless the person said so. */
export interface LeaveOptions {
  readonly discardUnsaved?: boolean;
}

/**
 * No action throws or rejects for anything a person or a device can cause: trouble shows up in the state.
 * Promises resolve when the action is over; `false` or null means that nothing was done, and `notice` says why.
 */
export interface EditorActions {
  /** Reads the list, opens the last session, clears blobs nobody names. Call once at start. */
  readonly start: () => Promise<void>;

  readonly loadModel: () => Promise<void>;
  /** After a lost device; the queue goes on when the model is back. */
  readonly restartModel: () => Promise<void>;

  /** Begins a session with this picture, already cut to the model's frame size. */
  readonly openPicture: (pixels: Pixels, name: string, options?: LeaveOptions) => Promise<boolean>;
  readonly startScene: (pixels: Pixels, name: string, options?: LeaveOptions) => Promise<boolean>;
  /** A blank session, to start from words. */
  readonly newSession: (options?: LeaveOptions) => Promise<boolean>;
  readonly listSessions: () => Promise<void>;
  readonly openSession: (id: SessionId, options?: LeaveOptions) => Promise<boolean>;
  readonly renameSession: (name: string) => void;
  /** Removes a stored session for good; the open one is closed first. */
  readonly deleteSession: (id: SessionId) => Promise<boolean>;
  readonly deleteEverything: () => Promise<boolean>;

  readonly setInstruction: (instruction: string) => void;
  /** Call at the end of each stroke: every call is one undo step. */
  readonly setMask: (mask: MaskPixels | null) => void;
  /** null = a new random seed for each turn. */
  readonly setSeed: (seed: number | null) => void;
  /** null = the model's own number. */
  readonly setSteps: (steps: number | null) => void;
  readonly setGuidance: (guidance: number | null) => void;
  /** Adds `count` sibling turns with the composer's recipe and queues them. Empty when refused. */
  readonly makeEdit: (count?: number) => readonly TurnId[];
  /** Stops the running turn, or takes a waiting one out of the queue; its words return to an empty composer. */
  readonly cancel: (turnId?: TurnId) => void;
  /** Runs a failed or cancelled turn again with the same recipe. */
  readonly retryTurn: (turnId: TurnId) => boolean;

  readonly goTo: (turnId: NodeId) => void;
  /** Goes to a picture and clears the composer, so that the next turn becomes a branch there. */
  readonly branchFrom: (turnId: NodeId) => void;
  /** Takes an old turn's recipe into the composer; making it adds a sibling that remembers where it came from. */
  readonly reviseTurn: (turnId: TurnId) => void;
  /** Deletes the turn and all turns under it. */
  readonly deleteTurn: (turnId: TurnId) => void;
  readonly renameTurn: (turnId: TurnId, name: string) => void;
  readonly undo: () => void;
  readonly redo: () => void;

  /** Tries the last failed save again. */
  readonly saveAgain: () => Promise<boolean>;
  readonly importFile: (bytes: Uint8Array, options?: LeaveOptions) => Promise<boolean>;
  readonly exportFile: () => ExportedFile | null;
  /** Zip of the pictures from the start to the current place, with masks and recipes. */
  readonly exportFrames: () => ExportedFile | null;
  /** The picture at a place as PNG. */
  readonly exportPicture: (turnId: NodeId) => ExportedFile | null;
  readonly exportVideo: (secondsPerFrame?: number) => Promise<ExportedFile | null>;
  readonly cancelVideo: () => void;
  readonly dismissNotice: () => void;

  /** PNG bytes of a picture or mask of the open session, for an object URL. */
  readonly pngOf: (hash: BlobHash) => Uint8Array<ArrayBuffer> | null;
  readonly pixelsOf: (hash: BlobHash) => Pixels | null;
  readonly maskOf: (hash: BlobHash) => MaskPixels | null;
  /** Resolves when nothing runs, nothing waits and everything was stored or refused. */
  readonly settled: () => Promise<void>;
}
