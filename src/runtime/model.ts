/** What the turn logic needs of a backend; `L` is the backend's own handle of a latent. */
import type { PoolLayout, SlotRange } from './contextTree.ts';
import type { Backend, CacheInfo, MaskPixels, ModelManifest, Pixels } from './contract.ts';
import type { FlowStep } from './flow.ts';
import type { Frame } from './frames.ts';
import type { PlacedSegment } from './packing.ts';

/** Of keys and values where nobody says how much: 16,384 tokens of 8 layers of 4 heads of 64, hundreds of turns. */
export const DEFAULT_CACHE_BYTES = 2 ** 28;

/** Awaited before every graph run; throws 'cancelled' or 'device-lost'. */
export type Checkpoint = () => Promise<void>;

/** Slots of the cache: of each segment that is seen, in order, and of the segment's own keys and values. */
export interface ContextPlace {
  readonly past: readonly SlotRange[];
  readonly own: SlotRange;
}

export interface Target<L> {
  readonly segment: PlacedSegment;
  readonly place: ContextPlace;
  /** What the branch without instruction sees of `place.past`; absent when there is no instruction. */
  readonly unguidedPast: readonly SlotRange[] | undefined;
  readonly previous: L;
  readonly noise: L;
  /** One byte per latent cell, 1 = may change; absent when the whole frame may. */
  readonly editable: Uint8Array | undefined;
  /** All steps that will be made, in their order. */
  readonly steps: readonly FlowStep[];
}

interface Denoiser<L> {
  /**
   * From the latent `x` at the beginning of step `index` to the one at its end, and to the predicted clean one. Both are the
   * denoiser's own and not to be released: `clean` is good until the next step, `next` until the one after it, and that of
   * the last step until the next denoiser of this frame starts.
   */
  step(x: L, index: number, checkpoint: Checkpoint): Promise<{ readonly next: L; readonly clean: L }>;
  release(): void;
}

/** What a picture that was made is pasted over. */
export interface Backdrop {
  readonly earlier: Pixels;
  /** What the decoder makes of the earlier picture's latent, to tell the edit from its blur; absent when nothing is kept. */
  readonly change:
    | { readonly unedited: Pixels; readonly limits: NonNullable<ModelManifest['pasteBack']> }
    | undefined;
  /** Where the picture may change; absent when it may everywhere. */
  readonly bounds: MaskPixels | undefined;
}

export interface Painted {
  /** As it was decoded. */
  readonly made: Pixels;
  /** Pasted over the backdrop. */
  readonly shown: Pixels;
}

/** Of one turn, at one size. */
export interface Painter<L> {
  /** Rejects with `NotNumbersError` when the decoder's numbers are none. */
  paint(latent: L, checkpoint: Checkpoint): Promise<Painted>;
  release(): void;
}

/** What a model does with pictures of one size. Latents are `[channels, height, width]`, pictures `[3, height, width]` in -1..1. */
export interface FrameModel<L> {
  /** `checkpoint` is for pictures in tiles, between one and the next. */
  encode(planar: Float32Array, checkpoint: Checkpoint): Promise<L>;
  /** Decodes the pictures of a turn, each pasted over `backdrop`; released before the next is started. */
  startPainting(backdrop: Backdrop | undefined): Painter<L>;
  download(latent: L): Promise<Float32Array>;
  prefillVision(
    latent: L,
    segment: PlacedSegment,
    place: ContextPlace,
    checkpoint: Checkpoint,
  ): Promise<void>;
  /** The slots of `target.place` must stay as they are until the denoiser is released. */
  startDenoising(target: Target<L>): Promise<Denoiser<L>>;
}

/** One call at a time. */
export interface Model<L> {
  readonly backend: Backend;
  readonly backendDetail: string;
  readonly cache: CacheInfo;
  /** `frame` is one of the manifest's; the keys and values of all of them lie in one cache. */
  at(frame: Frame): FrameModel<L>;
  /** Lays the cache out anew. Rejects with 'unsupported' when there is no memory for it; all is then as it was. */
  relocate(layout: PoolLayout): Promise<void>;
  upload(latent: Float32Array): L;
  release(latent: L): void;
  /** Computes the keys and values of a clean segment from those of its past and writes them into its own slots. */
  prefillText(
    ids: Int32Array,
    segment: PlacedSegment,
    place: ContextPlace,
    checkpoint: Checkpoint,
  ): Promise<void>;
  /** Throws 'device-lost' once the device has failed: results that came after that are not to be shown. */
  assertUsable(): Promise<void>;
  dispose(): Promise<void>;
}
