/** Host side of one sampler step: guidance, Euler, and the cells that a drawn mask keeps. */

import {
  createKernel,
  encodeDispatch,
  ensure,
  isSameBinding,
  requireBytes,
  requireWhole,
  type Binding,
  type Kernel,
} from '../kernel.ts';
import { writeStruct } from '../structLayout.ts';
import wgsl from './samplerStep.wgsl?raw';

export const samplerStepParams = {
  count: 'u32',
  plane: 'u32',
  is_guided: 'u32',
  is_masked: 'u32',
  is_last: 'u32',
  guidance: 'f32',
  step: 'f32',
  signal: 'f32',
} as const;

export const samplerStepBindings = {
  params: 'uniform',
  latent: 'read-only-storage',
  clean_cond: 'read-only-storage',
  clean_uncond: 'read-only-storage',
  mask: 'read-only-storage',
  previous: 'read-only-storage',
  noise: 'read-only-storage',
  output: 'storage',
} as const;

const WORKGROUP_SIZE = 128;
/** Velocities grow without bound near t = 1, so the divisor stops here, as in training. */
const SMALLEST_REMAINING_TIME = 0.05;

/** Both ways to run the step: into another buffer, and in place. */
export interface SamplerStepKernel {
  readonly separate: Kernel<typeof samplerStepBindings>;
  readonly inPlace: Kernel<typeof samplerStepBindings>;
}

export interface SamplerStepShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Flow time of the latent and of the result, 0 <= t < u <= 1. At u = 1 the result is the clean prediction. */
  readonly t: number;
  readonly u: number;
  /** Weight w of `uncond + w (cond - uncond)`; only read when `isGuided`. */
  readonly guidance: number;
  /** Whether `cleanUncond` is bound. */
  readonly isGuided: boolean;
  /** Whether `mask`, `previous` and `noise` are bound. */
  readonly isMasked: boolean;
}

export interface SamplerStepPlan {
  readonly shape: SamplerStepShape;
  /** Content of the uniform buffer `params`. */
  readonly params: ArrayBuffer;
  readonly workgroups: readonly [number, number];
}

/** float32 buffers `[channels, height, width]`. */
export interface SamplerStepBuffers {
  /** `plan.params`. */
  readonly params: Binding;
  /** Latent at time t; to step in place leave it out, or pass the binding of `output` again. */
  readonly latent?: Binding;
  readonly cleanCond: Binding;
  readonly cleanUncond?: Binding;
  readonly kept?: {
    /** `[height, width]`: 0 = kept, anything else may change. */
    readonly mask: Binding;
    readonly previous: Binding;
    /** The noise that the sampler started from. */
    readonly noise: Binding;
  };
  /** Written: latent at time u. */
  readonly output: Binding;
}

/** Compiles the two variants. */
export async function createSamplerStep(device: GPUDevice): Promise<SamplerStepKernel> {
  const create = (entryPoint: string) =>
    createKernel(device, {
      label: 'samplerStep',
      wgsl,
      entryPoint,
      bindings: samplerStepBindings,
      overrides: { WORKGROUP_SIZE },
    });
  const [separate, inPlace] = await Promise.all([create('advance'), create('advance_in_place')]);
  return { separate, inPlace };
}

/** @throws KernelError when the latent is empty or the times are out of order. */
export function checkSamplerStep(shape: SamplerStepShape): void {
  requireWhole('samplerStep: channels', shape.channels, 1);
  requireWhole('samplerStep: height', shape.height, 1);
  requireWhole('samplerStep: width', shape.width, 1);
  const { t, u } = shape;
  ensure(
    0 <= t && t < u && u <= 1,
    () => `samplerStep: times must be 0 <= t < u <= 1, but t is ${t} and u is ${u}.`,
  );
}

/** Pure: checks the shape and lays out the dispatch. */
export function planSamplerStep(shape: SamplerStepShape): SamplerStepPlan {
  checkSamplerStep(shape);
  const { channels, height, width, t, u } = shape;
  const count = channels * height * width;
  const params = writeStruct(samplerStepParams, {
    count,
    plane: height * width,
    // With weight 1 guidance is the identity only up to rounding, so it is left out altogether.
    is_guided: shape.isGuided && shape.guidance !== 1 ? 1 : 0,
    is_masked: shape.isMasked ? 1 : 0,
    is_last: u === 1 ? 1 : 0,
    guidance: shape.guidance,
    step: (u - t) / Math.max(1 - t, SMALLEST_REMAINING_TIME),
    signal: u,
  });
  return { shape, params, workgroups: [Math.ceil(count / WORKGROUP_SIZE), 1] };
}

/** Records the dispatch into `pass`. @throws KernelError when a buffer is missing or too small. */
export function encodeSamplerStep(
  kernel: SamplerStepKernel,
  pass: GPUComputePassEncoder,
  plan: SamplerStepPlan,
  buffers: SamplerStepBuffers,
): void {
  const { channels, height, width, isGuided, isMasked } = plan.shape;
  const { params, latent, cleanCond, cleanUncond, kept, output } = buffers;
  ensure(
    isGuided === (cleanUncond !== undefined),
    () =>
      `samplerStep: the plan says isGuided = ${isGuided}, so "cleanUncond" must ${isGuided ? '' : 'not '}be bound.`,
  );
  ensure(
    isMasked === (kept !== undefined),
    () =>
      `samplerStep: the plan says isMasked = ${isMasked}, so "kept" must ${isMasked ? '' : 'not '}be bound.`,
  );
  const isInPlace = latent === undefined || isSameBinding(latent, output);
  // The layout wants a buffer everywhere; a binding that this step does not read gets the prediction.
  const bound = {
    params,
    latent: isInPlace ? cleanCond : latent,
    clean_cond: cleanCond,
    clean_uncond: cleanUncond ?? cleanCond,
    mask: kept?.mask ?? cleanCond,
    previous: kept?.previous ?? cleanCond,
    noise: kept?.noise ?? cleanCond,
    output,
  };
  for (const [name, binding] of Object.entries(bound)) {
    const count = name === 'mask' ? height * width : channels * height * width;
    requireBytes('samplerStep', name, binding, name === 'params' ? plan.params.byteLength : count * 4);
  }
  encodeDispatch(isInPlace ? kernel.inPlace : kernel.separate, pass, bound, plan.workgroups);
}
