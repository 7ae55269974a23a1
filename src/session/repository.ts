/** Sessions in IndexedDB: small records and content-addressed blobs. */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb';

import { type Bytes, blobsIn } from './blobs.ts';
import type { BlobHash, NodeId, SessionDocument, SessionId, Turn } from './document.ts';
import { readSession, writeSession } from './migrations.ts';
import type { SessionSummary } from './state.ts';
import { frameAt } from './tree.ts';
import type { History } from './undo.ts';
import { readUndo, writeUndo } from './undoRecord.ts';

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
type LoadedSession =
  | { readonly state: 'empty' }
  | {
      readonly state: 'current' | 'older';
      readonly document: SessionDocument;
      readonly blobs: ReadonlyMap<BlobHash, Bytes>;
      /** As much of it as could be read. */
      readonly undo: History;
      /** Counts the saves; a save names the revision it builds on. */
      readonly revision: number;
    }
  | { readonly state: 'newer'; readonly version: number; readonly raw: unknown }
  | { readonly state: 'unreadable'; readonly reason: string; readonly raw: unknown };

export interface SaveRequest {
  readonly document: SessionDocument;
  /** What is stored already, so that only changed turns are written; null writes all. */
  readonly stored: SessionDocument | null;
  readonly undo: History;
  /** The one that is stored already, so that it is not written again. */
  readonly storedUndo: History | null;
  /** Revision of `stored`; 0 for a session that was never stored. */
  readonly revision: number;
  readonly modifiedAt: number;
  readonly bytesOf: (hash: BlobHash) => Bytes | undefined;
}

/** Every method rejects with `RepositoryError` only. */
export interface Repository {
  readonly list: () => Promise<readonly SessionSummary[]>;
  readonly load: (id: SessionId) => Promise<LoadedSession>;
  /** Writes pictures and records in one transaction and resolves to the new revision. */
  readonly save: (request: SaveRequest) => Promise<number>;
  readonly remove: (id: SessionId) => Promise<void>;
  readonly clear: () => Promise<void>;
  readonly lastOpened: () => Promise<SessionId | null>;
  readonly setLastOpened: (id: SessionId) => Promise<void>;
  /** Bytes of everything that is stored, records as the JSON that they would be. */
  readonly measure: () => Promise<number>;
  /** Removes blobs that no record of any version names; resolves to their number. */
  readonly collectGarbage: () => Promise<number>;
}

interface Stored extends DBSchema {
  /** Records are read as unknown: an older or newer page may have written them. */
  sessions: { key: SessionId; value: object };
  turns: { key: [SessionId, string]; value: object };
  /** What can be undone, one record for each session. */
  undo: { key: SessionId; value: object };
  blobs: { key: BlobHash; value: Bytes };
  meta: { key: 'lastOpened'; value: SessionId };
}

type StoreName = 'sessions' | 'turns' | 'undo' | 'blobs' | 'meta';
type Transaction<Mode extends IDBTransactionMode> = IDBPTransaction<Stored, StoreName[], Mode>;

const everything: StoreName[] = ['sessions', 'turns', 'undo', 'blobs', 'meta'];

/** The name is part of every person's stored data: changing it would hide their sessions. */
const databaseName = 'palimpsest';

