/** Brings the files of a model from storage or from the network; only verified bytes leave. */
import { planFile } from './chunkPlan.ts';
import type { Bytes, Chunk, PlannedFile } from './chunkPlan.ts';
import type { EngineError, LoadProgress, ModelManifest } from './contract.ts';
import { createFileDownload } from './download.ts';
import type { DownloadPorts, Sink } from './download.ts';
import { failure, loadingStopped, toEngineError } from './failures.ts';
import { withModelLock } from './modelLock.ts';
import { openModelStore } from './modelStore.ts';
import type { ModelStore } from './modelStore.ts';
import type { RuntimePorts } from './ports.ts';

type LoadPorts = DownloadPorts & Pick<RuntimePorts, 'openFolder' | 'locks' | 'sha256'>;
export type FilesProgress = Omit<LoadProgress, 'phase'>;

/** All bytes of a file, in memory until the caller lets go of them. */
export type ReadFile = (path: string) => Promise<Bytes>;

export interface ModelFiles {
  /**
   * Brings the files at `paths` chunk by chunk into storage, and then lets `withFiles` read them one by one. Of a model that
   * the browser keeps, only the chunks that are on their way are in memory before that. What was verified before a
   * failure or an abort of `signal` is not fetched again. The files are this caller's alone until `withFiles` has ended.
   */
  readonly load: <T>(
    manifest: ModelManifest,
    paths: ReadonlySet<string>,
    onProgress: (progress: FilesProgress) => void,
    signal: AbortSignal,
    withFiles: (read: ReadFile, progress: FilesProgress) => Promise<T>,
  ) => Promise<T>;
  /** Lets go of the chunks that no storage took, but for the files at `paths`. */
  readonly release: (paths: ReadonlySet<string>) => void;
}

interface TrackedFile extends PlannedFile {
  /** Indices of the chunks that are right, in storage or in memory. */
  readonly verified: Set<number>;
  /** Chunks that no storage took, by index. */
  readonly held: Map<number, Bytes>;
}

type Job = (signal: AbortSignal) => Promise<void>;

const PARALLEL_JOBS = 4;
/** Shortest time between two reports of bytes that are still arriving. */
const REPORT_MS = 100;

/** More of a model than this in memory ends the tab on many machines, without a word. */
const MAX_HELD_BYTES = 2 ** 31;

