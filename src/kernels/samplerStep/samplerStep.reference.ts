/** What `samplerStep` computes, in float64 and plain loops. */

export interface SamplerStepReferenceInput {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly t: number;
  readonly u: number;
  readonly guidance: number;
  readonly latent: ArrayLike<number>;
  readonly cleanCond: ArrayLike<number>;
  readonly cleanUncond?: ArrayLike<number>;
  readonly kept?: {
    readonly mask: ArrayLike<number>;
    readonly previous: ArrayLike<number>;
    readonly noise: ArrayLike<number>;
  };
}

/** `[channels, height, width]`. */
export function samplerStepReference(input: SamplerStepReferenceInput): Float64Array {
  const { channels, height, width, t, u, guidance, kept } = input;
  const at = (values: ArrayLike<number>, index: number): number => values[index] ?? Number.NaN;
  const result = new Float64Array(channels * height * width);
  for (let channel = 0; channel < channels; channel++) {
    for (let cell = 0; cell < height * width; cell++) {
      const i = channel * height * width + cell;
      const x = at(input.latent, i);
      let clean = at(input.cleanCond, i);
      if (input.cleanUncond !== undefined) {
        const uncond = at(input.cleanUncond, i);
        clean = uncond + guidance * (clean - uncond);
      }
      const velocity = (clean - x) / Math.max(1 - t, 0.05);
      result[i] = u === 1 ? clean : x + (u - t) * velocity;
      if (kept !== undefined && at(kept.mask, cell) === 0) {
        result[i] = u * at(kept.previous, i) + (1 - u) * at(kept.noise, i);
      }
    }
  }
  return result;
}