export function createRepository(name: string = databaseName): Repository {
  let opening: Promise<IDBPDatabase<Stored>> | undefined;

  function open(): Promise<IDBPDatabase<Stored>> {
    const forget = (): void => {
      opening = undefined;
    };
    opening ??= openDB<Stored>(name, 2, {
      upgrade(db, before) {
        if (before < 1) {
          db.createObjectStore('sessions', { keyPath: 'id' });
          db.createObjectStore('turns', { keyPath: ['sessionId', 'id'] });
          db.createObjectStore('blobs');
          db.createObjectStore('meta');
        }
        if (before < 2) db.createObjectStore('undo');
      },
      // A newer page in another tab wants to upgrade; holding on would block it.
      blocking(_current, _next, event) {
        (event.target as IDBDatabase).close();
        forget();
      },
      terminated: forget,
    });
    opening.catch(forget);
    return opening;
  }

  async function transact<T, Mode extends 'readonly' | 'readwrite'>(
    mode: Mode,
    work: (tx: Transaction<Mode>) => Promise<T>,
  ): Promise<T> {
    try {
      const tx = (await open()).transaction(everything, mode);
      // The reason of an abort arrives through `done`; without a listener it would count as unhandled.
      const done = tx.done.then(
        () => null,
        (reason: unknown) => ({ reason }),
      );
      try {
        const result = await work(tx);
        const aborted = await done;
        if (aborted !== null) throw aborted.reason;
        return result;
      } catch (error) {
        abort(tx);
        const aborted = await done;
        throw isQuota(aborted?.reason) ? aborted?.reason : error;
      }
    } catch (error) {
      throw asRepositoryError(error);
    }
  }

  return {
    list: () => transact('readonly', listSessions),
    load: (id) => transact('readonly', (tx) => loadSession(tx, id)),
    save: (request) => transact('readwrite', (tx) => saveSession(tx, request)),
    remove: (id) =>
      transact('readwrite', async (tx) => {
        await tx.objectStore('sessions').delete(id);
        await tx.objectStore('turns').delete(turnsOf(id));
        await tx.objectStore('undo').delete(id);
        if ((await tx.objectStore('meta').get('lastOpened')) === id) {
          await tx.objectStore('meta').delete('lastOpened');
        }
      }),
    clear: () =>
      transact('readwrite', async (tx) => {
        await Promise.all(everything.map((store) => tx.objectStore(store).clear()));
      }),
    lastOpened: () =>
      transact('readonly', async (tx) => (await tx.objectStore('meta').get('lastOpened')) ?? null),
    setLastOpened: (id) =>
      transact('readwrite', async (tx) => {
        await tx.objectStore('meta').put(id, 'lastOpened');
      }),
    measure: () => transact('readonly', measure),
    collectGarbage: () => transact('readwrite', collectGarbage),
  };
}

/** Arrays sort after all text in IndexedDB, so this covers every key that starts with the session's id. */
function turnsOf(id: SessionId): IDBKeyRange {
  return IDBKeyRange.bound([id], [id, []]);
}

async function listSessions(tx: Transaction<'readonly'>): Promise<readonly SessionSummary[]> {
  const records = await tx.objectStore('sessions').getAll();
  const summaries = await Promise.all(
    records.map(async (record): Promise<SessionSummary> => {
      const { id, name } = record as { id: SessionId; name?: unknown };
      const read = readSession(record, await tx.objectStore('turns').getAll(turnsOf(id)));
      if (read.state !== 'current' && read.state !== 'older') {
        const shown = typeof name === 'string' ? name : id;
        return { id, name: shown, modifiedAt: 0, turnCount: 0, isReadable: false, thumbnail: null };
      }
      const { document, modifiedAt } = read;
      const frame = frameAt(document, document.current);
      const thumbnail = frame === null ? null : ((await tx.objectStore('blobs').get(frame.hash)) ?? null);
      return {
        id,
        name: document.name,
        modifiedAt,
        turnCount: document.turns.length,
        isReadable: true,
        thumbnail,
      };
    }),
  );
  return summaries.toSorted((a, b) => b.modifiedAt - a.modifiedAt);
}

async function loadSession(tx: Transaction<'readonly'>, id: SessionId): Promise<LoadedSession> {
  const session = await tx.objectStore('sessions').get(id);
  const turns = await tx.objectStore('turns').getAll(turnsOf(id));
  const read = readSession(session, turns);
  if (read.state === 'empty') return read;
  if (read.state === 'newer' || read.state === 'unreadable') return { ...read, raw: { session, turns } };
  const undo = readUndo(await tx.objectStore('undo').get(id), read.document);
  const blobs = new Map<BlobHash, Bytes>();
  await Promise.all(
    [...new Set([...blobsIn(read.document), ...blobsIn(undo)])].map(async (hash) => {
      const bytes = await tx.objectStore('blobs').get(hash);
      if (bytes !== undefined) blobs.set(hash, bytes);
    }),
  );
  const { root } = read.document;
  if (root.kind !== 'words' && !blobs.has(root.frame.hash)) {
    return { state: 'unreadable', reason: 'The start picture is missing.', raw: { session, turns } };
  }
  const { state, revision } = read;
  return { state, document: markLost(read.document, blobs), blobs, undo, revision };
}

