/** Our kernels with the buffers they need, planned once per chunk of tokens and used in every layer and step. */
import { encodeAttention, planAttention } from '../kernels/attention/attention.ts';
import type { AttentionKernel, AttentionPlan, KeyRanges } from '../kernels/attention/attention.ts';
import { attentionCandidates, chooseAttention } from '../kernels/attention/chooseAttention.ts';
import type { Trial } from '../kernels/attention/chooseAttention.ts';
import { createComposite } from '../kernels/composite/composite.ts';
import type { CompositeKernel } from '../kernels/composite/composite.ts';
import { uploadBuffer } from '../kernels/kernel.ts';
import { createQkNormRope, encodeQkNormRope, planQkNormRope } from '../kernels/qkNormRope/qkNormRope.ts';
import { createSamplerStep, encodeSamplerStep, planSamplerStep } from '../kernels/samplerStep/samplerStep.ts';
import type { SamplerStepPlan } from '../kernels/samplerStep/samplerStep.ts';
import type { Bytes } from './chunkPlan.ts';
import type { LayerCache } from './contextCache.ts';
import { sizeOf } from './contextTree.ts';
import type { SlotRange } from './contextTree.ts';
import type { ModelManifest } from './contract.ts';
import { kernelFeaturesOf } from './device.ts';
import { failure } from './failures.ts';
import { timeFeatures } from './flow.ts';
import type { FlowStep } from './flow.ts';
import type { Frame } from './frames.ts';
import { createStorage, uploadTogether } from './gpuMemory.ts';
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
  /** Puts the time features of a sampler step at the beginning of `target`. */
  copyFeatures(encoder: GPUCommandEncoder, step: number, target: GPUBuffer): void;
  /** A sampler step: the latent at its end, and the guided prediction of the clean one. */
  encodeStep(pass: GPUComputePassEncoder, step: number, buffers: StepBuffers): void;
  release(): void;
}

/** Buffers of latents. */
interface StepBuffers {
  readonly x: GPUBuffer;
  readonly cond: GPUBuffer;
  readonly uncond: GPUBuffer | undefined;
  readonly previous: GPUBuffer;
  readonly noise: GPUBuffer;
  /** Written. */
  readonly next: GPUBuffer;
  readonly clean: GPUBuffer;
}

export interface ChunkPlan {
  readonly own: SlotRange;
  readonly capacity: number;
  readonly tables: RotationTables;
  /** The slots that the queries may see, one entry per way to call `encodeLayer`. */
  readonly branches: readonly KeyRanges[];
  /** Of a chunk that is denoised. */
  readonly denoising?: {
    readonly frame: Frame;
    readonly steps: readonly FlowStep[];
    readonly editable: Uint8Array | undefined;
  };
}

export interface LayerKernels {
  /** All that a chunk needs of the host is uploaded here, at once. */
  planChunk(plan: ChunkPlan): Chunk;
  /** Makes pictures to show of decoded ones. */
  readonly composite: CompositeKernel;
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
  const [qkNormRope, attention, samplerStep, composite] = await proveKernels(device, manifest, options);
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
    composite,

