/** Loads and restarts the model, and asks it about start pictures and unknown words. */
import type { LoadProgress, ModelInfo, ModelManifest } from '../runtime/contract.ts';
import type { Context } from './context.ts';
import { textsOf } from './contextCost.ts';
import type { BlobHash } from './document.ts';
import { engineCodeOf, loadFailure, lostDevice } from './messages.ts';
import { sha256 } from './sha256.ts';
import type { Failure } from './state.ts';

export interface ModelKeeper {
  readonly loadModel: () => Promise<void>;
  readonly pauseModel: () => void;
  readonly restartModel: () => Promise<void>;
  /** Marks the model as gone when `error` says so. */
  readonly noteError: (error: unknown, failure?: Failure) => void;
}

/** One name for all files of a model: the SHA-256 of their sorted paths and hashes. */
export function modelHash({ files }: Pick<ModelManifest, 'files'>): BlobHash {
  const lines = files.map(({ path, sha256: hash }) => `${path} ${hash}\n`).toSorted();
  return sha256(new TextEncoder().encode(lines.join('')));
}

/** `onReady` runs each time the model becomes ready. */
export function createModelKeeper(context: Context, onReady: () => void): ModelKeeper {
  const { engine } = context.ports;
  let checkedPicture: BlobHash | null = null;
  let isCheckingWords = false;
  let pausing = new AbortController();
  let isCounting = false;

  const isReady = (): boolean => context.state.getState().model.status === 'ready';

  async function bring(
    isRestart: boolean,
    call: (report: (progress: LoadProgress) => void, signal: AbortSignal) => Promise<ModelInfo>,
  ): Promise<void> {
    const { status } = context.state.getState().model;
    if (status === 'loading' || (status === 'ready' && !isRestart)) return;
    let last: LoadProgress | null = null;
    pausing = new AbortController();
    const { signal } = pausing;
    context.set({ model: { status: 'loading', isRestart, progress: null } });
    try {
      const info = await call((progress) => {
        last = progress;
        context.set({ model: { status: 'loading', isRestart, progress } });
      }, signal);
      context.set({ model: { status: 'ready', info, hash: modelHash(info.manifest) } });
      clearModelNotice();
    } catch (error) {
      const isPaused = signal.aborted && engineCodeOf(error) === 'cancelled';
      context.set({
        model: isPaused
          ? { status: 'idle', paused: last }
          : { status: 'failed', failure: loadFailure(error, last) },
      });
      return;
    }
    checkedPicture = null;
    context.set({ textTokens: new Map() });
    checkPicture();
    checkWords();
    countTexts();
    onReady();
  }

  /** Whatever asked for the model is answered now. */
  function clearModelNotice(): void {
    const { notice } = context.state.getState();
    if (notice?.next === 'load-model' || notice?.next === 'restart-model') context.set({ notice: null });
  }

  function noteError(error: unknown, failure: Failure = lostDevice(error)): void {
    if (engineCodeOf(error) === 'device-lost') context.set({ model: { status: 'failed', failure } });
  }

  function checkPicture(): void {
    const root = context.document()?.root;
    const frame = root === undefined || root.kind === 'words' ? null : root.frame;
    if (frame === null || !isReady()) {
      checkedPicture = null;
      if (context.state.getState().pictureCheck.status !== 'unchecked') {
        context.set({ pictureCheck: { status: 'unchecked' } });
      }
      return;
    }
    const pixels = checkedPicture === frame.hash ? null : context.blobs().pixelsOf(frame.hash);
    if (pixels === null) return;
    checkedPicture = frame.hash;
    context.set({ pictureCheck: { status: 'checking' } });
    const isStillWanted = (): boolean => checkedPicture === frame.hash;
    void context.track(
      engine.checkPicture(pixels).then(
        (fit) => {
          if (isStillWanted()) context.set({ pictureCheck: { status: 'checked', ...fit } });
        },
        (error: unknown) => {
          // The picture is usable without the check, so only a lost device is worth telling.
          if (isStillWanted()) context.set({ pictureCheck: { status: 'unchecked' } });
          noteError(error);
        },
      ),
    );
  }

  function checkWords(): void {
    if (!isCheckingWords) void context.track(checkWordsUntilCurrent());
  }

  /** One question at a time; words typed meanwhile are asked about next. */
  async function checkWordsUntilCurrent(): Promise<void> {
    isCheckingWords = true;
    try {
      for (;;) {
        const instruction = context.document()?.composer.instruction;
        const { wordsCheck } = context.state.getState();
        const isKnown = wordsCheck.status === 'checked' && wordsCheck.instruction === instruction;
        if (instruction === undefined || !isReady() || isKnown) return;
        const unknown = instruction.trim() === '' ? [] : await engine.unknownWords(instruction);
        context.set({ wordsCheck: { status: 'checked', instruction, unknown } });
      }
    } catch (error) {
      noteError(error);
    } finally {
      isCheckingWords = false;
    }
  }

  function countTexts(): void {
    if (!isCounting) void context.track(countUntilKnown());
  }

  /** Counts what is new and forgets what is no longer in the line. */
  async function countUntilKnown(): Promise<void> {
    isCounting = true;
    try {
      for (;;) {
        const document = context.document();
        const { model, textTokens } = context.state.getState();
        if (document === null || model.status !== 'ready') return;
        const wanted = textsOf(document, model.info.manifest);
        const missing = wanted.filter((text) => !textTokens.has(text));
        if (missing.length === 0) return;
        const counts = await engine.countTokens(missing);
        const known = new Map([...textTokens, ...missing.map((text, i) => [text, counts[i] ?? 0] as const)]);
        context.set({
          textTokens: new Map(
            wanted.flatMap((text) => {
              const tokens = known.get(text);
              return tokens === undefined ? [] : [[text, tokens]];
            }),
          ),
        });
      }
    } catch (error) {
      noteError(error);
    } finally {
      isCounting = false;
    }
  }

  context.onChange(() => {
    checkPicture();
    checkWords();
    countTexts();
  });

  return {
    loadModel: () => context.track(bring(false, (report, signal) => engine.load(report, signal))),
    pauseModel: () => pausing.abort(),
    restartModel: () => context.track(bring(true, (report, signal) => engine.restart(report, signal))),
    noteError,
  };
}
