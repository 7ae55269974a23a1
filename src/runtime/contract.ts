/** What the editing session and the page may know of the engine: plain data, no GPU, no onnxruntime. */
import type { ModelFile, ModelManifest, ModelRoles, ModelWeights } from './manifestSchema.ts';
import type { EngineErrorCode, EngineReason, ReasonValues } from './reasons.ts';

export type {
  EngineErrorCode,
  EngineReason,
  ReasonValues,
  ModelFile,
  ModelManifest,
  ModelRoles,
  ModelWeights,
};

/** A square or rectangular picture as RGBA bytes, row-major, `width * height * 4` long. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/**
 * A region: one byte per pixel, 0 = outside, 255 = inside; same size as the frame. Values between are a soft edge:
 * the share of the new picture that shows there. The model itself sees only inside (128 and more) and outside.
 */
export interface MaskPixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Normalised clean latent of a frame, `[channels, height, width]` row-major float32. */
export interface Latent {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/**
 * One entry of the interleaved history, oldest first. `id` is content-stable: two items with one id
 * are the same tokens, so their keys and values may be reused from the cache.
 * An image that the model made carries its latent, which is used instead of encoding `pixels` again.
 * Role texts (see `ModelRoles`) are texts like any other.
 */
export type HistoryItem =
  | { readonly kind: 'text'; readonly id: string; readonly text: string }
  | {
      readonly kind: 'image';
      readonly id: string;
      readonly pixels: Pixels;
      readonly latent?: Latent;
      /** Place in a clip, from 0; 0 for a single picture. */
      readonly t?: number;
      /** Context only, never the picture being edited. */
      readonly isReference?: boolean;
    }
  | { readonly kind: 'mask'; readonly id: string; readonly mask: MaskPixels };

/** A picture that the instruction speaks of ("the cat of picture one"), or half of an example to follow. */
export interface Reference {
  readonly role: 'picture' | 'exampleBefore' | 'exampleAfter';
  readonly id: string;
  readonly pixels: Pixels;
  readonly latent?: Latent;
}

/** Regions of one turn. Nothing changes outside `drawn`, nor outside the union of `now` and `next` unless it is empty. */
export interface Regions {
  readonly drawn?: MaskPixels;
  /** Where the picture being edited will change. */
  readonly now?: MaskPixels;
  /** What has changed in the picture to be made. */
  readonly next?: MaskPixels;
}

/**
 * Frame `index` of `count`, counted from 1, made from the image `previousId` of the history. All that was said lies in
 * the history already, with the frames made so far, each after its role text: `instruction` is the one of its texts that
 * guidance leaves out, or empty.
 */
export interface ClipFrame {
  readonly index: number;
  readonly count: number;
  readonly previousId: string;
}

/** What is asked for: the next picture, a region in the picture as it is or as it will be, or a frame of a clip. */
type EditTarget = 'image' | 'region-now' | 'region-next' | ClipFrame;

export interface EditRequest {
  /** Everything the model sees before this turn; the last image in it that is no reference is being edited. */
  readonly history: readonly HistoryItem[];
  readonly references?: readonly Reference[];
  readonly instruction: string;
  readonly regions?: Regions;
  /** 'image' when absent. */
  readonly target?: EditTarget;
  /** Of a request without any picture or region, whose sizes it has otherwise: one of the model's; its own when absent. */
  readonly size?: { readonly width: number; readonly height: number };
  readonly seed: number;
  readonly steps: number;
  /** 1 = no guidance pass. */
  readonly guidance: number;
  /** False spends no time on previews; otherwise as many are made as cost little. */
  readonly hasPreviews?: boolean;
}

export type EditStage = 'text' | 'history' | 'denoise' | 'decode';

export interface EditProgress {
  readonly stage: EditStage;
  /** Finished steps of this stage and their number; `denoise` counts sampler steps. */
  readonly done: number;
  readonly total: number;
  /** Small preview of the predicted clean frame, at most one per denoising step. */
  readonly preview?: Pixels;
  /**
   * No sign of life for so long, far longer than usual: the engine may hang, and may be restarted. Said again each time
   * it has doubled; a report without it takes it back.
   */
  readonly silentForMs?: number;
}

export interface EditResult {
  /** For a region the same as `mask`, white on black. */
  readonly pixels: Pixels;
  /** The region that was asked for. */
  readonly mask?: MaskPixels;
  readonly latent: Latent;
  readonly timingsMs: Readonly<Record<EditStage, number>>;
  /** Tokens whose keys and values came from the cache, and tokens computed in this turn. */
  readonly cachedTokens: number;
  readonly computedTokens: number;
}

/**
 * 'kept': the files stay in this browser, and the next visit reads them from there. Otherwise they are in
 * memory only, because the browser refused storage (private window) or has too little room.
 */
export type ModelStorage = 'kept' | 'refused' | 'full';

export interface LoadProgress {
  /** Bytes that arrived and matched their SHA-256. */
  readonly verifiedBytes: number;
  /** Verified bytes and those that are arriving; it falls when something is thrown away. */
  readonly receivedBytes: number;
  readonly totalBytes: number;
  readonly phase: 'download' | 'compile' | 'self-test';
  readonly storage: ModelStorage;
  /** Another tab is loading this model; this one goes on by itself when that ends. */
  readonly isWaiting: boolean;
}

export type Backend = 'webgpu' | 'wasm';

export interface ModelInfo {
  readonly id: string;
  readonly backend: Backend;
  /** Adapter name, or why WebGPU is not in use. */
  readonly backendDetail: string;
  readonly storage: ModelStorage;
  readonly cache: CacheInfo;
  readonly memory: MemoryPlan;
  readonly manifest: ModelManifest;
}

/** Bytes that a model takes, as estimated from its manifest; `peakBytes` is the sum of all others. */
export interface MemoryPlan {
  /** Weights of the graphs that stay. */
  readonly stayingBytes: number;
  /** Those of the largest graph that is opened when it is needed. */
  readonly passingBytes: number;
  /** Keys and values, at most. */
  readonly contextBytes: number;
  /** The autoencoder at work, beside its weights; 0 where the manifest does not tell. */
  readonly pictureBytes: number;
  readonly peakBytes: number;
}

/** How well the model's own encoder and decoder keep a picture, to tell known worlds from foreign ones. */
export interface PictureFit {
  readonly psnrDb: number;
  readonly isKnownWorld: boolean;
}

/** Why a graphics card is not used. */
export type NoGraphicsReason = 'turned-off' | 'no-device' | 'little-memory' | 'wrong-results';

/** What loading the model will do here, found out before anything of it is fetched. */
export interface DeviceReport {
  /** Where it will run; null when it can run nowhere on this device. */
  readonly backend: Backend | null;
  /** Adapter name when the graphics card is used; otherwise what it said. */
  readonly detail: string;
  /** Null when the graphics card is used. */
  readonly reason: NoGraphicsReason | null;
  /** All files that this backend needs, whether or not some are kept already. */
  readonly downloadBytes: number;
  /** Graphics memory that was asked for as a trial, given and given back; 0 on the processor. */
  readonly graphicsBytes: number;
}

export interface EngineOptions {
  /** 'auto' tries WebGPU first; 'wasm' forces the fallback. */
  readonly backend: 'auto' | 'wasm';
  /** Keys and values that are kept between turns: at most `maxBytes`; in half precision on WebGPU twice as many fit. */
  readonly cache?: { readonly maxBytes?: number; readonly precision?: CachePrecision };
}

type CachePrecision = 'float32' | 'float16';

/** What the keys and values of the context may take, as the device and the options allow. */
export interface CacheInfo {
  readonly maxTokens: number;
  readonly maxBytes: number;
  readonly precision: CachePrecision;
}

/** Crosses the worker boundary as data; `code` decides what the page offers next. */
export interface EngineErrorData {
  readonly code: EngineErrorCode;
  /** In English; a page in another language says `reason` with `values` in its own words. */
  readonly message: string;
  readonly detail?: string;
  readonly reason?: EngineReason;
  readonly values?: ReasonValues;
}

export class EngineError extends Error {
  readonly code: EngineErrorCode;
  readonly detail: string | undefined;
  readonly reason: EngineReason | undefined;
  readonly values: ReasonValues;
  constructor(data: EngineErrorData) {
    super(data.message);
    this.name = 'EngineError';
    this.code = data.code;
    this.detail = data.detail;
    this.reason = data.reason;
    this.values = data.values ?? {};
  }
}

/** The engine as its callers see it. All failures reject with `EngineError`. */
export interface Engine {
  /** Tries the device: features, limits, memory as much as the model needs, and the kernels' self-test. Fetches the manifest only. */
  check(): Promise<DeviceReport>;
  /**
   * Aborting `signal` pauses the download and rejects with code 'cancelled': what has been verified is
   * kept, and the next call goes on from there.
   */
  load(onProgress: (progress: LoadProgress) => void, signal?: AbortSignal): Promise<ModelInfo>;
  /**
   * Rejects with code 'cancelled' when `signal` aborts: at once where the work is done in a worker, which then goes no
   * further than the graph that it is running; in this thread before the next graph.
   */
  edit(
    request: EditRequest,
    onProgress: (progress: EditProgress) => void,
    signal: AbortSignal,
  ): Promise<EditResult>;
  /** Encode and decode a picture once; `pixels` must already have the model's frame size. */
  checkPicture(pixels: Pixels): Promise<PictureFit>;
  /** Words of the instruction that the tokenizer does not know. */
  unknownWords(instruction: string): Promise<readonly string[]>;
  /** Tokens of each text, also of one that is longer than the model reads. */
  countTokens(texts: readonly string[]): Promise<readonly number[]>;
  /** After a lost device: rebuilds device, sessions and caches. */
  restart(onProgress: (progress: LoadProgress) => void, signal?: AbortSignal): Promise<ModelInfo>;
  dispose(): Promise<void>;
}
