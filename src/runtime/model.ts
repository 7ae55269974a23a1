/** What the turn logic needs of a backend; `L` is the backend's own handle of a latent. */
import type { Backend } from './contract.ts';
import type { FlowStep } from './flow.ts';
import type { PlacedSegment } from './packing.ts';

/** Awaited before every graph run; throws 'cancelled' or 'device-lost'. */
export type Checkpoint = () => Promise<void>;

export interface Target<L> {
  readonly segment: PlacedSegment;
  /** Tokens of the instruction, which the branch without instruction does not see. */
  readonly instruction: { readonly start: number; readonly end: number } | undefined;
  readonly previous: L;
  readonly noise: L;
  /** One byte per latent cell, 1 = may change; absent when the whole frame may. */
  readonly editable: Uint8Array | undefined;
}

export interface Denoiser<L> {
  /** Both results belong to the caller: the latent at time `step.to` and the predicted clean latent. */
  step(x: L, step: FlowStep, checkpoint: Checkpoint): Promise<{ readonly next: L; readonly clean: L }>;
  release(): void;
}

/** Latents are `[channels, height, width]`, pictures `[3, height, width]` in -1..1. One call at a time. */
export interface Model<L> {
  readonly backend: Backend;
  readonly backendDetail: string;
  encode(planar: Float32Array): Promise<L>;
  decode(latent: L): Promise<Float32Array>;
  upload(latent: Float32Array): L;
  download(latent: L): Promise<Float32Array>;
  release(latent: L): void;
  /** Computes the keys and values of a clean segment at its place; what was cached from there on is gone. */
  prefillText(ids: Int32Array, segment: PlacedSegment, checkpoint: Checkpoint): Promise<void>;
  prefillVision(latent: L, segment: PlacedSegment, checkpoint: Checkpoint): Promise<void>;
  /** The cache must hold every token before `target.segment`. */
  startDenoising(target: Target<L>): Promise<Denoiser<L>>;
  /** Throws 'device-lost' once the device has failed: results that came after that are not to be shown. */
  assertUsable(): Promise<void>;
  dispose(): Promise<void>;
}
