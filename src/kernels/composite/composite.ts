/** Host side of what makes a shown picture of a decoded one: bytes, and the earlier picture where nothing was edited. */

import {
  createKernel,
  encodeDispatch,
  ensure,
  requireBytes,
  requireWhole,
  type Binding,
  type Kernel,
} from '../kernel.ts';
import { writeStruct } from '../structLayout.ts';
import wgsl from './composite.wgsl?raw';

export const compositeParams = {
  width: 'u32',
  height: 'u32',
  is_pasting: 'u32',
  is_masked: 'u32',
  kept_below: 'f32',
  slope: 'f32',
} as const;

export const compositeBindings = {
  params: 'uniform',
  planar: 'read-only-storage',
  unedited: 'read-only-storage',
  earlier: 'read-only-storage',
  mask: 'read-only-storage',
  made: 'storage',
  ramp: 'storage',
  spread: 'storage',
  output: 'storage',
} as const;

const WORKGROUP_SIZE = 64;
/** Pixels whose differences are averaged. */
const AVERAGED = 25;

type Dispatch = Kernel<typeof compositeBindings>;

export interface CompositeKernel {
  readonly makeBytes: Dispatch;
  readonly weigh: Dispatch;
  readonly reachOut: Dispatch;
  readonly paste: Dispatch;
}

export interface CompositeShape {
  readonly width: number;
  readonly height: number;
  /** Mean differences of bytes below which a pixel stays and from which it is new; absent when all of the picture is new. */
  readonly limits: { readonly keptBelow: number; readonly takenFrom: number } | undefined;
  /** Whether a region bounds the new picture. */
  readonly isMasked: boolean;
}

export interface CompositePlan {
  readonly shape: CompositeShape;
  /** Content of the uniform buffer `params`. */
  readonly params: ArrayBuffer;
  readonly workgroups: readonly [number, number];
}

/** Pictures are RGBA bytes, `[height, width]` words. */
export interface CompositeBuffers {
  /** `plan.params`. */
  readonly params: Binding;
  /** float32 `[3, height, width]` in -1..1. */
  readonly planar: Binding;
  /** Decoded latent of the picture before; needed with limits. */
  readonly unedited?: Binding;
  /** The picture before; needed with limits or a mask. */
  readonly earlier?: Binding;
  /** One byte per pixel, 255 = new; needed when the shape says so. */
  readonly mask?: Binding;
  /** Written: the decoded picture as bytes, with alpha 0 where it was not a number. */
  readonly made: Binding;
  /** Scratch, float32 `[height, width]`. */
  readonly ramp: Binding;
  readonly spread: Binding;
  /** Written: the picture to show, with the alpha of `made`. */
  readonly output: Binding;
}

/** Compiles the four dispatches. */
export async function createComposite(device: GPUDevice): Promise<CompositeKernel> {
  const create = (entryPoint: string): Promise<Dispatch> =>
    createKernel(device, {
      label: 'composite',
      wgsl,
      entryPoint,
      bindings: compositeBindings,
      overrides: { WORKGROUP_SIZE },
    });
  const [makeBytes, weigh, reachOut, paste] = await Promise.all([
    create('make_bytes'),
    create('weigh'),
    create('reach_out'),
    create('paste'),
  ]);
  return { makeBytes, weigh, reachOut, paste };
}

/** Pure: checks the shape and lays out the dispatches. @throws KernelError */
export function planComposite(shape: CompositeShape): CompositePlan {
  const { width, height, limits, isMasked } = shape;
  requireWhole('composite: width', width, 1);
  requireWhole('composite: height', height, 1);
  const { keptBelow, takenFrom } = limits ?? { keptBelow: 0, takenFrom: 1 };
  ensure(
    0 <= keptBelow && keptBelow < takenFrom,
    () => `composite: limits must be 0 <= keptBelow < takenFrom, but are ${keptBelow} and ${takenFrom}.`,
  );
  const params = writeStruct(compositeParams, {
    width,
    height,
    is_pasting: limits === undefined ? 0 : 1,
    is_masked: isMasked ? 1 : 0,
    kept_below: AVERAGED * keptBelow,
    slope: 1 / (AVERAGED * (takenFrom - keptBelow)),
  });
  return { shape, params, workgroups: [Math.ceil((width * height) / WORKGROUP_SIZE), 1] };
}

/** Records the dispatches into `pass`. @throws KernelError when a buffer is missing or too small. */
export function encodeComposite(
  kernel: CompositeKernel,
  pass: GPUComputePassEncoder,
  { shape, params: planned, workgroups }: CompositePlan,
  buffers: CompositeBuffers,
): void {
  const { width, height, limits, isMasked } = shape;
  const area = width * height;
  const needed = {
    params: planned.byteLength,
    planar: 12 * area,
    ...(limits !== undefined && { unedited: 4 * area }),
    ...((limits !== undefined || isMasked) && { earlier: 4 * area }),
    ...(isMasked && { mask: area }),
    made: 4 * area,
    ramp: 4 * area,
    spread: 4 * area,
    output: 4 * area,
  };
  for (const [name, bytes] of Object.entries(needed)) {
    const binding = buffers[name as keyof CompositeBuffers];
    ensure(binding !== undefined, () => `composite: "${name}" must be bound.`);
    requireBytes('composite', name, binding, bytes);
  }
  const { planar, unedited = planar, earlier = planar, mask = planar, ...others } = buffers;
  // The layout wants a buffer everywhere; what is not read gets the picture.
  const bound = { ...others, planar, unedited, earlier, mask };
  const { makeBytes, weigh, reachOut, paste } = kernel;
  const steps = limits === undefined ? [makeBytes, paste] : [makeBytes, weigh, reachOut, paste];
  for (const step of steps) encodeDispatch(step, pass, bound, workgroups);
}
