/** The flow from noise to a clean latent: times, time features, seeded noise and one Euler step. */

/** The velocity's denominator never falls below this, so the last steps stay finite. */
const MIN_REMAINING_TIME = 0.05;

/** The `steps + 1` times from 0 to 1 of a sampling run; `shift` > 1 spends more steps near the noise. */
export function flowTimes(steps: number, shift: number): readonly number[] {
  return Array.from({ length: steps + 1 }, (_, index) => {
    const time = index / steps;
    return time / (time + shift * (1 - time));
  });
}

/** Sinusoidal features `[count]` of a flow time in 0..1: cosines, then sines. */
export function timeFeatures(time: number, count: number): Float32Array {
  const half = count / 2;
  return Float32Array.from({ length: count }, (_, index) => {
    const angle = 1000 * time * 10_000 ** (-(index % half) / half);
    return index < half ? Math.cos(angle) : Math.sin(angle);
  });
}

/** Uniform numbers in [0, 1) from a 32-bit seed. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` standard normal numbers of a seed, the same in every browser and in training. */
export function seededNoise(seed: number, count: number): Float32Array {
  const uniform = mulberry32(seed);
  const noise = new Float32Array(count);
  for (let index = 0; index < count; index += 2) {
    const radius = Math.sqrt(-2 * Math.log(Math.max(uniform(), 2 ** -32)));
    const angle = 2 * Math.PI * uniform();
    noise[index] = radius * Math.cos(angle);
    if (index + 1 < count) noise[index + 1] = radius * Math.sin(angle);
  }
  return noise;
}

/** One step of the sampler between two flow times. Arrays are latents `[channels, height, width]`. */
export interface FlowStep {
  /** Flow times: now and after the step. */
  readonly from: number;
  readonly to: number;
  readonly guidance: number;
}

/** `uncond + w (cond - uncond)`, the predicted clean latent under guidance. */
export function guidedClean(cond: Float32Array, uncond: Float32Array, guidance: number): Float32Array {
  return cond.map((value, index) => (uncond[index] ?? 0) + guidance * (value - (uncond[index] ?? 0)));
}

/** What a step keeps outside a drawn region. `editable` has one byte per latent cell, 1 = may change. */
export interface KeptRegion {
  readonly editable: Uint8Array;
  readonly previous: Float32Array;
  readonly noise: Float32Array;
}

/** `x` at time `step.to`; kept cells follow the straight path from their noise to the earlier frame. */
export function eulerStep(
  x: Float32Array,
  clean: Float32Array,
  step: FlowStep,
  kept?: KeptRegion,
): Float32Array {
  const { from, to } = step;
  const rate = (to - from) / Math.max(1 - from, MIN_REMAINING_TIME);
  return x.map((value, index) => {
    if (kept?.editable[index % kept.editable.length] === 0) {
      return to * (kept.previous[index] ?? 0) + (1 - to) * (kept.noise[index] ?? 0);
    }
    const target = clean[index] ?? 0;
    return to === 1 ? target : value + rate * (target - value);
  });
}
