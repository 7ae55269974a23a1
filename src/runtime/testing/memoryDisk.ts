/** A disk in memory whose files are opened by one caller at a time, as in a browser, and which can be full. */
import type { Bytes } from '../chunkPlan.ts';
import type { StoredFile, StoreFolder } from '../modelStore.ts';

export class MemoryDisk {
  readonly files = new Map<string, Bytes>();
  readonly #open = new Set<string>();
  /** Writes that still succeed. */
  writesLeft = Number.POSITIVE_INFINITY;
  /** Whether a full disk writes what fits instead of throwing. */
  writesPartly = false;

  get openFiles(): number {
    return this.#open.size;
  }

  readonly openFolder = async (): Promise<StoreFolder> => ({
    names: async () => [...this.files.keys()],
    open: async (name) => this.#openFile(name),
    remove: async (name) => void this.files.delete(name),
  });

  /** The page that has files open dies. */
  die(): void {
    this.#open.clear();
  }

  flip(name: string, at: number): void {
    const bytes = this.files.get(name);
    if (bytes !== undefined) bytes[at] = (bytes[at] ?? 0) ^ 1;
  }

  #openFile(name: string): StoredFile {
    if (this.#open.has(name)) throw new DOMException('open elsewhere', 'NoModificationAllowedError');
    this.#open.add(name);
    const content = (): Bytes => this.files.get(name) ?? new Uint8Array();
    this.files.set(name, content());
    return {
      getSize: () => content().length,
      truncate: (bytes) => {
        const resized = new Uint8Array(bytes);
        resized.set(content().subarray(0, bytes));
        this.files.set(name, resized);
      },
      read: (into, { at }) => {
        const part = content().subarray(at, at + into.length);
        into.set(part);
        return part.length;
      },
      write: (bytes, { at }) => {
        const fits = this.writesLeft-- > 0;
        if (!fits && !this.writesPartly) throw new DOMException('full', 'QuotaExceededError');
        const written = fits ? bytes : bytes.subarray(0, bytes.length - 1);
        content().set(written, at);
        return written.length;
      },
      flush: () => undefined,
      close: () => void this.#open.delete(name),
    };
  }
}