/** A turn whose picture is gone keeps its words, so that it can be made again. */
function markLost(document: SessionDocument, blobs: ReadonlyMap<BlobHash, Bytes>): SessionDocument {
  const turns = document.turns.map((turn): Turn => {
    if (turn.state.status !== 'done') return turn;
    const { frame, clip = [] } = turn.state.result;
    if ([frame, ...clip.map((one) => one.frame)].every(({ hash }) => blobs.has(hash))) return turn;
    const failure = {
      code: 'picture-lost',
      message: 'The picture of this turn is missing from the storage.',
    };
    return { ...turn, state: { status: 'failed', failure } };
  });
  return turns.every((turn, i) => turn === document.turns[i]) ? document : { ...document, turns };
}

async function saveSession(tx: Transaction<'readwrite'>, request: SaveRequest): Promise<number> {
  const { document, stored, undo, storedUndo, revision, modifiedAt, bytesOf } = request;
  const sessions = tx.objectStore('sessions');
  const existing: { revision?: unknown } | undefined = await sessions.get(document.id);
  if ((existing?.revision ?? 0) !== revision) {
    throw new RepositoryError('changed-elsewhere', 'The session was changed or deleted in another tab.');
  }
  // Pictures go before the record that names them. Those of the stored document are safe from collection.
  const blobs = tx.objectStore('blobs');
  const isUndoStored = undo === storedUndo;
  const known = new Set(blobsIn(isUndoStored ? stored : [stored, storedUndo]));
  for (const hash of new Set(blobsIn(isUndoStored ? document : [document, undo]))) {
    const bytes = bytesOf(hash);
    if (known.has(hash) || bytes === undefined) continue;
    if ((await blobs.getKey(hash)) === undefined) await blobs.put(bytes, hash);
  }
  const records = writeSession(document, modifiedAt, revision + 1);
  const before = new Map<NodeId, Turn>(stored?.turns.map((turn) => [turn.id, turn]));
  const turns = tx.objectStore('turns');
  for (const [i, turn] of document.turns.entries()) {
    const record = records.turns[i];
    if (record !== undefined && before.get(turn.id) !== turn) await turns.put(record);
    before.delete(turn.id);
  }
  for (const gone of before.values()) await turns.delete([document.id, gone.id]);
  if (!isUndoStored) await tx.objectStore('undo').put(writeUndo(undo), document.id);
  await sessions.put(records.session);
  return revision + 1;
}

async function measure(tx: Transaction<'readonly'>): Promise<number> {
  let bytes = 0;
  for (let at = await tx.objectStore('blobs').openCursor(); at !== null; at = await at.continue())
    bytes += at.value.length;
  const records = await Promise.all([tx.objectStore('sessions').getAll(), tx.objectStore('turns').getAll()]);
  const texts = records.flat().map((record) => new TextEncoder().encode(JSON.stringify(record)).length);
  return texts.reduce((sum, length) => sum + length, bytes);
}

async function collectGarbage(tx: Transaction<'readwrite'>): Promise<number> {
  const named = new Set<string>();
  // Any hash in any record counts, also in those that this version cannot read.
  const visit = (value: unknown): void => {
    if (typeof value === 'string') named.add(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  visit(await tx.objectStore('sessions').getAll());
  visit(await tx.objectStore('turns').getAll());
  visit(await tx.objectStore('undo').getAll());
  const unnamed = (await tx.objectStore('blobs').getAllKeys()).filter((hash) => !named.has(hash));
  for (const hash of unnamed) await tx.objectStore('blobs').delete(hash);
  return unnamed.length;
}

function abort(tx: Transaction<'readonly' | 'readwrite'>): void {
  try {
    tx.abort();
  } catch {
    // It has ended already, which is what was wanted.
  }
}

function isQuota(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}

function asRepositoryError(error: unknown): RepositoryError {
  if (error instanceof RepositoryError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new RepositoryError(isQuota(error) ? 'storage-full' : 'storage-unavailable', message, error);
}
