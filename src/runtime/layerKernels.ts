/** Our kernels with the buffers they need, planned once per chunk of tokens and used in every layer and step. */
import { encodeAttention, planAttention } from '../kernels/attention/attention.ts';
import type { AttentionKernel, AttentionPlan, KeyRanges } from '../kernels/attention/attention.ts';
import { attentionCandidates, chooseAttention } from '../kernels/attention/chooseAttention.ts';
import type { Trial } from '../kernels/attention/chooseAttention.ts';
import { uploadBuffer } from '../kernels/kernel.ts';
import { createQkNormRope, encodeQkNormRope, planQkNormRope } from '../kernels/qkNormRope/qkNormRope.ts';
import { createSamplerStep, encodeSamplerStep, planSamplerStep } from '../kernels/samplerStep/samplerStep.ts';
import type { Bytes } from './chunkPlan.ts';
import type { LayerCache } from './contextCache.ts';
import { sizeOf } from './contextTree.ts';
import type { SlotRange } from './contextTree.ts';
import type { ModelManifest } from './contract.ts';
import { failure } from './failures.ts';
import type { FlowStep } from './flow.ts';
import type { Frame } from './frames.ts';
import { createStorage } from './gpuMemory.ts';
import type { RotationTables } from './packing.ts';

interface LayerBuffers {
  /** `[n, heads * headDim]`, as a graph segment leaves them. */
  readonly q: GPUBuffer;
  readonly k: GPUBuffer;
  readonly v: GPUBuffer;
  readonly cache: LayerCache;
  /** Scratch `[heads, n, headDim]`. */
  readonly query: GPUBuffer;
  /** Written: `[n, heads * headDim]`. */
  readonly attention: GPUBuffer;
}

/** A chunk of tokens at its place in the cache. */
export interface Chunk {
  /** Norm, rotation and cache write of a layer; then its attention over branch `branch`, if one is named. */
  encodeLayer(
    pass: GPUComputePassEncoder,
    layer: number,
    branch: number | undefined,
    buffers: LayerBuffers,
  ): void;
  release(): void;
}

interface StepBuffers {
  readonly x: GPUBuffer;
  readonly cond: GPUBuffer;
  readonly uncond: GPUBuffer | undefined;
  readonly kept:
    | { readonly mask: GPUBuffer; readonly previous: GPUBuffer; readonly noise: GPUBuffer }
    | undefined;
  readonly output: GPUBuffer;
}

export interface LayerKernels {
  /** `branches` are the slots that the queries may see, one entry per way to call `encodeLayer`. */
  planChunk(own: SlotRange, capacity: number, tables: RotationTables, branches: readonly KeyRanges[]): Chunk;
  /** Submits one sampler step; `step.to` = 1 gives the guided prediction of the clean latent. */
  submitStep(frame: Frame, step: FlowStep, buffers: StepBuffers): void;
  dispose(): void;
}

export interface KernelOptions {
  readonly isHalf: boolean;
  /** Absent where a trial between builds is not worth its time. */
  readonly trial: Trial | undefined;
}

/** Turns of the session for which the fastest kernel is chosen. */
const USUAL_TURNS = 4;

