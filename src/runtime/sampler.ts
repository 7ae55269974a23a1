/** The sampling loop: from noise to a clean latent in Euler steps, with previews where they are cheap. */
import type { ModelManifest, Pixels } from './contract.ts';
import { flowTimes } from './flow.ts';
import type { Checkpoint, FrameModel, Target } from './model.ts';

/** Previews may cost this share of the denoising time so far, so a slow decoder cannot hold the edit up. */
const PREVIEW_SHARE = 0.25;

export interface SamplerOptions<L> {
  readonly steps: number;
  readonly guidance: number;
  readonly shift: ModelManifest['sampler']['shift'];
  /** Milliseconds that decoding took last time, 0 when unknown. */
  readonly decodeMs: number;
  readonly now: () => number;
  readonly checkpoint: Checkpoint;
  /** Makes a preview of the predicted clean latent. */
  readonly paint: (clean: L) => Promise<Pixels>;
}

/**
 * Decides by measured times whether the next preview is affordable. `expectedMs` is what decoding took
 * last time; when nothing was decoded yet it is 0, and the first preview is how it measures.
 */
export class PreviewBudget {
  #denoiseMs = 0;
  #previewMs = 0;
  #lastPreviewMs: number;

  constructor(expectedMs: number) {
    this.#lastPreviewMs = expectedMs;
  }

  addDenoising(ms: number): void {
    this.#denoiseMs += ms;
  }

  addPreview(ms: number): void {
    this.#previewMs += ms;
    this.#lastPreviewMs = ms;
  }

  isAffordable(): boolean {
    return this.#previewMs + this.#lastPreviewMs <= PREVIEW_SHARE * this.#denoiseMs;
  }
}

/**
 * Returns the clean latent, which is the model's own and good until the next sampling at this frame. After each step `onStep` receives the number of
 * finished steps and a preview when the budget allowed one.
 */
export async function sample<L>(
  at: FrameModel<L>,
  target: Omit<Target<L>, 'steps'>,
  options: SamplerOptions<L>,
  onStep: (done: number, preview: Pixels | undefined) => void,
): Promise<L> {
  const { steps, guidance, shift, decodeMs, now, checkpoint, paint } = options;
  const times = flowTimes(steps, shift);
  const budget = new PreviewBudget(decodeMs);
  const flowSteps = Array.from({ length: steps }, (_, index) => {
    return { from: times[index] ?? 0, to: times[index + 1] ?? 1, guidance };
  });
  const denoiser = await at.startDenoising({ ...target, steps: flowSteps });
  let x = target.noise;
  try {
    for (let index = 0; index < steps; index++) {
      const startedAt = now();
      const { next, clean } = await denoiser.step(x, index, checkpoint);
      x = next;
      const denoisedAt = now();
      budget.addDenoising(denoisedAt - startedAt);
      // The last step needs no preview: the finished picture follows at once.
      const isShown = index < steps - 1 && budget.isAffordable();
      if (isShown) await checkpoint();
      const preview = isShown ? await paint(clean) : undefined;
      if (isShown) budget.addPreview(now() - denoisedAt);
      onStep(index + 1, preview);
    }
    return x;
  } finally {
    denoiser.release();
  }
}
