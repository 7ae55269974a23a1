/** What the page sees of a session: state as discriminated unions; the actions that change it are in `actions.ts`. */
import type {
  EditProgress,
  EngineErrorCode,
  LoadProgress,
  ModelInfo,
  PictureFit,
} from '../runtime/contract.ts';
import type { ModelRef, SessionDocument, SessionId, TurnId } from './document.ts';
import type { FrameCount } from './makeTurn.ts';
import type { RegionStage } from './stages.ts';

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
  | 'nothing-found'
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
  /** `paused` is how far a load had come when the person stopped it. */
  | { readonly status: 'idle'; readonly paused?: LoadProgress | null }
  | { readonly status: 'loading'; readonly isRestart: boolean; readonly progress: LoadProgress | null }
  | { readonly status: 'ready'; readonly info: ModelInfo; readonly hash: string }
  | { readonly status: 'failed'; readonly failure: Failure };

export type ReadyModel = Extract<ModelState, { readonly status: 'ready' }>;

export function modelRef({ info, hash }: ReadyModel): ModelRef {
  return { id: info.id, hash };
}

type SessionState =
  /** Nothing open yet: the first page. */
  | { readonly status: 'none' }
  | { readonly status: 'opening' }
  | { readonly status: 'open'; readonly document: SessionDocument }
  /** Stored, but not to be read by this version; nothing is written over it. `raw` can be saved as JSON. */
  | { readonly status: 'refused'; readonly id: SessionId; readonly failure: Failure; readonly raw: unknown };

type RunState =
  | { readonly status: 'idle' }
  | {
      readonly status: 'running';
      readonly turnId: TurnId;
      readonly progress: EditProgress | null;
      /** Which frame of a clip `progress` is about; null for a single picture. */
      readonly frame: FrameCount | null;
      readonly isCancelling: boolean;
    };

/** The region that the model was asked for; it comes before turns that wait. */
type FindState =
  | { readonly status: 'idle' }
  | { readonly status: 'waiting'; readonly stage: RegionStage }
  | {
      readonly status: 'running';
      readonly stage: RegionStage;
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
  readonly find: FindState;
  /** Turns that wait for their place, first to run first; the running one is not among them. */
  readonly queue: readonly TurnId[];
  readonly saved: SavedState;
  /** Fit of the start picture to what the model knows. */
  readonly pictureCheck: PictureCheck;
  /** For the words in the composer; compare `instruction` before showing. */
  readonly wordsCheck: WordsCheck;
  /** Tokens of the texts that the present line would give the model, as far as they are counted. */
  readonly textTokens: ReadonlyMap<string, number>;
  readonly video: VideoState;
  /** Trouble to tell about; stays until `dismissNotice` or the next one. */
  readonly notice: Failure | null;
  readonly undoLabel: UndoLabel | null;
  readonly redoLabel: UndoLabel | null;
}

/** What the next undo or redo is about; the page turns it into words. `task` is also said of clearing the line. */
export const undoLabels = [
  'go-to',
  'delete-turn',
  'rename',
  'region',
  'branch',
  'make',
  'star',
  'archive',
  'keep',
  'discard',
  'part',
  'reference',
  'context',
  'task',
  'shot',
] as const;

export type UndoLabel = (typeof undoLabels)[number];
