/** The page's side of the engine: an `Engine` whose work happens in a worker that can be replaced. */
import { EngineError } from './contract.ts';
import type { EditProgress, Engine, EngineErrorData } from './contract.ts';
import { cancelled, failure, failureData, loadingStopped, toEngineError } from './failures.ts';
import type { CallName, Calls, FromWorker, ToWorker, WorkerSetup } from './protocol.ts';
import { createSilenceWatch } from './silence.ts';

/** The part of `Worker` that the client needs. */
export interface WorkerPort {
  postMessage(message: ToWorker): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<FromWorker>) => void): void;
  addEventListener(type: 'error', listener: (event: ErrorEvent) => void): void;
  terminate(): void;
}

interface Pending {
  readonly progress: (progress: never) => void;
  readonly resolve: (result: never) => void;
  readonly reject: (error: EngineError) => void;
}

/** Has an 'error' event also where the browser ends it without one. */
export function createEngineWorker(): Worker {
  const worker = new Worker(new URL('worker.ts', import.meta.url), { type: 'module', name: 'engine' });
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind !== 'started') return;
    void navigator.locks.request(data.lock, () => {
      worker.dispatchEvent(new ErrorEvent('error', { message: 'The worker ended.' }));
    });
  });
  return worker;
}

/** `createWorker` is called at the first check or load and at each restart. */
export function createEngineClient(setup: WorkerSetup, createWorker: () => WorkerPort): Engine {
  let worker: WorkerPort | undefined;
  let silence = createSilenceWatch();
  let lastId = 0;
  const pending = new Map<number, Pending>();

  function receive(message: FromWorker): void {
    silence.heard();
    if (message.kind === 'started' || message.kind === 'alive') return;
    const waiting = pending.get(message.id);
    if (waiting === undefined) return;
    if (message.kind === 'progress') {
      waiting.progress(message.progress as never);
      return;
    }
    pending.delete(message.id);
    if (message.kind === 'result') waiting.resolve(message.result as never);
    else waiting.reject(new EngineError(message.error));
  }

  function stop(reason: EngineErrorData): void {
    worker?.terminate();
    worker = undefined;
    const waiting = [...pending.values()];
    pending.clear();
    for (const { reject } of waiting) reject(new EngineError(reason));
  }

  function start(): WorkerPort {
    const started = createWorker();
    started.addEventListener('message', (event) => {
      if (started === worker) receive(event.data);
    });
    started.addEventListener('error', (event) => {
      if (started !== worker) return;
      stop(failureData('worker-stopped', {}, event.message));
    });
    worker = started;
    silence = createSilenceWatch();
    return started;
  }

  async function call<Name extends CallName>(
    name: Name,
    args: Calls[Name]['args'],
    onProgress: (progress: Calls[Name]['progress']) => void,
    signal?: AbortSignal,
  ): Promise<Calls[Name]['result']> {
    if (signal?.aborted === true) throw name === 'load' ? loadingStopped() : cancelled();
    const target = worker ?? (name === 'load' || name === 'check' ? start() : undefined);
    if (target === undefined) {
      throw failure('model-not-running', {});
    }
    const id = ++lastId;
    const cancel = (): void => {
      worker?.postMessage({ id, call: 'cancel' });
      // The graph that runs may take seconds on a processor, or hang; nobody has to wait for what is not wanted.
      if (name === 'edit') pending.get(id)?.reject(cancelled());
    };
    try {
      return await new Promise<Calls[Name]['result']>((resolve, reject) => {
        pending.set(id, { progress: onProgress, resolve, reject });
        signal?.addEventListener('abort', cancel, { once: true });
        target.postMessage({ id, call: name, args } as ToWorker);
      });
    } catch (error) {
      pending.delete(id);
      throw toEngineError(error);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  const ignore = (): void => undefined;
  const load: Engine['load'] = (onProgress, signal) => call('load', setup, onProgress, signal);
  return {
    check: () => call('check', setup, ignore),
    load,
    async edit(request, onProgress, signal) {
      let last: EditProgress = { stage: 'history', done: 0, total: 1 };
      const report = (progress: EditProgress): void => onProgress((last = progress));
      const unwatch = silence.watch((silentForMs) =>
        onProgress(silentForMs === undefined ? last : { ...last, silentForMs }),
      );
      try {
        return await call('edit', request, report, signal);
      } finally {
        unwatch();
      }
    },
    checkPicture: (pixels) => call('checkPicture', pixels, ignore),
    unknownWords: (instruction) => call('unknownWords', instruction, ignore),
    countTokens: (texts) => call('countTokens', texts, ignore),
    async restart(onProgress, signal) {
      // Only a new worker gives a new onnxruntime, and some of its failures leave the old one unusable.
      stop(failureData('model-restarted', {}));
      return load(onProgress, signal);
    },
    async dispose() {
      stop(failureData('model-closed', {}));
    },
  };
}
