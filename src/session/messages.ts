/** Words for every failure, in the three parts that the page shows: what happened, what is safe, what next. */
import type { EngineErrorCode, LoadProgress } from '../runtime/contract.ts';
import { SessionFileError } from './export/sessionFile.ts';
import type { VideoError } from './export/video.ts';
import { MissingPictureError } from './history.ts';
import { RepositoryError } from './repository.ts';
import type { Failure, FailureCode, ModelState, NextStep } from './state.ts';

const engineCodes: ReadonlySet<unknown> = new Set<EngineErrorCode>([
  'device-lost',
  'cancelled',
  'download-failed',
  'integrity',
  'unsupported',
  'bad-input',
  'internal',
]);

/** Told by its fields, because the class may have been lost on the way out of a worker. */
export function engineCodeOf(error: unknown): EngineErrorCode {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return engineCodes.has(code) ? (code as EngineErrorCode) : 'internal';
}

function detailOf(error: unknown): { detail?: string } {
  if (!(error instanceof Error)) return { detail: String(error) };
  const detail =
    'detail' in error && typeof error.detail === 'string'
      ? `${error.message}\n${error.detail}`
      : error.message;
  return { detail };
}

/** The card and the thread that speaks to it both leave the model to be started again. */
function whatStopped(error: unknown): string {
  const isWorker =
    typeof error === 'object' && error !== null && 'reason' in error && error.reason === 'worker-stopped';
  return isWorker
    ? 'The browser ended the part of the page that runs the model.'
    : 'The graphics card stopped answering.';
}

function failure(
  code: FailureCode,
  happened: string,
  safe: string,
  next: NextStep = 'none',
  nextLabel = '',
  detail: { detail?: string } = {},
): Failure {
  return { code, happened, safe, next, nextLabel, ...detail };
}

export interface FailedTurn {
  /** Depth in the tree, as the page numbers turns. */
  readonly number: number;
  readonly hasRegion: boolean;
}

export function turnFailure(error: unknown, turn: FailedTurn): Failure {
  const kept = turn.hasRegion
    ? 'your words, the region and all earlier turns are kept'
    : 'your words and all earlier turns are kept';
  const safe = `Turn ${turn.number} was not made; ${kept}.`;
  if (error instanceof MissingPictureError) return failure('picture-lost', error.message, safe);
  const detail = detailOf(error);
  const code = engineCodeOf(error);
  switch (code) {
    case 'device-lost':
      return failure(code, whatStopped(error), safe, 'restart-model', 'Start the model again', detail);
    case 'bad-input':
      return failure(
        code,
        `The model cannot take this turn. ${detail.detail ?? ''}`.trim(),
        safe,
        'none',
        '',
        detail,
      );
    case 'cancelled':
    case 'download-failed':
    case 'integrity':
    case 'unsupported':
    case 'internal':
      return failure(code, 'The model stopped with an error.', safe, 'retry-turn', 'Make it again', detail);
  }
}

/** The device went away while nothing was being made. */
export function lostDevice(error: unknown): Failure {
  const safe = 'Your words and all turns are kept.';
  const detail = detailOf(error);
  return failure('device-lost', whatStopped(error), safe, 'restart-model', 'Start the model again', detail);
}

export function loadFailure(error: unknown, progress: LoadProgress | null): Failure {
  const code = engineCodeOf(error);
  const detail = detailOf(error);
  switch (code) {
    case 'download-failed': {
      const place =
        progress === null
          ? 'broke off'
          : `broke off at ${megabytes(progress.verifiedBytes)} of ${megabytes(progress.totalBytes)}\u00a0MB`;
      return failure(
        code,
        `The download ${place}.`,
        'What arrived is checked and kept.',
        'load-model',
        'Go on',
        detail,
      );
    }
    case 'integrity':
      return failure(
        code,
        'A part of the model arrived damaged.',
        'It was thrown away; all other parts are kept.',
        'load-model',
        'Load it again',
        detail,
      );
    case 'unsupported': {
      const safe = 'Pictures, regions, compare and export still work, and everything stored is kept.';
      return failure(code, 'This browser cannot run the model.', safe, 'none', '', detail);
    }
    case 'device-lost':
      return failure(
        code,
        whatStopped(error),
        'Everything stored is kept.',
        'restart-model',
        'Start the model again',
        detail,
      );
    case 'cancelled':
    case 'bad-input':
    case 'internal':
      return failure(
        code,
        'The model could not be started.',
        'Everything stored is kept.',
        'load-model',
        'Start the model again',
        detail,
      );
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1).replace(/\.0$/, '');
}