/** `modelUrl` is absolute and ends in a slash; `maxHeldBytes` is the most of a model that no storage took. */
export function createModelFiles(
  modelUrl: string,
  ports: LoadPorts,
  maxHeldBytes = MAX_HELD_BYTES,
): ModelFiles {
  // Outlives a load that failed, so that the next goes on even where the browser refuses storage.
  const heldByFile = new Map<string, { readonly path: string; readonly chunks: Map<number, Bytes> }>();

  function track(plan: PlannedFile): TrackedFile {
    const key = `${plan.path} ${plan.sha256} ${plan.parts.length}`;
    const { chunks } = heldByFile.get(key) ?? { chunks: new Map<number, Bytes>() };
    heldByFile.set(key, { path: plan.path, chunks });
    return { ...plan, held: chunks, verified: new Set(chunks.keys()) };
  }

  function hold(file: TrackedFile, chunk: Chunk, bytes: Bytes): void {
    const held = [...heldByFile.values()].flatMap(({ chunks }) => [...chunks.values()]);
    const heldBytes = held.reduce((sum, { length }) => sum + length, bytes.length);
    if (heldBytes > maxHeldBytes) throw noRoom(heldBytes);
    file.held.set(chunk.index, bytes);
  }

  async function isRight(chunk: Chunk, bytes: Bytes): Promise<boolean> {
    return (await ports.sha256(bytes)) === chunk.sha256;
  }

  /** One job for each chunk that is not known to be right. */
  function jobsOf(file: TrackedFile, store: ModelStore, arrived: Sink['arrived']): readonly [Chunk, Job][] {
    const has = ({ index }: Chunk): boolean => file.verified.has(index);
    const offer = async (chunk: Chunk, bytes: Bytes): Promise<void> => {
      if (!(await isRight(chunk, bytes))) return;
      // Only the bytes that were hashed are ever kept, whatever else arrives for the same place.
      if (!(await store.write(file, chunk, bytes))) hold(file, chunk, bytes);
      file.verified.add(chunk.index);
    };
    const url = new URL(file.path, modelUrl).href;
    const download = createFileDownload(url, file, { has, offer, arrived }, ports);
    const bring = async (chunk: Chunk, signal: AbortSignal): Promise<void> => {
      const kept = await store.read(file, chunk);
      if (kept !== undefined && (await isRight(chunk, kept))) file.verified.add(chunk.index);
      else await download(chunk, signal);
    };
    const missing = file.parts.filter((chunk) => !has(chunk));
    return missing.map((chunk) => [chunk, async (signal) => bring(chunk, signal)]);
  }

  return {
    release(paths) {
      for (const [key, { path }] of heldByFile) if (!paths.has(path)) heldByFile.delete(key);
    },
    async load(manifest, paths, onProgress, signal, withFiles) {
      const plans = manifest.files.map((file) => planFile(file, manifest));
      const files = plans.filter(({ path }) => paths.has(path)).map(track);
      const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
      let arrivingBytes = 0;
      let lastReport = 0;
      let progress = measure('kept', false);

      function measure(storage: FilesProgress['storage'], isWaiting: boolean): FilesProgress {
        const verified = files.flatMap((file) => file.parts.filter(({ index }) => file.verified.has(index)));
        const verifiedBytes = verified.reduce((sum, { start, end }) => sum + end - start, 0);
        const receivedBytes = Math.min(totalBytes, verifiedBytes + arrivingBytes);
        return { verifiedBytes, receivedBytes, totalBytes, storage, isWaiting };
      }

      function report(storage: FilesProgress['storage'], isWaiting = false): void {
        lastReport = ports.now();
        progress = measure(storage, isWaiting);
        onProgress(progress);
      }

      async function bringAll(store: ModelStore): Promise<void> {
        const arrived = (bytes: number): void => {
          arrivingBytes += bytes;
          if (ports.now() - lastReport >= REPORT_MS) report(store.storage());
        };
        const jobs = files
          .flatMap((file) => jobsOf(file, store, arrived))
          // First chunks first: their answers tell the tag of a file, and whether the server knows ranges.
          .toSorted(([a], [b]) => a.index - b.index)
          .map(([, job]) => job);
        await runInParallel(jobs, signal, () => report(store.storage()));
      }

      report('kept');
      const wait = (): void => report('kept', true);
      return withModelLock(ports.locks, manifest.id, signal, wait, async () => {
        const hashes = new Set(plans.map(({ sha256 }) => sha256));
        const { openFolder } = ports;
        const store = await openModelStore(hashes, openFolder && (async () => openFolder(manifest.id)));
        try {
          await bringAll(store);
          report(store.storage());
          return await withFiles(async (path) => readWhole(path, files, store), progress);
        } finally {
          await store.close();
        }
      });
    },
  };
}

function noRoom(bytes: number): EngineError {
  return failure('model-too-large', {}, `${bytes} bytes were to be held`);
}

/** The chunks of a verified file, one behind another. */
async function readWhole(path: string, files: readonly TrackedFile[], store: ModelStore): Promise<Bytes> {
  const file = files.find((candidate) => candidate.path === path);
  if (file === undefined) throw new Error(`${path} was not asked for.`);
  const [only, ...others] = file.parts.map(({ index }) => file.held.get(index));
  if (only !== undefined && others.length === 0) return only;
  const whole = new Uint8Array(file.bytes);
  for (const chunk of file.parts) {
    // Nobody else can write a file that is open here, so a chunk that was right when it was brought still is.
    const bytes = file.held.get(chunk.index) ?? (await store.read(file, chunk));
    if (bytes === undefined) {
      throw failure('file-unreadable', { file: path });
    }
    whole.set(bytes, chunk.start);
  }
  return whole;
}

/** Runs all jobs, a few at a time; the first failure stops the others and is thrown once they have ended. */
async function runInParallel(jobs: readonly Job[], signal: AbortSignal, onDone: () => void): Promise<void> {
  const waiting = [...jobs];
  const failures: unknown[] = [];
  const inner = new AbortController();
  const stop = (): void => inner.abort();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      try {
        if (inner.signal.aborted) throw loadingStopped();
        await job(inner.signal);
        onDone();
      } catch (error) {
        failures.push(error);
        stop();
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_JOBS }, work));
  signal.removeEventListener('abort', stop);
  if (failures.length > 0) throw toEngineError(failures[0]);
}
