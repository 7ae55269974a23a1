/** Everything the runtime takes from its surroundings, so that a browser, Node and a test can each give their own. */
import type { Locks } from './modelLock.ts';
import type { StoreFolder } from './modelStore.ts';
import { openOpfsFolder } from './opfs.ts';

export interface RuntimePorts {
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  /** The folder that keeps the model of this id; absent in Node, where nothing is kept between visits. */
  readonly openFolder: ((model: string) => Promise<StoreFolder>) | undefined;
  /** Absent outside secure contexts and in Node: then tabs load side by side. */
  readonly locks: Locks | undefined;
  /** Lower-case hexadecimal SHA-256. */
  readonly sha256: (bytes: BufferSource) => Promise<string>;
  readonly gpu: GPU | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Resolves after `ms` milliseconds, or as soon as `signal` aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Lets waiting messages be handled, so that a cancel arrives between two graph runs. */
  readonly yieldToMessages: () => Promise<void>;
  /** Folder with onnxruntime's own .mjs and .wasm files; undefined lets it find them in its package. */
  readonly ortUrl: string | undefined;
  /** Threads of the WASM backend. */
  readonly threads: number;
  /** Wraps every run of a graph, for measurements. */
  readonly aroundGraph?: AroundGraph;
}

export type AroundGraph = <T>(name: string, run: () => Promise<T>) => Promise<T>;

/** The one place that reads the browser's globals. `ortUrl` is an absolute URL ending in a slash. */
export function browserPorts(ortUrl: string): RuntimePorts {
  return {
    fetch: (url, init) => fetch(url, init),
    openFolder: openOpfsFolder,
    locks: (navigator as { locks?: LockManager }).locks,
    sha256: sha256Hex,
    gpu: (navigator as { gpu?: GPU }).gpu,
    now: () => performance.now(),
    wait,
    yieldToMessages,
    ortUrl,
    threads: crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1,
  };
}

export async function sha256Hex(bytes: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

/** A message channel instead of a timer: timers are clamped to 4 ms and slowed in background tabs. */
export async function yieldToMessages(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  await new Promise<void>((resolve) => {
    port1.addEventListener('message', () => resolve(), { once: true });
    port1.start();
    port2.postMessage(null);
  });
  port1.close();
}
