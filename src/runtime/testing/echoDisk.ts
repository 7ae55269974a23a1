/** A disk that keeps nothing but a journal: whatever is read of its one file is the chunk that was once written. */
import type { Bytes } from '../chunkPlan.ts';
import type { StoreFolder } from '../modelStore.ts';

export class EchoDisk {
  readonly #chunk: Bytes;
  readonly #fileBytes: number;
  readonly #journal: Uint8Array;
  #size = 0;
  /** Bytes of chunks that were written, the journal not counted. */
  written = 0;

  constructor(chunk: Bytes, fileBytes: number, chunks: number) {
    this.#chunk = chunk;
    this.#fileBytes = fileBytes;
    this.#journal = new Uint8Array(chunks);
  }

  readonly openFolder = async (): Promise<StoreFolder> => ({
    names: async () => [],
    remove: async () => undefined,
    open: async () => ({
      getSize: () => this.#size,
      truncate: (bytes) => {
        this.#size = bytes;
      },
      read: (into, { at }) => {
        into.set(
          at < this.#fileBytes ? this.#chunk : this.#journal.subarray(at - this.#fileBytes).subarray(0, 1),
        );
        return into.length;
      },
      write: (bytes, { at }) => {
        if (at < this.#fileBytes) this.written += bytes.length;
        else this.#journal.set(bytes, at - this.#fileBytes);
        return bytes.length;
      },
      flush: () => undefined,
      close: () => undefined,
    }),
  });
}
