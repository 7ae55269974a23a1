/** Host side of the kernel that normalises and rotates q and k and writes k and v into the cache. */

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
import wgsl from './qkNormRope.wgsl?raw';

export const qkNormRopeParams = {
  tokens: 'u32',
  heads: 'u32',
  capacity: 'u32',
  slot_offset: 'u32',
  epsilon: 'f32',
  query_scale: 'f32',
} as const;

export const qkNormRopeBindings = {
  params: 'uniform',
  q: 'read-only-storage',
  k: 'read-only-storage',
  v: 'read-only-storage',
  norm_weights: 'read-only-storage',
  rotation: 'read-only-storage',
  query_out: 'storage',
  key_cache: 'storage',
  value_cache: 'storage',
} as const;

export interface QkNormRopeKernel extends Kernel<typeof qkNormRopeBindings> {
  readonly headDim: number;
  readonly isHalf: boolean;
  readonly tokensPerWorkgroup: number;
}

export interface QkNormRopeShape {
  /** Tokens of the chunk, n. */
  readonly tokens: number;
  readonly heads: number;
  /** Slots per head in the cache. */
  readonly capacity: number;
  /** Slot of the chunk's first token. */
  readonly slotOffset: number;
  /** Added to the mean square before the root. */
  readonly epsilon: number;
}

export interface QkNormRopePlan {
  readonly shape: QkNormRopeShape;
  /** Content of the uniform buffer `params`. */
  readonly params: ArrayBuffer;
  readonly workgroups: readonly [number, number];
}

/** float32 buffers (the caches of a half kernel are pairs of 16-bit floats), H = heads, D = headDim, n = tokens. */
export interface QkNormRopeBuffers {
  /** `plan.params`. */
  readonly params: Binding;
  /** `[n, H*D]`, as a graph segment wrote them. */
  readonly q: Binding;
  readonly k: Binding;
  readonly v: Binding;
  /** `[2, D]`: weight of the q norm, then of the k norm. */
  readonly normWeights: Binding;
  /** `[2, n, D/2]`: cosines, then sines, of the angle of each pair (2i, 2i+1). */
  readonly rotation: Binding;
  /** Written: `[H, n, D]`, also times log2(e)/sqrt(D). */
  readonly queryOut: Binding;
  /** Written at slots `slotOffset ..< slotOffset + n` of `[H, capacity, D]`. */
  readonly keyCache: Binding;
  readonly valueCache: Binding;
}

/** Compiles the kernel for one head dimension, a power of two from 8 to 256, and one precision of the cache. */
export async function createQkNormRope(
  device: GPUDevice,
  headDim: number,
  isHalf = false,
): Promise<QkNormRopeKernel> {
  requireWhole('qkNormRope: headDim', headDim, 8, 256);
  ensure(
    Number.isInteger(Math.log2(headDim)),
    () => `qkNormRope: headDim must be a power of two, but is ${headDim}.`,
  );
  const tokensPerWorkgroup = 256 / headDim;
  const kernel = await createKernel(device, {
    label: 'qkNormRope',
    wgsl,
    entryPoint: 'normalise_and_rotate',
    bindings: qkNormRopeBindings,
    overrides: { HEAD_VECS: headDim / 4, TOKENS_PER_WORKGROUP: tokensPerWorkgroup, IS_HALF: Number(isHalf) },
  });
  return { ...kernel, headDim, isHalf, tokensPerWorkgroup };
}

/** @throws KernelError when the chunk is empty or does not fit into the cache. */
export function checkQkNormRope(shape: QkNormRopeShape): void {
  requireWhole('qkNormRope: tokens', shape.tokens, 1);
  requireWhole('qkNormRope: heads', shape.heads, 1);
  requireWhole('qkNormRope: capacity', shape.capacity, 1);
  requireWhole('qkNormRope: slotOffset', shape.slotOffset, 0);
  ensure(
    shape.slotOffset + shape.tokens <= shape.capacity,
    () =>
      `qkNormRope: ${shape.tokens} tokens at slot ${shape.slotOffset} do not fit into a cache of ${shape.capacity} slots; make the cache larger.`,
  );
  ensure(shape.epsilon >= 0, () => `qkNormRope: epsilon must not be negative, but is ${shape.epsilon}.`);
}

/** Pure: checks the shape and lays out the dispatch. */
export function planQkNormRope(kernel: QkNormRopeKernel, shape: QkNormRopeShape): QkNormRopePlan {
  checkQkNormRope(shape);
  const params = writeStruct(qkNormRopeParams, {
    tokens: shape.tokens,
    heads: shape.heads,
    capacity: shape.capacity,
    slot_offset: shape.slotOffset,
    epsilon: shape.epsilon,
    query_scale: Math.LOG2E / Math.sqrt(kernel.headDim),
  });
  return { shape, params, workgroups: [Math.ceil(shape.tokens / kernel.tokensPerWorkgroup), shape.heads] };
}

/** Records the dispatch into `pass`. @throws KernelError when a buffer is too small. */
export function encodeQkNormRope(
  kernel: QkNormRopeKernel,
  pass: GPUComputePassEncoder,
  plan: QkNormRopePlan,
  buffers: QkNormRopeBuffers,
): void {
  const { tokens, heads, capacity } = plan.shape;
  const { headDim, isHalf, label } = kernel;
  const chunkBytes = tokens * heads * headDim * 4;
  const cacheBytes = heads * capacity * headDim * (isHalf ? 2 : 4);
  requireBytes(label, 'params', buffers.params, plan.params.byteLength);
  for (const name of ['q', 'k', 'v', 'queryOut'] as const)
    requireBytes(label, name, buffers[name], chunkBytes);
  for (const name of ['keyCache', 'valueCache'] as const)
    requireBytes(label, name, buffers[name], cacheBytes);
  requireBytes(label, 'normWeights', buffers.normWeights, 2 * headDim * 4);
  requireBytes(label, 'rotation', buffers.rotation, tokens * headDim * 4);
  encodeDispatch(
    kernel,
    pass,
    {
      params: buffers.params,
      q: buffers.q,
      k: buffers.k,
      v: buffers.v,
      norm_weights: buffers.normWeights,
      rotation: buffers.rotation,
      query_out: buffers.queryOut,
      key_cache: buffers.keyCache,
      value_cache: buffers.valueCache,
    },
    plan.workgroups,
  );
}
