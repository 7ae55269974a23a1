/** The messages between the page and the engine's worker, and the worker's side of them. */
import type {
  DeviceReport,
  EditProgress,
  EditRequest,
  EditResult,
  Engine,
  EngineErrorData,
  EngineOptions,
  LoadProgress,
  ModelInfo,
  PictureFit,
  Pixels,
} from './contract.ts';
import { toErrorData } from './failures.ts';

/** Where a worker finds its model and onnxruntime; URLs are absolute and end in a slash. */
export interface WorkerSetup {
  readonly modelUrl: string;
  readonly ortUrl: string;
  readonly options: EngineOptions;
}

/** Every call: what goes in, what is reported meanwhile, what comes out. */
export interface Calls {
  check: { args: WorkerSetup; progress: never; result: DeviceReport };
  load: { args: WorkerSetup; progress: LoadProgress; result: ModelInfo };
  edit: { args: EditRequest; progress: EditProgress; result: EditResult };
  checkPicture: { args: Pixels; progress: never; result: PictureFit };
  unknownWords: { args: string; progress: never; result: readonly string[] };
  countTokens: { args: readonly string[]; progress: never; result: readonly number[] };
}

export type CallName = keyof Calls;

export type ToWorker =
  | {
      [Name in CallName]: { readonly id: number; readonly call: Name; readonly args: Calls[Name]['args'] };
    }[CallName]
  | { readonly id: number; readonly call: 'cancel' };

export type FromWorker =
  /** `lock` is held by the worker for as long as it lives. */
  | { readonly kind: 'started'; readonly lock: string }
  /** Sent after each run of a graph. */
  | { readonly kind: 'alive' }
  | { readonly id: number; readonly kind: 'progress'; readonly progress: LoadProgress | EditProgress }
  | { readonly id: number; readonly kind: 'result'; readonly result: Calls[CallName]['result'] }
  | { readonly id: number; readonly kind: 'error'; readonly error: EngineErrorData };

/** Answers messages with an engine that is made at the first `load`. Give each message to the result. */
export function serveEngine(
  createEngine: (setup: WorkerSetup) => Engine,
  post: (message: FromWorker) => void,
): (message: ToWorker) => Promise<void> {
  const running = new Map<number, AbortController>();
  let engine: Engine | undefined;

  async function answer(message: Exclude<ToWorker, { call: 'cancel' }>, signal: AbortSignal): Promise<void> {
    const { id } = message;
    const report = (progress: LoadProgress | EditProgress): void => post({ id, kind: 'progress', progress });
    if (message.call === 'load' || message.call === 'check') engine ??= createEngine(message.args);
    if (engine === undefined) throw new Error('The first message to a worker must be "check" or "load".');
    const result = await callEngine(engine, message, report, signal);
    post({ id, kind: 'result', result });
  }

  return async (message) => {
    const { id } = message;
    if (message.call === 'cancel') {
      running.get(id)?.abort();
      return;
    }
    const controller = new AbortController();
    running.set(id, controller);
    try {
      await answer(message, controller.signal);
    } catch (error) {
      post({ id, kind: 'error', error: toErrorData(error) });
    } finally {
      running.delete(id);
    }
  };
}

async function callEngine(
  engine: Engine,
  message: Exclude<ToWorker, { call: 'cancel' }>,
  report: (progress: LoadProgress | EditProgress) => void,
  signal: AbortSignal,
): Promise<Calls[CallName]['result']> {
  switch (message.call) {
    case 'check':
      return engine.check();
    case 'load':
      return engine.load(report, signal);
    case 'edit':
      return engine.edit(message.args, report, signal);
    case 'checkPicture':
      return engine.checkPicture(message.args);
    case 'unknownWords':
      return engine.unknownWords(message.args);
    case 'countTokens':
      return engine.countTokens(message.args);
  }
}
