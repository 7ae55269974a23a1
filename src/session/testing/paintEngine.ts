/** A small deterministic engine for tests: it paints (see `paint.ts`), and can be held, made to fail, or lose its device. */
import type {
  EditProgress,
  EditRequest,
  EditResult,
  EditStage,
  Engine,
  EngineErrorCode,
  Latent,
  LoadProgress,
  ModelInfo,
  ModelManifest,
  ModelStorage,
  Pixels,
} from '../../runtime/contract.ts';
import { sha256 } from '../sha256.ts';
import { checkRequest, maskOf, paint, paintRoles, paintSize } from './paint.ts';

const knownWords = new Set(
  'add a an the red green blue cup cat dog boat beach with left right move make it night day on to sky'.split(
    ' ',
  ),
);

export interface PaintEngine extends Engine {
  /** Called before each step of each stage; a promise that it returns holds the engine there. */
  beforeStep: (stage: EditStage, done: number) => Promise<void> | void;
  /** What the model says of itself when it is loaded. */
  capabilities: readonly string[];
  /** Other files are another model. */
  files: ModelManifest['files'];
  storage: ModelStorage;
  /** Another tab loads the same model; holds the load until it settles. */
  otherTab: Promise<void> | null;
  /** Called when half of the model has arrived; a promise that it returns holds the load there. */
  beforeRest: (() => Promise<void>) | null;
  /** The next call of that kind rejects with this code. */
  failNext(call: 'load' | 'edit', code: EngineErrorCode): void;
  /** Every call but `restart` rejects until `restart`. */
  loseDevice(): void;
  /** All requests that reached the engine, in order. */
  readonly requests: readonly EditRequest[];
  /** Most edits that ran at the same time. */
  readonly mostAtOnce: () => number;
}

export function createPaintEngine(): PaintEngine {
  const requests: EditRequest[] = [];
  const failures = new Map<'load' | 'edit', EngineErrorCode>();
  let isLost = false;
  let active = 0;
  let most = 0;

  function check(call: 'load' | 'edit' | 'other'): void {
    if (isLost) throw engineError('device-lost', 'The device was lost.');
    const code = call === 'other' ? undefined : failures.get(call);
    if (code === undefined) return;
    failures.delete(call as 'load' | 'edit');
    if (code === 'device-lost') isLost = true;
    throw engineError(code, `Failed on purpose with ${code}.`);
  }

  async function load(
    onProgress: (progress: LoadProgress) => void,
    signal?: AbortSignal,
  ): Promise<ModelInfo> {
    const totalBytes = 1_000_000;
    const report = (verifiedBytes: number, phase: LoadProgress['phase'], isWaiting = false): void =>
      onProgress({
        verifiedBytes,
        receivedBytes: verifiedBytes,
        totalBytes,
        phase,
        storage: engine.storage,
        isWaiting,
      });
    report(0, 'download', engine.otherTab !== null);
    await engine.otherTab;
    report(totalBytes / 2, 'download');
    await engine.beforeRest?.();
    if (signal?.aborted === true) throw engineError('cancelled', 'Paused.');
    check('load');
    report(totalBytes, 'self-test');
    return {
      id: manifest.id,
      backend: 'wasm',
      backendDetail: 'painted on the processor',
      cache: { maxTokens: 0, maxBytes: 0, precision: 'float32' },
      memory: { stayingBytes: 0, passingBytes: 0, contextBytes: 0, pictureBytes: 0, peakBytes: 0 },
      storage: engine.storage,
      manifest: { ...manifest, capabilities: engine.capabilities, files: engine.files },
    };
  }

  async function edit(
    request: EditRequest,
    onProgress: (progress: EditProgress) => void,
    signal: AbortSignal,
  ): Promise<EditResult> {
    requests.push(request);
    const stages: readonly (readonly [EditStage, number])[] = [
      ['text', 1],
      ['history', Math.max(1, request.history.length)],
      ['denoise', request.steps],
      ['decode', 1],
    ];
    checkRequest(request, engine.capabilities);
    const painted = paint(request);
    for (const [stage, total] of stages) {
      for (let done = 0; done < total; done += 1) {
        await engine.beforeStep(stage, done);
        if (signal.aborted) throw engineError('cancelled', 'Cancelled.');
        check('edit');
        onProgress({ stage, done: done + 1, total, ...(stage === 'denoise' ? { preview: painted } : {}) });
      }
    }
    return {
      pixels: painted,
      ...(request.target === 'region-now' || request.target === 'region-next'
        ? { mask: maskOf(painted) }
        : {}),
      latent: latentOf(painted),
      timingsMs: { text: 1, history: request.history.length, denoise: request.steps, decode: 1 },
      cachedTokens: 66 * request.history.filter((item) => item.kind !== 'text').length,
      computedTokens: 66 + request.instruction.length,
    };
  }

  const engine: PaintEngine = {
    beforeStep: () => undefined,
    capabilities: manifest.capabilities,
    files: manifest.files,
    storage: 'kept',
    otherTab: null,
    beforeRest: null,
    failNext: (call, code) => void failures.set(call, code),
    loseDevice: () => void (isLost = true),
    requests,
    mostAtOnce: () => most,
    async check() {
      check('other');
      return {
        backend: 'wasm',
        detail: 'painted on the processor',
        reason: 'turned-off',
        downloadBytes: 1_000_000,
        graphicsBytes: 0,
      };
    },
    load,
    restart(onProgress, signal) {
      isLost = false;
      return load(onProgress, signal);
    },
    async edit(request, onProgress, signal) {
      active += 1;
      most = Math.max(most, active);
      try {
        return await edit(request, onProgress, signal);
      } finally {
        active -= 1;
      }
    },
    async checkPicture(pixels) {
      check('other');
      // Flat pictures count as known here: the fewer values, the better they keep.
      const psnrDb = 48 - 10 * Math.log10(new Set(pixels.data).size);
      return { psnrDb, isKnownWorld: psnrDb >= manifest.pictureFit.minPsnrDb };
    },
    async unknownWords(instruction) {
      check('other');
      return instruction
        .toLowerCase()
        .split(/\s+/)
        .filter((word) => word !== '' && !knownWords.has(word));
    },
    async countTokens(texts) {
      check('other');
      return texts.map(tokensOf);
    },
    async dispose() {
      isLost = true;
    },
  };
  return engine;
}

