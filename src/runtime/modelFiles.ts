/** Brings the files of a model from storage or from the network; only verified bytes leave. */
import { planFile } from './chunkPlan.ts';
import type { Bytes, Chunk, PlannedFile } from './chunkPlan.ts';
import type { LoadProgress, ModelManifest } from './contract.ts';
import { createFileDownload } from './download.ts';
import type { DownloadPorts, Sink } from './download.ts';
import { loadingStopped, toEngineError } from './failures.ts';
import { withModelLock } from './modelLock.ts';
import { openModelStore } from './modelStore.ts';
import type { ModelStore } from './modelStore.ts';
import type { RuntimePorts } from './ports.ts';

type LoadPorts = DownloadPorts & Pick<RuntimePorts, 'openFolder' | 'locks' | 'sha256'>;
type FilesProgress = Omit<LoadProgress, 'phase'>;

interface LoadedFiles {
  readonly files: ReadonlyMap<string, Bytes>;
  readonly progress: FilesProgress;
}

export interface ModelFiles {
  /** The files at `paths`. What was verified before a failure or an abort of `signal` is not fetched again. */
  readonly load: (
    manifest: ModelManifest,
    paths: ReadonlySet<string>,
    onProgress: (progress: FilesProgress) => void,
    signal: AbortSignal,
  ) => Promise<LoadedFiles>;
  /** Lets go of the bytes that are held for another `load`. */
  readonly release: () => void;
}

/** A file in memory; `verified` holds the indices of the chunks that are right. */
interface HeldFile extends PlannedFile {
  readonly content: Bytes;
  readonly verified: Set<number>;
}

type Job = (signal: AbortSignal) => Promise<void>;

const PARALLEL_JOBS = 4;
/** Shortest time between two reports of bytes that are still arriving. */
const REPORT_MS = 100;

/** `modelUrl` is absolute and ends in a slash. */
export function createModelFiles(modelUrl: string, ports: LoadPorts): ModelFiles {
  // Outlives a load that failed, so that the next goes on even where the browser refuses storage.
  const held = new Map<string, HeldFile>();

  function hold(plan: PlannedFile): HeldFile {
    const key = `${plan.path} ${plan.sha256} ${plan.parts.length}`;
    const file = held.get(key) ?? { ...plan, content: new Uint8Array(plan.bytes), verified: new Set() };
    held.set(key, file);
    return file;
  }

  async function keepIfRight(file: HeldFile, chunk: Chunk, bytes: Bytes): Promise<boolean> {
    if ((await ports.sha256(bytes)) !== chunk.sha256) return false;
    // Only the bytes that were hashed are ever copied, whatever else arrives for the same place.
    file.content.set(bytes, chunk.start);
    file.verified.add(chunk.index);
    return true;
  }

  /** One job for each chunk that is not in memory. */
  function jobsOf(file: HeldFile, store: ModelStore, arrived: Sink['arrived']): readonly [Chunk, Job][] {
    const has = ({ index }: Chunk): boolean => file.verified.has(index);
    const offer = async (chunk: Chunk, bytes: Bytes): Promise<void> => {
      if (await keepIfRight(file, chunk, bytes)) await store.write(file, chunk, bytes);
    };
    const url = new URL(file.path, modelUrl).href;
    const download = createFileDownload(url, file, { has, offer, arrived }, ports);
    const bring = async (chunk: Chunk, signal: AbortSignal): Promise<void> => {
      const kept = await store.read(file, chunk);
      if (kept === undefined || !(await keepIfRight(file, chunk, kept))) await download(chunk, signal);
    };
    const missing = file.parts.filter((chunk) => !has(chunk));
    return missing.map((chunk) => [chunk, async (signal) => bring(chunk, signal)]);
  }

  return {
    release: () => held.clear(),
    async load(manifest, paths, onProgress, signal) {
      const plans = manifest.files.map((file) => planFile(file, manifest));
      const files = plans.filter(({ path }) => paths.has(path)).map(hold);
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
      await withModelLock(ports.locks, manifest.id, signal, wait, async () => {
        const hashes = new Set(plans.map(({ sha256 }) => sha256));
        const { openFolder } = ports;
        const store = await openModelStore(hashes, openFolder && (async () => openFolder(manifest.id)));
        try {
          await bringAll(store);
        } finally {
          await store.close();
        }
        report(store.storage());
      });
      return { files: new Map(files.map(({ path, content }) => [path, content])), progress };
    },
  };
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
