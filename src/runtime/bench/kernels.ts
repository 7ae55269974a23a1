/** Our kernels against onnxruntime's own operators from q, k, v to attention over a context, on one device. */
import { Tensor } from 'onnxruntime-web/webgpu';

import { encodeAttention, planAttention } from '../../kernels/attention/attention.ts';
import type { AttentionKernel } from '../../kernels/attention/attention.ts';
import { attentionCandidates, chooseAttention } from '../../kernels/attention/chooseAttention.ts';
import { uploadBuffer } from '../../kernels/kernel.ts';
import { createQkNormRope, encodeQkNormRope, planQkNormRope } from '../../kernels/qkNormRope/qkNormRope.ts';
import type { QkNormRopeKernel } from '../../kernels/qkNormRope/qkNormRope.ts';
import { testValues } from '../../kernels/testValues.ts';
import type { Bytes } from '../chunkPlan.ts';
import { kernelFeaturesOf } from '../device.ts';
import type { OpenDevice } from '../device.ts';
import { createStorage, readFloats, uploadFloats } from '../gpuMemory.ts';
import { createGraphs } from '../graphs.ts';
import type { Graphs } from '../graphs.ts';
import type { ReadFile } from '../modelFiles.ts';
import type { Clock } from './timing.ts';
import { median, timeInTurns } from './timing.ts';

/** As in the graphs: each layer takes the attention of the one before it as its q. */
const LAYERS = 4;
const EPSILON = 1e-6;

export interface KernelCase {
  readonly heads: number;
  readonly headDim: number;
  /** Tokens that are computed, and tokens whose keys and values are there. */
  readonly targets: number;
  readonly context: number;
}

/** Milliseconds of one layer, norm, rotation, cache and attention together; medians. */
export interface KernelRow extends KernelCase {
  readonly oursMs: number;
  readonly ortMs: number;
  /** onnxruntime's time over ours: median of the rounds. */
  readonly speedup: number;
  /** Largest difference between both after all layers; values of the context are at most 1 in size. */
  readonly maxError: number;
}

interface Side {
  readonly run: () => Promise<void>;
  readonly output: GPUBuffer;
}

export interface KernelBench {
  measure(shape: KernelCase, rounds: number): Promise<KernelRow>;
  dispose(): Promise<void>;
}