/** A token for each word and one for the end. */
export function tokensOf(text: string): number {
  return text.split(/\s+/).filter(Boolean).length + 1;
}

function latentOf({ width, height, data }: Pixels): Latent {
  const values = Float32Array.from({ length: width * height }, (_, i) => (data[i * 4] ?? 0) / 127.5 - 1);
  return { channels: 1, height, width, data: values };
}

function engineError(code: EngineErrorCode, message: string): Error {
  return Object.assign(new Error(message), { name: 'EngineError', code });
}

const manifest: ModelManifest = {
  version: 1,
  id: 'paint',
  title: 'Paint',
  license: 'Apache-2.0',
  trainingCommit: 'none',
  architecture: {
    width: 1,
    layers: 1,
    heads: 1,
    headDim: 64,
    axisDims: [6, 2, 28, 28],
    ropeTheta: 10_000,
    normEps: 1e-6,
    textWidth: 1,
    maxTextTokens: 32,
    timeFeatures: 2,
  },
  frame: {
    width: paintSize,
    height: paintSize,
    latentChannels: 1,
    latentDownsample: 1,
    patch: 2,
    tokens: 18,
  },
  sampler: { steps: 4, guidance: 1, shift: 1 },
  capabilities: ['next-image', 'drawn-region', 'text-to-image'],
  roles: paintRoles,
  graphs: {},
  tokenizer: 'tokenizer.json',
  weights: [],
  qkNorm: 'qk_norm.bin',
  files: [{ path: 'tokenizer.json', bytes: 1, sha256: sha256(new Uint8Array(1)) }],
  pictureFit: { minPsnrDb: 30 },
  world: {
    objects: ['cup', 'cat'],
    places: ['left'],
    backgrounds: ['sky', 'beach'],
    sizes: [],
    styles: [],
    examples: ['add a red cup'],
  },
  quality: {},
};