/** Throws as `proveKernels` does, and 'integrity' when the weights do not fit. */
export async function createLayerKernels(
  device: GPUDevice,
  manifest: ModelManifest,
  qkNorm: Bytes,
  options: KernelOptions,
): Promise<LayerKernels> {
  const { architecture } = manifest;
  const { headDim, heads, layers, normEps } = architecture;
  const [qkNormRope, attention, samplerStep] = await proveKernels(device, manifest, options);
  const normBytes = 2 * headDim * 4;
  if (qkNorm.length !== layers * normBytes) {
    throw failure('qk-norm-length', { bytes: qkNorm.length, expected: layers * normBytes });
  }
  const normWeights = Array.from({ length: layers }, (_, layer) =>
    uploadBuffer(
      device,
      'qk norm',
      qkNorm.slice(layer * normBytes, (layer + 1) * normBytes),
      GPUBufferUsage.STORAGE,
    ),
  );

  return {
    planChunk(own, capacity, tables, branches) {
      const tokens = sizeOf(own);
      const owned: GPUBuffer[] = [];
      const upload = (data: ArrayBuffer | ArrayBufferView<ArrayBuffer>, usage: number): GPUBuffer => {
        const buffer = uploadBuffer(device, 'chunk', data, usage);
        owned.push(buffer);
        return buffer;
      };
      const rotation = upload(Float32Array.from([...tables.cos, ...tables.sin]), GPUBufferUsage.STORAGE);
      const ropePlan = planQkNormRope(qkNormRope, {
        tokens,
        heads,
        capacity,
        slotOffset: own.start,
        epsilon: normEps,
      });
      const ropeParams = upload(ropePlan.params, GPUBufferUsage.UNIFORM);
      const planned = branches.map((ranges) => {
        const plan: AttentionPlan = planAttention(attention, { queries: tokens, heads, capacity, ranges });
        return {
          plan,
          params: upload(plan.params, GPUBufferUsage.UNIFORM),
          keyLists: upload(plan.keyLists, GPUBufferUsage.STORAGE),
        };
      });
      const partBytes = planned.reduce((most, { plan }) => Math.max(most, plan.partBytes), 0);
      const parts = createStorage(device, partBytes / 4, 'parts of attention');
      owned.push(parts);
      return {
        encodeLayer(pass, layer, branch, { q, k, v, cache, query, attention: output }) {
          const weights = normWeights[layer];
          if (weights === undefined) throw new Error(`The model has no layer ${layer}.`);
          const caches = { keyCache: cache.k, valueCache: cache.v };
          encodeQkNormRope(qkNormRope, pass, ropePlan, {
            params: ropeParams,
            q,
            k,
            v,
            normWeights: weights,
            rotation,
            queryOut: query,
            ...caches,
          });
          if (branch === undefined) return;
          const chosen = planned[branch];
          if (chosen === undefined) throw new Error(`The chunk has no branch ${branch}.`);
          const { plan, params, keyLists } = chosen;
          encodeAttention(attention, pass, plan, { params, keyLists, query, ...caches, output, parts });
        },
        release() {
          for (const buffer of owned) buffer.destroy();
        },
      };
    },

    submitStep(frame, { from, to, guidance }, { x, cond, uncond, kept, output }) {
      const plan = planSamplerStep({
        channels: frame.latentChannels,
        height: frame.height / frame.latentDownsample,
        width: frame.width / frame.latentDownsample,
        t: from,
        u: to,
        guidance,
        isGuided: uncond !== undefined,
        isMasked: kept !== undefined,
      });
      const params = uploadBuffer(device, 'sampler step', plan.params, GPUBufferUsage.UNIFORM);
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      encodeSamplerStep(samplerStep, pass, plan, {
        params,
        latent: x,
        cleanCond: cond,
        output,
        ...(uncond === undefined ? {} : { cleanUncond: uncond }),
        ...(kept === undefined ? {} : { kept }),
      });
      pass.end();
      device.queue.submit([encoder.finish()]);
      params.destroy();
    },

    dispose() {
      for (const buffer of normWeights) buffer.destroy();
    },
  };
}

/** Compiles the kernels and proves them. Throws 'unsupported' when they do not compute what they should here. */
export async function proveKernels(
  device: GPUDevice,
  { architecture, frame }: ModelManifest,
  { isHalf, trial }: KernelOptions,
): Promise<
  [
    Awaited<ReturnType<typeof createQkNormRope>>,
    AttentionKernel,
    Awaited<ReturnType<typeof createSamplerStep>>,
  ]
> {
  const { headDim, heads } = architecture;
  const work = { queries: frame.tokens, heads, keys: (USUAL_TURNS + 1) * frame.tokens };
  const candidates = attentionCandidates(device, headDim, isHalf, work);
  try {
    // One after the other, because each compilation opens an error scope on the device.
    const qkNormRope = await createQkNormRope(device, headDim, isHalf);
    const attention = await chooseAttention(qkNormRope, candidates, work, trial);
    return [qkNormRope, attention, await createSamplerStep(device)];
  } catch (error) {
    throw failure('kernels-wrong', {}, String(error));
  }
}
