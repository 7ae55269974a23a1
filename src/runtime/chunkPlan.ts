/** Which parts a file is fetched, verified and kept in. */
import type { ModelFile, ModelManifest } from './contract.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes `start` to `end` (exclusive) of a file; `sha256` is that of these bytes. */
export interface Chunk {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly sha256: string;
}

export interface PlannedFile extends ModelFile {
  readonly parts: readonly Chunk[];
}

/** A file without chunk hashes is one chunk. */
export function planFile(file: ModelFile, { chunkBytes = file.bytes }: ModelManifest): PlannedFile {
  const hashes = file.chunks ?? [file.sha256];
  const parts = hashes.map((sha256, index) => ({
    index,
    start: index * chunkBytes,
    end: Math.min((index + 1) * chunkBytes, file.bytes),
    sha256,
  }));
  return { ...file, parts };
}
