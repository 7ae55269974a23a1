/** Sessions in IndexedDB: small records and content-addressed blobs. */
import type { BlobHash, SessionDocument, SessionId } from './document.ts';
import type { SessionSummary } from './state.ts';

export type RepositoryErrorCode = 'storage-full' | 'storage-unavailable' | 'changed-elsewhere';

export class RepositoryError extends Error {
  override readonly name = 'RepositoryError';
  readonly code: RepositoryErrorCode;
  constructor(code: RepositoryErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** `older` was migrated in memory and is written back with the first change. */
export type LoadedSession =
  | { readonly state: 'empty' }
  | {
      readonly state: 'current' | 'older';
      readonly document: SessionDocument;
      readonly blobs: ReadonlyMap<BlobHash, Uint8Array<ArrayBuffer>>;
      /** Counts the saves; a save names the revision it builds on. */
      readonly revision: number;
    }
  | { readonly state: 'newer'; readonly version: number; readonly raw: unknown }
  | { readonly state: 'unreadable'; readonly reason: string; readonly raw: unknown };

export interface SaveRequest {
  readonly document: SessionDocument;
  /** What is stored already, so that only changed turns are written; null writes all. */
  readonly stored: SessionDocument | null;
  /** Revision of `stored`; 0 for a session that was never stored. */
  readonly revision: number;
  readonly modifiedAt: number;
  readonly bytesOf: (hash: BlobHash) => Uint8Array<ArrayBuffer> | undefined;
}

/** Every method rejects with `RepositoryError` only. */
export interface Repository {
  list(): Promise<readonly SessionSummary[]>;
  load(id: SessionId): Promise<LoadedSession>;
  /** Writes pictures and records in one transaction and resolves to the new revision. */
  save(request: SaveRequest): Promise<number>;
  remove(id: SessionId): Promise<void>;
  clear(): Promise<void>;
  lastOpened(): Promise<SessionId | null>;
  setLastOpened(id: SessionId): Promise<void>;
  /** Removes blobs that no record of any version names; resolves to their number. */
  collectGarbage(): Promise<number>;
}