export function storageFailure(error: unknown): Failure {
  const code = error instanceof RepositoryError ? error.code : 'storage-unavailable';
  const safe = 'Everything is still here as long as this page stays open.';
  const happened = {
    'storage-full': 'The disk is full, so the last change is only in memory.',
    'storage-unavailable': 'The browser did not store the last change; it is only in memory.',
    'changed-elsewhere':
      'This session was changed in another tab, so the last change here is only in memory.',
  }[code];
  return failure(code, happened, safe, 'save-session-file', 'Save a session file', detailOf(error));
}

/** Stored sessions could not be read or removed; nothing in memory is at stake. */
export function storageUnreachable(error: unknown): Failure {
  const happened = 'The browser does not let this page use its storage.';
  return failure('storage-unavailable', happened, 'Nothing stored was changed.', 'none', '', detailOf(error));
}

export function unsavedWork(cause: Failure): Failure {
  const happened = 'The open session has changes that could not be stored.';
  return { ...cause, happened, safe: 'It stays open, so nothing is lost.' };
}

export function newerSession(version: number): Failure {
  const happened = `This session was stored by a newer version of this page (its format is ${version}).`;
  return failure('newer-version', happened, 'Nothing was changed.', 'update-page', 'Load the page again');
}

export function unreadableSession(reason: string): Failure {
  const safe = 'Nothing was changed or deleted.';
  return failure(
    'unreadable',
    'This session could not be read.',
    safe,
    'save-stored-records',
    'Save what is stored',
    { detail: reason },
  );
}

export function fileFailure(error: unknown): Failure {
  const code = error instanceof SessionFileError ? error.code : 'bad-file';
  const happened = error instanceof SessionFileError ? error.message : 'The file could not be read.';
  return failure(code, happened, 'Nothing was changed.', 'choose-file', 'Choose another', detailOf(error));
}

export function pictureFailure(error: unknown): Failure {
  const happened = 'This picture could not be used.';
  return failure(
    'bad-picture',
    happened,
    'Nothing was changed.',
    'choose-picture',
    'Choose another',
    detailOf(error),
  );
}

export function videoFailure(error: VideoError): Failure {
  const happened = error.code === 'load-failed' ? error.message : 'The video could not be made.';
  const detail = { detail: [error.message, error.log].filter(Boolean).join('\n') };
  return failure('video-failed', happened, 'All pictures are kept.', 'retry-video', 'Try again', detail);
}

export function modelNotReady(model: ModelState): Failure {
  if (model.status === 'failed') return model.failure;
  return failure(
    'not-ready',
    'The model is not loaded.',
    'Your words are kept.',
    'load-model',
    'Load the model',
  );
}

export function parentMissing(): Failure {
  const happened = 'The turn before this one has no picture.';
  return failure('parent-missing', happened, 'All turns are kept.', 'none');
}

const nothingQueued = 'Nothing was made or queued; your words, regions and references are kept.';

/** `cannot` and the entries of `can` are read after "cannot" and "can". */
export function unsupportedTask(cannot: string, can: readonly string[]): Failure {
  const instead = can.length === 0 ? '' : ` It can ${inWords(can)}.`;
  return failure('unsupported', `This model cannot ${cannot}.${instead}`, nothingQueued);
}

function inWords(list: readonly string[]): string {
  return [list.slice(0, -1).join(', '), ...list.slice(-1)].filter(Boolean).join(' and ');
}

/** An ask that no model takes. */
export function badRequest(happened: string, todo: string): Failure {
  return failure('bad-input', `${happened} ${todo}`, nothingQueued);
}

/** A region was asked for and did not come. */
export function findFailure(error: unknown): Failure {
  const safe = 'Your words and regions are as they were; no turn was touched.';
  if (error instanceof MissingPictureError) return failure('picture-lost', error.message, safe);
  const code = engineCodeOf(error);
  const detail = detailOf(error);
  if (code === 'device-lost') return { ...lostDevice(error), safe };
  if (code === 'bad-input') {
    return failure(
      code,
      `The model cannot look for this region. ${detail.detail ?? ''}`.trim(),
      safe,
      'none',
      '',
      detail,
    );
  }
  return failure(code, 'The model stopped with an error.', safe, 'none', '', detail);
}

export function nothingFound(): Failure {
  const safe = 'Your words and regions are as they were.';
  return failure(
    'nothing-found',
    'The model found no region for these words. Draw it, or use other words.',
    safe,
  );
}

export function cannotReplay(): Failure {
  const happened = 'Only a turn that has a picture can be made anew with what follows it.';
  return failure('parent-missing', happened, 'All turns are kept.');
}