/** `models` are the graphs of fixtures/attention by name. `device` is one of `openDevice`: it shows onnxruntime no subgroups. */
export async function createKernelBench(
  { device, isSoftware }: Pick<OpenDevice, 'device' | 'isSoftware'>,
  models: ReadonlyMap<string, Bytes>,
  now: Clock,
): Promise<KernelBench> {
  const names = [...models.keys()];
  const read: ReadFile = async (name) => {
    const bytes = models.get(name);
    if (bytes === undefined) throw new Error(`There is no graph "${name}".`);
    return bytes;
  };
  const graphs: Graphs = await createGraphs(
    names,
    {
      manifest: { graphs: Object.fromEntries(names.map((name) => [name, name])), weights: [] },
      read,
      again: async (_, withFiles) => withFiles(read),
    },
    device,
  );
  const kernels = new Map<string, readonly [QkNormRopeKernel, AttentionKernel]>();

  /** Chosen as for a model whose frames have so many tokens. */
  async function kernelsFor(shape: KernelCase): Promise<readonly [QkNormRopeKernel, AttentionKernel]> {
    const { heads, headDim, targets, context } = shape;
    const name = `${headDim} ${targets}`;
    const known = kernels.get(name);
    if (known !== undefined) return known;
    const qkNormRope = await createQkNormRope(device, headDim);
    const work = { queries: targets, heads, keys: context + targets };
    const { limits } = device;
    const features = kernelFeaturesOf(device);
    const candidates = attentionCandidates({ limits, features }, headDim, false, work);
    const trial = isSoftware ? undefined : { name, now, memory: undefined };
    const made = [qkNormRope, await chooseAttention(qkNormRope, candidates, work, trial)] as const;
    kernels.set(name, made);
    return made;
  }

  async function measure(shape: KernelCase, rounds: number): Promise<KernelRow> {
    const { heads, headDim, targets, context } = shape;
    const inner = heads * headDim;
    const owned: GPUBuffer[] = [];
    const keep = (buffer: GPUBuffer): GPUBuffer => {
      owned.push(buffer);
      return buffer;
    };
    const upload = (data: Float32Array): GPUBuffer => keep(uploadFloats(device, data, 'bench'));
    const scratch = (floats: number): GPUBuffer => keep(createStorage(device, floats, 'bench'));
    const [q, k, v] = [1, 2, 3].map((seed) => upload(testValues(seed, targets * inner))) as [
      GPUBuffer,
      GPUBuffer,
      GPUBuffer,
    ];
    const weights = testValues(4, 2 * headDim, 0.25).map((value) => value + 0.75);
    const angles = testValues(5, (targets * headDim) / 2, Math.PI);
    const [cos, sin] = [angles.map(Math.cos), angles.map(Math.sin)];
    const pastK = testValues(6, context * inner);
    const pastV = testValues(7, context * inner);

    function ours([qkNormRope, attention]: readonly [QkNormRopeKernel, AttentionKernel]): Side {
      const capacity = context + targets;
      const cache = (past: Float32Array): GPUBuffer => {
        const rows = new Float32Array(capacity * inner);
        const length = context * headDim;
        for (let head = 0; head < heads; head++) {
          rows.set(past.subarray(head * length, (head + 1) * length), head * capacity * headDim);
        }
        return upload(rows);
      };
      const [keyCache, valueCache] = [cache(pastK), cache(pastV)];
      const rope = planQkNormRope(qkNormRope, {
        tokens: targets,
        heads,
        capacity,
        slotOffset: context,
        epsilon: EPSILON,
      });
      const plan = planAttention(attention, {
        queries: targets,
        heads,
        capacity,
        ranges: [{ start: 0, end: capacity }],
      });
      const params = (data: ArrayBuffer): GPUBuffer =>
        keep(uploadBuffer(device, 'bench', data, GPUBufferUsage.UNIFORM));
      const [ropeParams, attentionParams] = [params(rope.params), params(plan.params)];
      const keyLists = keep(uploadBuffer(device, 'bench', plan.keyLists, GPUBufferUsage.STORAGE));
      const [normWeights, rotation] = [upload(weights), upload(Float32Array.from([...cos, ...sin]))];
      const query = scratch(targets * inner);
      const parts = scratch(plan.partBytes / 4);
      const outputs = Array.from({ length: LAYERS }, () => scratch(targets * inner));
      return {
        output: outputs.at(-1) ?? q,
        async run() {
          const encoder = device.createCommandEncoder();
          const pass = encoder.beginComputePass();
          for (const [layer, output] of outputs.entries()) {
            encodeQkNormRope(qkNormRope, pass, rope, {
              params: ropeParams,
              q: outputs[layer - 1] ?? q,
              k,
              v,
              normWeights,
              rotation,
              queryOut: query,
              keyCache,
              valueCache,
            });
            encodeAttention(attention, pass, plan, {
              params: attentionParams,
              keyLists,
              query,
              keyCache,
              valueCache,
              output,
              parts,
            });
          }
          pass.end();
          device.queue.submit([encoder.finish()]);
          await device.queue.onSubmittedWorkDone();
        },
      };
    }

    function theirs(): Side {
      const tensor = (buffer: GPUBuffer, dims: readonly number[]): Tensor =>
        Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims });
      const row = [1, targets, inner];
      const output = scratch(targets * inner);
      const past = { past_k: pastK, past_v: pastV };
      const inputs = {
        q: tensor(q, row),
        k: tensor(k, row),
        v: tensor(v, row),
        cos: tensor(upload(cos), [1, targets, headDim / 2]),
        sin: tensor(upload(sin), [1, targets, headDim / 2]),
        q_weight: tensor(upload(weights.slice(0, headDim)), [headDim]),
        k_weight: tensor(upload(weights.slice(headDim)), [headDim]),
        ...(context > 0 &&
          Object.fromEntries(
            Object.entries(past).map(([name, data]) => [
              name,
              tensor(upload(data), [1, heads, context, headDim]),
            ]),
          )),
      };
      const outputs = { attention: tensor(output, row) };
      const name = `${context > 0 ? 'context' : 'first'}_${heads}x${headDim}`;
      return {
        output,
        async run() {
          await graphs.run(name, inputs, outputs);
          await device.queue.onSubmittedWorkDone();
        },
      };
    }

    try {
      const [our, their] = [ours(await kernelsFor(shape)), theirs()];
      const [oursMs = [], ortMs = []] = await timeInTurns([our.run, their.run], rounds, now);
      const [a, b] = [
        await readFloats(device, our.output, targets * inner),
        await readFloats(device, their.output, targets * inner),
      ];
      return {
        ...shape,
        oursMs: median(oursMs) / LAYERS,
        ortMs: median(ortMs) / LAYERS,
        speedup: median(ortMs.map((ms, round) => ms / (oursMs[round] ?? Number.NaN))),
        maxError: a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (b[i] ?? Number.NaN))), 0),
      };
    } finally {
      for (const buffer of owned) buffer.destroy();
    }
  }

  return { measure, dispose: () => graphs.dispose() };
}
