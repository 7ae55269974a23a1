/** A model of a few bytes on a faulty server, a disk and a clock, and tabs that load it. */
import { createHash } from 'node:crypto';

import type { Bytes } from '../chunkPlan.ts';
import type { ModelManifest } from '../contract.ts';
import { createModelFiles } from '../modelFiles.ts';
import type { ModelFiles } from '../modelFiles.ts';
import type { Locks } from '../modelLock.ts';
import { serve } from './faultyServer.ts';
import type { Asked, Fault } from './faultyServer.ts';
import { MemoryDisk } from './memoryDisk.ts';
import { tiny } from './tiny.ts';
import { VirtualClock } from './virtualClock.ts';

type Report = Parameters<Parameters<ModelFiles['load']>[2]>[0];

/** Synchronous, so that hashing takes no turn of the event loop from the virtual clock. */
function sha256Of(bytes: Bytes): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function numbers(count: number, factor: number): Bytes {
  return Uint8Array.from({ length: count }, (_, index) => (index * factor + 1) % 251);
}

/** `w.bin` has four chunks, the last shorter than the others; `a.bin` and `b.bin` are shorter than one. */
const CHUNK_BYTES = 8;
export const content: ReadonlyMap<string, Bytes> = new Map([
  ['a.bin', numbers(5, 3)],
  ['w.bin', numbers(30, 7)],
  ['b.bin', numbers(8, 11)],
]);
const paths: ReadonlySet<string> = new Set(content.keys());
export const totalBytes = 43;

function describe(path: string, bytes: Bytes): ModelManifest['files'][number] {
  const sha256 = sha256Of(bytes);
  if (bytes.length <= CHUNK_BYTES) return { path, bytes: bytes.length, sha256 };
  const starts = Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, i) => i * CHUNK_BYTES);
  const chunks = starts.map((start) => sha256Of(bytes.slice(start, start + CHUNK_BYTES)));
  return { path, bytes: bytes.length, sha256, chunks };
}

const manifest: ModelManifest = {
  ...tiny.manifest(),
  id: 'a',
  chunkBytes: CHUNK_BYTES,
  files: [...content].map(([path, bytes]) => describe(path, bytes)),
};

export const hashOf = (path: string): string => sha256Of(content.get(path) ?? new Uint8Array());

interface Setting {
  readonly faultOf?: (asked: Asked, n: number) => Fault | undefined;
  readonly disk?: MemoryDisk | 'refused';
  readonly locks?: Locks;
  readonly clock?: VirtualClock;
  readonly maxHeldBytes?: number;
}

/** One tab. `load` ends with all files, or with what went wrong. */
export function openTab({
  faultOf,
  disk = new MemoryDisk(),
  locks,
  clock = new VirtualClock(),
  maxHeldBytes,
}: Setting = {}) {
  const { fetch, asked, sentBytes } = serve(content, faultOf);
  const openFolder =
    disk === 'refused' ? () => Promise.reject(new DOMException('no', 'SecurityError')) : disk.openFolder;
  const ports = {
    fetch,
    openFolder,
    locks,
    now: clock.now,
    wait: clock.wait,
    sha256: async (bytes: BufferSource) => sha256Of(bytes as Bytes),
  };
  const files = createModelFiles('https://example.org/models/a/', ports, maxHeldBytes);
  const reports: Report[] = [];
  const begin = async (signal = new AbortController().signal) =>
    files.load(
      manifest,
      paths,
      (report) => reports.push(report),
      signal,
      async (read, progress) => {
        const loaded = new Map<string, Bytes>();
        for (const path of paths) loaded.set(path, await read(path));
        return { files: loaded, progress };
      },
    );
  return {
    asked,
    sentBytes,
    reports,
    clock,
    disk,
    begin,
    load: async (signal?: AbortSignal) => clock.run(begin(signal)),
    /** Files and ranges that were asked for, in the order of their names. */
    requests: () => asked.map(({ file, range }) => (range === null ? file : `${file} ${range}`)).toSorted(),
  };
}

export const ALL_REQUESTS = [
  'a.bin',
  'b.bin',
  'w.bin bytes=0-7',
  'w.bin bytes=16-23',
  'w.bin bytes=24-29',
  'w.bin bytes=8-15',
];
