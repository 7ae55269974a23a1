/** The model on the CPU: the monolithic graphs, with keys and values of the context as plain arrays. */
import { Tensor } from 'onnxruntime-web/webgpu';

import { bytesPerToken, cacheShape, tokenBudget } from './contextCache.ts';
import { sizeOf } from './contextTree.ts';
import type { SlotRange } from './contextTree.ts';
import type { EngineOptions, ModelManifest } from './contract.ts';
import { eulerStep, guidedClean, timeFeatures } from './flow.ts';
import { graphOf, latentDimsOf } from './frames.ts';
import type { Frame } from './frames.ts';
import type { Graphs, Tensors } from './graphs.ts';
import { DEFAULT_CACHE_BYTES } from './model.ts';
import type { FrameModel, Model } from './model.ts';
import { segmentRotation } from './packing.ts';
import type { PlacedSegment } from './packing.ts';
import { createPainter } from './painting.ts';
import { inTiles, tilingOf } from './tiles.ts';

/** Keys and values `[layers, heads, tokens, headDim]` of one segment. */
interface Chunk {
  readonly slots: SlotRange;
  readonly k: Float32Array;
  readonly v: Float32Array;
}

export function createWasmModel(
  manifest: ModelManifest,
  graphs: Graphs,
  padId: number,
  backendDetail: string,
  { maxBytes = DEFAULT_CACHE_BYTES }: NonNullable<EngineOptions['cache']> = {},
): Model<Float32Array> {
  const { architecture } = manifest;
  const { layers, heads, headDim } = architecture;
  // The graphs take 32-bit floats, so half the memory would cost a conversion per step.
  const shape = cacheShape(architecture, false);
  const maxTokens = tokenBudget(shape, maxBytes, Number.POSITIVE_INFINITY);
  let chunks: readonly Chunk[] = [];

  const floats = (data: Float32Array, dims: readonly number[]): Tensor => new Tensor('float32', data, dims);

  const read = (outputs: Tensors, name: string): Float32Array => {
    const data = outputs[name]?.data;
    if (!(data instanceof Float32Array)) throw new Error(`The graph gave no "${name}".`);
    return data;
  };

  const rotation = (segment: PlacedSegment, frame: Frame): Tensors => {
    const tables = segmentRotation(segment, { architecture, frame });
    const dims = [segment.tokens, headDim / 2];
    return { cos: floats(tables.cos, dims), sin: floats(tables.sin, dims) };
  };

  const features = (time: number): Tensor =>
    floats(timeFeatures(time, architecture.timeFeatures), [1, architecture.timeFeatures]);

  const chunkAt = ({ start }: SlotRange): Chunk => {
    const found = chunks.find(({ slots }) => slots.start === start);
    if (found === undefined) throw new Error(`Nothing was computed for slot ${start}.`);
    return found;
  };

  const past = (ranges: readonly SlotRange[]): Tensors => {
    const seen = ranges.map(chunkAt);
    const tokens = ranges.reduce((sum, range) => sum + sizeOf(range), 0);
    const join = (part: 'k' | 'v'): Tensor =>
      floats(
        joinRows(
          seen.map((chunk) => ({ data: chunk[part], row: sizeOf(chunk.slots) * headDim })),
          layers * heads,
        ),
        [layers, heads, tokens, headDim],
      );
    return { past_k: join('k'), past_v: join('v') };
  };

  const keep = (slots: SlotRange, outputs: Tensors): void => {
    // Copies, because onnxruntime hands out views of memory that it uses again.
    const k = read(outputs, 'k').slice();
    const v = read(outputs, 'v').slice();
    chunks = [...withoutSlots(slots), { slots, k, v }];
  };

  /** What lies in slots that are given to another segment was forgotten. */
  const withoutSlots = ({ start, end }: SlotRange): readonly Chunk[] =>
    chunks.filter(({ slots }) => slots.end <= start || slots.start >= end);

  return {
    backend: 'wasm',
    backendDetail,
    cache: { maxTokens, maxBytes: maxTokens * bytesPerToken(shape), precision: 'float32' },
    async relocate({ moves }) {
      chunks = moves.map(({ from, to }) => ({ ...chunkAt(from), slots: to }));
    },
    at: createFrame,
    upload: (latent) => latent,
    release: () => undefined,
    assertUsable: async () => undefined,
    dispose: () => graphs.dispose(),

    async prefillText(ids, segment, place, checkpoint) {
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
      await checkpoint();
      const outputs = await graphs.run('dit_text', {
        text_states: floats(states, [ids.length, textWidth]),
        time_features: features(1),
        ...rotation(segment, manifest.frame),
        ...past(place.past),
      });
      keep(place.own, outputs);
    },
  };

  function createFrame(frame: Frame): FrameModel<Float32Array> {
    const latentDims = latentDimsOf(frame);
    const blank = new Float32Array(latentDims.reduce((product, size) => product * size));
    const run = async (graph: string, inputs: Tensors): Promise<Tensors> =>
      graphs.run(graphOf(graph, frame, manifest), inputs);
    const tiling = tilingOf(frame, manifest);
    const { tile = frame } = tiling ?? {};
    const planes = [
      { channels: 3, scale: frame.latentDownsample },
      { channels: frame.latentChannels, scale: 1 },
    ] as const;
    const encode = async (planar: Float32Array): Promise<Float32Array> => {
      const image = floats(planar, [1, 3, tile.height, tile.width]);
      return read(await run('vae_encoder', { image }), 'latent').slice();
    };
    const decode = async (latent: Float32Array): Promise<Float32Array> =>
      read(await run('vae_decoder', { latent: floats(latent, latentDimsOf(tile)) }), 'image').slice();
    return {
      encode: async (planar, checkpoint) =>
        tiling === undefined ? encode(planar) : inTiles(planar, tiling, planes, encode, checkpoint),

      startPainting: (backdrop) =>
        createPainter(
          frame,
          async (latent, checkpoint) =>
            tiling === undefined
              ? decode(latent)
              : inTiles(latent, tiling, [planes[1], planes[0]], decode, checkpoint),
          backdrop,
        ),

      download: async (latent) => latent,

      async prefillVision(latent, segment, place, checkpoint) {
        await checkpoint();
        const outputs = await run('dit_vision', {
          latent: floats(latent, latentDims),
          previous: floats(blank, latentDims),
          time_features: features(1),
          ...rotation(segment, frame),
          ...past(place.past),
        });
        keep(place.own, outputs);
      },

      async startDenoising({ segment, place, unguidedPast, previous, noise, editable, steps }) {
        const common = { previous: floats(previous, latentDims), ...rotation(segment, frame) };
        const withInstruction = past(place.past);
        const withoutInstruction = unguidedPast && past(unguidedPast);
        const predict = async (x: Float32Array, time: number, seen: Tensors): Promise<Float32Array> => {
          const inputs = { latent: floats(x, latentDims), time_features: features(time), ...common, ...seen };
          return read(await run('dit_vision', inputs), 'clean').slice();
        };
        return {
          release: () => undefined,
          async step(x, index, checkpoint) {
            const step = steps[index];
            if (step === undefined) throw new Error(`The turn has no step ${index}.`);
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
