/** The model on the CPU: the monolithic graphs, with keys and values of the context as plain arrays. */
import { Tensor } from 'onnxruntime-web/webgpu';

import type { ModelManifest } from './contract.ts';
import { eulerStep, guidedClean, timeFeatures } from './flow.ts';
import type { FlowStep } from './flow.ts';
import type { Graphs, Tensors } from './graphs.ts';
import type { Checkpoint, Denoiser, Model, Target } from './model.ts';
import { rotationTables, segmentPositions } from './packing.ts';
import type { PlacedSegment } from './packing.ts';

export const WASM_GRAPHS = ['t5', 'vae_encoder', 'vae_decoder', 'dit_text', 'dit_vision'] as const;

/** Keys and values `[layers, heads, tokens, headDim]` of some neighbouring tokens. */
interface Chunk {
  readonly start: number;
  readonly tokens: number;
  readonly k: Float32Array;
  readonly v: Float32Array;
}

export function createWasmModel(
  manifest: ModelManifest,
  graphs: Graphs,
  padId: number,
  backendDetail: string,
): Model<Float32Array> {
  const { architecture, frame } = manifest;
  const { layers, heads, headDim } = architecture;
  const latentDims = [
    1,
    frame.latentChannels,
    frame.height / frame.latentDownsample,
    frame.width / frame.latentDownsample,
  ];
  const imageDims = [1, 3, frame.height, frame.width];
  const blank = new Float32Array(latentDims.reduce((product, size) => product * size));
  let chunks: readonly Chunk[] = [];

  const floats = (data: Float32Array, dims: readonly number[]): Tensor => new Tensor('float32', data, dims);

  const read = (outputs: Tensors, name: string): Float32Array => {
    const data = outputs[name]?.data;
    if (!(data instanceof Float32Array)) throw new Error(`The graph gave no "${name}".`);
    return data;
  };

  const rotation = (segment: PlacedSegment): Tensors => {
    const tables = rotationTables(
      segmentPositions(segment, frame),
      architecture.axisDims,
      architecture.ropeTheta,
    );
    const dims = [segment.tokens, headDim / 2];
    return { cos: floats(tables.cos, dims), sin: floats(tables.sin, dims) };
  };

  const features = (time: number): Tensor =>
    floats(timeFeatures(time, architecture.timeFeatures), [1, architecture.timeFeatures]);

  const past = (seen: readonly Chunk[]): Tensors => {
    const tokens = seen.reduce((sum, chunk) => sum + chunk.tokens, 0);
    const join = (part: 'k' | 'v'): Tensor =>
      floats(
        joinRows(
          seen.map((chunk) => ({ data: chunk[part], row: chunk.tokens * headDim })),
          layers * heads,
        ),
        [layers, heads, tokens, headDim],
      );
    return { past_k: join('k'), past_v: join('v') };
  };

  const keep = (segment: PlacedSegment, outputs: Tensors): void => {
    // Copies, because onnxruntime hands out views of memory that it uses again.
    const k = read(outputs, 'k').slice();
    const v = read(outputs, 'v').slice();
    chunks = [...chunks, { start: segment.start, tokens: segment.tokens, k, v }];
  };

  return {
    backend: 'wasm',
    backendDetail,
    upload: (latent) => latent,
    download: async (latent) => latent,
    release: () => undefined,
    assertUsable: async () => undefined,
    dispose: () => graphs.dispose(),

    async encode(planar) {
      return read(await graphs.run('vae_encoder', { image: floats(planar, imageDims) }), 'latent').slice();
    },

    async decode(latent) {
      return read(await graphs.run('vae_decoder', { latent: floats(latent, latentDims) }), 'image').slice();
    },

    async prefillText(ids, segment, checkpoint) {
      const { maxTextTokens, textWidth } = architecture;
      const padded = new Int32Array(maxTextTokens).fill(padId);
      padded.set(ids);
      await checkpoint();
      const encoded = await graphs.run('t5', {
        input_ids: new Tensor('int32', padded, [maxTextTokens]),
        attention_mask: floats(
          Float32Array.from(padded, (_, index) => (index < ids.length ? 1 : 0)),
          [maxTextTokens],
        ),
      });
      const states = read(encoded, 'text_states').slice(0, ids.length * textWidth);
      chunks = chunks.filter((chunk) => chunk.start < segment.start);
      await checkpoint();
      const outputs = await graphs.run('dit_text', {
        text_states: floats(states, [ids.length, textWidth]),
        time_features: features(1),
        ...rotation(segment),
        ...past(chunks),
      });
      keep(segment, outputs);
    },

    async prefillVision(latent, segment, checkpoint) {
      chunks = chunks.filter((chunk) => chunk.start < segment.start);
      await checkpoint();
      const outputs = await graphs.run('dit_vision', {
        latent: floats(latent, latentDims),
        previous: floats(blank, latentDims),
        time_features: features(1),
        ...rotation(segment),
        ...past(chunks),
      });
      keep(segment, outputs);
    },

    async startDenoising(target) {
      return startWasmDenoising(target);
    },
  };

  function startWasmDenoising(target: Target<Float32Array>): Denoiser<Float32Array> {
    const { segment, instruction, previous, noise, editable } = target;
    const context = chunks.filter((chunk) => chunk.start < segment.start);
    const common = { previous: floats(previous, latentDims), ...rotation(segment) };
    const withInstruction = past(context);
    const withoutInstruction =
      instruction &&
      past(context.filter(({ start }) => start < instruction.start || start >= instruction.end));
    const predict = async (x: Float32Array, time: number, seen: Tensors): Promise<Float32Array> => {
      const inputs = { latent: floats(x, latentDims), time_features: features(time), ...common, ...seen };
      return read(await graphs.run('dit_vision', inputs), 'clean').slice();
    };
    return {
      release: () => undefined,
      async step(x: Float32Array, step: FlowStep, checkpoint: Checkpoint) {
        await checkpoint();
        let clean = await predict(x, step.from, withInstruction);
        if (step.guidance !== 1 && withoutInstruction !== undefined) {
          await checkpoint();
          clean = guidedClean(clean, await predict(x, step.from, withoutInstruction), step.guidance);
        }
        const next = eulerStep(x, clean, step, editable && { editable, previous, noise });
        return { next, clean };
      },
    };
  }
}

/** Joins arrays of `rows` rows side by side: row r of the result is row r of each part, one after another. */
function joinRows(
  parts: readonly { readonly data: Float32Array; readonly row: number }[],
  rows: number,
): Float32Array {
  const width = parts.reduce((sum, part) => sum + part.row, 0);
  const joined = new Float32Array(width * rows);
  for (let row = 0; row < rows; row++) {
    let at = row * width;
    for (const part of parts) {
      joined.set(part.data.subarray(row * part.row, (row + 1) * part.row), at);
      at += part.row;
    }
  }
  return joined;
}
