/**
 * Keeps the chunks of a model between visits. Each file is written in place under its SHA-256; behind its
 * bytes lies its journal, one byte per chunk that is 1 once the chunk was verified and written.
 */
import type { Bytes, Chunk, PlannedFile } from './chunkPlan.ts';
import type { ModelStorage } from './contract.ts';

/** The part of a `FileSystemSyncAccessHandle` that the store needs. */
export interface StoredFile {
  read(into: Bytes, place: { readonly at: number }): number;
  write(bytes: Bytes, place: { readonly at: number }): number;
  getSize(): number;
  truncate(bytes: number): void;
  flush(): void;
  close(): void;
}

/** A folder of one model. Every call may reject: the store then goes on without it. */
export interface StoreFolder {
  names(): Promise<readonly string[]>;
  /** Opens a file for this caller alone, and makes it if there is none. */
  open(name: string): Promise<StoredFile>;
  remove(name: string): Promise<void>;
}

/** Nothing here rejects: what cannot be kept shows in `storage`. */
export interface ModelStore {
  readonly storage: () => ModelStorage;
  /** The bytes as they were found, to be verified again; undefined when the chunk was never kept. */
  readonly read: (file: PlannedFile, chunk: Chunk) => Promise<Bytes | undefined>;
  /** Whether the bytes are kept now. */
  readonly write: (file: PlannedFile, chunk: Chunk, verified: Bytes) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

const KEPT = Uint8Array.of(1);

/** Opens the store and removes files of other versions: all that `hashes` does not name. */
export async function openModelStore(
  hashes: ReadonlySet<string>,
  openFolder: (() => Promise<StoreFolder>) | undefined,
): Promise<ModelStore> {
  let storage: ModelStorage = 'kept';
  const files = new Map<string, Promise<StoredFile>>();

  /** The result of `work`, or undefined after noting why there is none. */
  async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      // A browser without room still reads, and may have room for less; one that refused is not asked again.
      storage = isOutOfRoom(error) && storage !== 'refused' ? 'full' : 'refused';
      return undefined;
    }
  }

  async function openFile(file: PlannedFile, folder: StoreFolder): Promise<StoredFile> {
    const stored = await folder.open(file.sha256);
    const size = file.bytes + file.parts.length;
    // Another size comes from chunks of another length, or from a disk that was full.
    if (stored.getSize() === size) return stored;
    try {
      stored.truncate(0);
      stored.truncate(size);
    } catch (error) {
      stored.close();
      throw error;
    }
    return stored;
  }

  const folder = await attempt(async () => {
    if (openFolder === undefined) throw new Error('no storage');
    const opened = await openFolder();
    const others = (await opened.names()).filter((name) => !hashes.has(name));
    for (const name of others) await opened.remove(name);
    return opened;
  });

  /** Files of equal content share one handle, because a file can be open only once. */
  async function handleOf(file: PlannedFile): Promise<StoredFile | undefined> {
    let handle = files.get(file.sha256);
    if (handle === undefined) {
      // What is open already still holds what was verified in it.
      if (folder === undefined || storage === 'refused') return undefined;
      handle = openFile(file, folder);
      files.set(file.sha256, handle);
    }
    return handle;
  }

  return {
    storage: () => storage,
    read: async (file, { index, start, end }) =>
      attempt(async () => {
        const stored = await handleOf(file);
        const flag = new Uint8Array(1);
        stored?.read(flag, { at: file.bytes + index });
        if (stored === undefined || flag[0] !== KEPT[0]) return undefined;
        const bytes = new Uint8Array(end - start);
        return stored.read(bytes, { at: start }) === bytes.length ? bytes : undefined;
      }),
    async write(file, { index, start }, verified) {
      const isKept = await attempt(async () => {
        const stored = await handleOf(file);
        if (stored === undefined) return false;
        // The journal comes second: a page that dies in between has kept nothing.
        writeAll(stored, verified, start);
        writeAll(stored, KEPT, file.bytes + index);
        return true;
      });
      return isKept ?? false;
    },
    async close() {
      for (const handle of files.values()) {
        await attempt(async () => {
          const stored = await handle.catch(() => undefined);
          try {
            stored?.flush();
          } finally {
            stored?.close();
          }
        });
      }
      files.clear();
    },
  };
}

function writeAll(stored: StoredFile, bytes: Bytes, at: number): void {
  // Some browsers write what fits and say so in the count instead of throwing.
  if (stored.write(bytes, { at }) !== bytes.length) throw new DOMException('short', 'QuotaExceededError');
}

function isOutOfRoom(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}
