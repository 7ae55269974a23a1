/** All that a model may declare in its `manifest.json`. How it must fit together is checked in `manifest.ts`. */

export const STORAGES = ['float16', 'float32', 'q8', 'q4'] as const;
export const KEEPS = ['always', 'while encoding text'] as const;

export interface ModelFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** SHA-256 of each chunk, in order. */
  readonly chunks?: readonly string[];
}

/** Words that stand as a text of their own before what they say something about. */
export interface ModelRoles {
  readonly regionNow: string;
  readonly regionNext: string;
  /** Of reference pictures, in their order. */
  readonly pictures: readonly string[];
  readonly exampleBefore: string;
  readonly exampleAfter: string;
  /** Of a clip's frame: `{index}` and `{count}` stand for words of `numbers`, which begin with one. */
  readonly frame: string;
  readonly numbers: readonly string[];
}

/** One file of weights. */
export interface ModelWeights {
  readonly file: string;
  /** The name under which graphs refer to it. */
  readonly externalData: string;
  /** 'float16' is widened to float32 for the graphs, which is so where nothing stands; all else reaches them as it is. */
  readonly storage?: WeightStorage;
  /** Graphs that refer to it; all where nothing stands. It is in memory only while these are opened. */
  readonly graphs?: readonly string[];
}

/** How weights lie on disk; q8 and q4 are blocks of whole numbers with scales, which the graphs themselves undo. */
type WeightStorage = (typeof STORAGES)[number];
/** 'while encoding text': opened when a text is encoded, and let go of before the next graph of another kind runs. */
export type KeepGraph = (typeof KEEPS)[number];

/** `public/models/<id>/manifest.json`, version 1. Everything the runtime knows of a model. */
export interface ModelManifest {
  readonly version: 1;
  readonly id: string;
  readonly title: string;
  readonly license: string;
  readonly trainingCommit: string;
  readonly architecture: {
    readonly width: number;
    readonly layers: number;
    readonly heads: number;
    readonly headDim: number;
    /** Rotary dims per head for sequence, time, height, width; they sum to headDim. */
    readonly axisDims: readonly [number, number, number, number];
    readonly ropeTheta: number;
    readonly normEps: number;
    readonly textWidth: number;
    readonly maxTextTokens: number;
    /** Length of the sinusoidal feature vector of the flow time. */
    readonly timeFeatures: number;
  };
  readonly frame: {
    readonly width: number;
    readonly height: number;
    readonly latentChannels: number;
    readonly latentDownsample: number;
    readonly patch: number;
    /** Patches plus the start and end token. */
    readonly tokens: number;
    /** Pixels of the frames of training, where these are others; rotary positions are stretched accordingly. */
    readonly trained?: { readonly width: number; readonly height: number };
  };
  /** Further sizes of frames, each with graphs of its own; all else is as `frame` says. */
  readonly frames?: readonly { readonly width: number; readonly height: number }[];
  /**
   * Frames that are wider or higher than this go through the autoencoder in overlapping tiles of this size, with the graphs
   * `vae_encoder_tile` and `vae_decoder_tile`, and need no autoencoder of their own. In pixels, whole cells of the latent.
   */
  readonly tiles?: { readonly width: number; readonly height: number; readonly overlap: number };
  /** Bytes that the autoencoder takes for each pixel of what it is given, beside its weights: the largest of its layers. */
  readonly pictureBytesPerPixel?: number;
  readonly sampler: { readonly steps: number; readonly guidance: number; readonly shift: number };
  /** Tasks this model was trained on, e.g. 'next-image', 'drawn-region'. */
  readonly capabilities: readonly string[];
  /** Absent in models that know none of the tasks that need them. */
  readonly roles?: ModelRoles;
  /** Graph name (see ARCHITECTURE.md) to its file. */
  readonly graphs: Readonly<Record<string, string>>;
  readonly tokenizer: string;
  /** Graphs that need not stay in memory; 'always' where one is not named. */
  readonly keep?: Readonly<Record<string, KeepGraph>>;
  /** Large models have several, so that none is too long and each graph reads its own. */
  readonly weights: readonly ModelWeights[];
  /** float32 little-endian `[layers, 2, headDim]`: q weight, then k weight. */
  readonly qkNorm: string;
  /** Length of every chunk but a file's last; files no longer than this have no `chunks`. */
  readonly chunkBytes?: number;
  readonly files: readonly ModelFile[];
  readonly pictureFit: { readonly minPsnrDb: number };
  /**
   * Keeps the earlier picture's pixels where an edit changed nothing: mean differences in levels of 255, up to
   * `keptBelow` a pixel stays, from `takenFrom` on it is the new one. Without it the whole frame is taken.
   */
  readonly pasteBack?: { readonly keptBelow: number; readonly takenFrom: number };
  readonly world: {
    readonly objects: readonly string[];
    readonly places: readonly string[];
    readonly backgrounds: readonly string[];
    readonly sizes: readonly string[];
    readonly styles: readonly string[];
    /** Absent in older models, like the next. */
    readonly lights?: readonly string[];
    readonly colours?: readonly string[];
    readonly examples: readonly string[];
  };
  readonly quality: Readonly<Record<string, number>>;
}