    planChunk({ own, capacity, tables, branches, denoising }) {
      const tokens = sizeOf(own);
      const ropePlan = planQkNormRope(qkNormRope, {
        tokens,
        heads,
        capacity,
        slotOffset: own.start,
        epsilon: normEps,
      });
      const attentions = branches.map((ranges) =>
        planAttention(attention, { queries: tokens, heads, capacity, ranges }),
      );
      const steps = denoising === undefined ? [] : planSteps(denoising, branches.length > 1);
      const { buffer, bindings } = uploadTogether(
        device,
        [
          Float32Array.from([...tables.cos, ...tables.sin]),
          ropePlan.params,
          ...attentions.flatMap(({ params, keyLists }) => [params, keyLists]),
          Float32Array.from(denoising?.editable ?? []),
          ...steps.flatMap(({ from, next, clean }) => [
            timeFeatures(from, architecture.timeFeatures) as Float32Array<ArrayBuffer>,
            next.params,
            clean.params,
          ]),
        ],
        'chunk',
      );
      const bound = (index: number): GPUBufferBinding & { readonly offset: number } => {
        const binding = bindings[index];
        if (binding === undefined) throw new Error(`The chunk has no upload ${index}.`);
        return binding;
      };
      const [maskAt, firstStepAt] = [2 + 2 * attentions.length, 3 + 2 * attentions.length];
      const partBytes = attentions.reduce((most, plan) => Math.max(most, plan.partBytes), 0);
      const parts = createStorage(device, partBytes / 4, 'parts of attention');
      return {
        encodeLayer(pass, layer, branch, { q, k, v, cache, query, attention: output }) {
          const weights = normWeights[layer];
          if (weights === undefined) throw new Error(`The model has no layer ${layer}.`);
          const caches = { keyCache: cache.k, valueCache: cache.v };
          encodeQkNormRope(qkNormRope, pass, ropePlan, {
            params: bound(1),
            q,
            k,
            v,
            normWeights: weights,
            rotation: bound(0),
            queryOut: query,
            ...caches,
          });
          if (branch === undefined) return;
          const plan: AttentionPlan | undefined = attentions[branch];
          if (plan === undefined) throw new Error(`The chunk has no branch ${branch}.`);
          const [params, keyLists] = [bound(2 + 2 * branch), bound(3 + 2 * branch)];
          encodeAttention(attention, pass, plan, { params, keyLists, query, ...caches, output, parts });
        },

        copyFeatures(encoder, step, target) {
          const { offset } = bound(firstStepAt + 3 * step);
          encoder.copyBufferToBuffer(buffer, offset, target, 0, architecture.timeFeatures * 4);
        },

        encodeStep(pass, step, { x, cond, uncond, previous, noise, next, clean }) {
          const planned = steps[step];
          if (planned === undefined) throw new Error(`The chunk has no step ${step}.`);
          const inputs = {
            latent: x,
            cleanCond: cond,
            ...(uncond !== undefined && { cleanUncond: uncond }),
            ...(denoising?.editable !== undefined && { kept: { mask: bound(maskAt), previous, noise } }),
          };
          const at = firstStepAt + 3 * step;
          encodeSamplerStep(samplerStep, pass, planned.next, {
            ...inputs,
            params: bound(at + 1),
            output: next,
          });
          encodeSamplerStep(samplerStep, pass, planned.clean, {
            ...inputs,
            params: bound(at + 2),
            output: clean,
          });
        },

        release() {
          buffer.destroy();
          parts.destroy();
        },
      };
    },

    dispose() {
      for (const buffer of normWeights) buffer.destroy();
    },
  };
}

interface StepPlans {
  readonly from: number;
  readonly next: SamplerStepPlan;
  readonly clean: SamplerStepPlan;
}

/** Each step twice: to where it ends, and to 1, which is the guided prediction of the clean latent. */
function planSteps(
  { frame, steps, editable }: NonNullable<ChunkPlan['denoising']>,
  hasUnguided: boolean,
): readonly StepPlans[] {
  return steps.map(({ from, to, guidance }) => {
    const planTo = (u: number): SamplerStepPlan =>
      planSamplerStep({
        channels: frame.latentChannels,
        height: frame.height / frame.latentDownsample,
        width: frame.width / frame.latentDownsample,
        t: from,
        u,
        guidance,
        isGuided: hasUnguided && guidance !== 1,
        isMasked: editable !== undefined,
      });
    return { from, next: planTo(to), clean: planTo(1) };
  });
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
    CompositeKernel,
  ]
> {
  const { headDim, heads } = architecture;
  const work = { queries: frame.tokens, heads, keys: (USUAL_TURNS + 1) * frame.tokens };
  const { limits } = device;
  const candidates = attentionCandidates(
    { limits, features: kernelFeaturesOf(device) },
    headDim,
    isHalf,
    work,
  );
  try {
    // One after the other, because each compilation opens an error scope on the device.
    const qkNormRope = await createQkNormRope(device, headDim, isHalf);
    const attention = await chooseAttention(qkNormRope, candidates, work, trial);
    return [qkNormRope, attention, await createSamplerStep(device), await createComposite(device)];
  } catch (error) {
    throw failure('kernels-wrong', {}, String(error));
  }
}
