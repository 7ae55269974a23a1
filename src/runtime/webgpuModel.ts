/** The model on the GPU: graph segments between our kernels; pictures and numbers leave it only when finished. */
import { Tensor } from 'onnxruntime-web/webgpu';

import type { ChoiceMemory } from '../kernels/attention/chooseAttention.ts';
import type { Bytes } from './chunkPlan.ts';
import { bytesPerToken, cacheShape, createContextCache, tokenBudget } from './contextCache.ts';
import type { EngineOptions, ModelManifest } from './contract.ts';
import type { OpenDevice } from './device.ts';
import { timeFeatures } from './flow.ts';
import { framesOf, graphOf, latentDimsOf, sizeName } from './frames.ts';
import type { Frame } from './frames.ts';
import { createStorage, readFloats, uploadFloats } from './gpuMemory.ts';
import { createGpuPainting } from './gpuPainting.ts';
import type { GpuPainting } from './gpuPainting.ts';
import { segmentName } from './graphNames.ts';
import type { Graphs, Tensors } from './graphs.ts';
import { createLayerKernels } from './layerKernels.ts';
import type { Chunk, ChunkPlan } from './layerKernels.ts';
import { DEFAULT_CACHE_BYTES } from './model.ts';
import type { Checkpoint, ContextPlace, FrameModel, Model } from './model.ts';
import { segmentRotation } from './packing.ts';
import type { PlacedSegment } from './packing.ts';
import { createPainter } from './painting.ts';
import { inTiles, tilingOf } from './tiles.ts';

/** What a graph segment leaves for the kernels and for the next segment. */
interface BlockOutput {
  readonly residual: GPUBuffer;
  readonly q: GPUBuffer;
  readonly k: GPUBuffer;
  readonly v: GPUBuffer;
}

interface Prefill {
  readonly segment: PlacedSegment;
  readonly place: ContextPlace;
  readonly frame: Frame;
}

export interface WebgpuOptions {
  readonly cache: EngineOptions['cache'];
  /** Absent where nothing is kept between visits. */
  readonly choices: ChoiceMemory | undefined;
  readonly now: () => number;
}

/** Counts up when the builds to choose from change. */
const BUILDS = 2;

function nameOfChoice({ description }: OpenDevice, headDim: number, isHalf: boolean): string {
  return `attention ${BUILDS} ${headDim} ${isHalf ? 'half' : 'full'} ${description}`;
}

/** `qkNorm` as in the manifest. Throws 'unsupported' when the kernels do not compute correctly here. */
export async function createWebgpuModel(
  manifest: ModelManifest,
  graphs: Graphs,
  open: OpenDevice,
  padId: number,
  qkNorm: Bytes,
  { cache: cacheOptions = {}, choices, now }: WebgpuOptions,
): Promise<Model<GPUBuffer>> {
  const { architecture } = manifest;
  const { layers, heads, headDim, width, maxTextTokens, textWidth } = architecture;
  const { device } = open;
  const { maxBytes = DEFAULT_CACHE_BYTES, precision = 'float32' } = cacheOptions;
  const isHalf = precision === 'float16';
  // A device that the processor plays has nothing to gain: it does one workgroup after another.
  const trial = open.isSoftware
    ? undefined
    : { name: nameOfChoice(open, headDim, isHalf), now, memory: choices };
  const kernels = await createLayerKernels(device, manifest, qkNorm, { isHalf, trial });
  const shape = cacheShape(architecture, isHalf);
  const cacheTokens = tokenBudget(shape, maxBytes, device.limits.maxStorageBufferBindingSize);
  const cache = createContextCache(device, shape);

  const inner = heads * headDim;
  const maxTokens = Math.max(maxTextTokens, ...framesOf(manifest).map(({ tokens }) => tokens));

  const owned: GPUBuffer[] = [];
  const paintings: GpuPainting[] = [];
  const scratch = (floats: number, label: string): GPUBuffer => {
    const buffer = createStorage(device, floats, label);
    owned.push(buffer);
    return buffer;
  };
  const createOutput = (label: string): BlockOutput => ({
    residual: scratch(maxTokens * width, `${label} residual`),
    q: scratch(maxTokens * inner, `${label} q`),
    k: scratch(maxTokens * inner, `${label} k`),
    v: scratch(maxTokens * inner, `${label} v`),
  });
  // Both branches of guidance start from one first segment, so its output must outlive the layers;
  // those take turns, because a segment cannot write the residual it reads.
  const first = createOutput('first');
  const even = createOutput('even');
  const odd = createOutput('odd');
  const query = scratch(maxTokens * inner, 'query');
  const attention = scratch(maxTokens * inner, 'attention');
  const modulation = scratch(6 * width, 'modulation');
  const features = scratch(architecture.timeFeatures, 'time features');
  const cleanFeatures = scratch(architecture.timeFeatures, 'time features of context');
  device.queue.writeBuffer(cleanFeatures, 0, new Float32Array(timeFeatures(1, architecture.timeFeatures)));
  const textStates = scratch(maxTextTokens * textWidth, 'text states');

  const tensor = (buffer: GPUBuffer, dims: readonly number[]): Tensor =>
    Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims });
  const projections = ({ q, k, v }: BlockOutput, tokens: number): Tensors => ({
    q: tensor(q, [tokens, inner]),
    k: tensor(k, [tokens, inner]),
    v: tensor(v, [tokens, inner]),
  });

  async function firstSegment(
    name: string,
    inputs: Tensors,
    tokens: number,
    times: GPUBuffer,
  ): Promise<void> {
    await graphs.run(
      name,
      { ...inputs, time_features: tensor(times, [1, architecture.timeFeatures]) },
      {
        residual: tensor(first.residual, [tokens, width]),
        modulation: tensor(modulation, [1, 6 * width]),
        ...projections(first, tokens),
      },
    );
  }

  const blockInputs = ({ residual }: BlockOutput, tokens: number): Tensors => ({
    attention: tensor(attention, [tokens, inner]),
    residual: tensor(residual, [tokens, width]),
    modulation: tensor(modulation, [1, 6 * width]),
  });

  const placeOf = (
    segment: PlacedSegment,
    { own }: ContextPlace,
    frame: Frame,
  ): Pick<ChunkPlan, 'own' | 'capacity' | 'tables'> => ({
    own,
    capacity: cache.capacity,
    tables: segmentRotation(segment, { architecture, frame }),
  });

  /** Kernels of one layer; without a branch, only the keys and values are made. */
  function submitLayer(
    chunk: Chunk,
    layer: number,
    branch: number | undefined,
    { q, k, v }: BlockOutput,
  ): void {
    const layerCache = cache.layers[layer];
    if (layerCache === undefined) throw new Error(`Layer ${layer} has no cache.`);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    chunk.encodeLayer(pass, layer, branch, { q, k, v, cache: layerCache, query, attention });
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  /** From the first segment's output up to the last layer's q, k, v and residual. */
  async function runLayers(
    chunk: Chunk,
    tokens: number,
    branch: number,
    checkpoint: Checkpoint,
  ): Promise<BlockOutput> {
    let input = first;
    for (let layer = 0; layer < layers - 1; layer++) {
      submitLayer(chunk, layer, branch, input);
      await checkpoint();
      const output = layer % 2 === 0 ? even : odd;
      await graphs.run(segmentName(layer + 1), blockInputs(input, tokens), {
        residual_out: tensor(output.residual, [tokens, width]),
        ...projections(output, tokens),
      });
      input = output;
    }
    return input;
  }

  async function prefill(
    name: string,
    inputs: Tensors,
    { segment, place, frame }: Prefill,
    checkpoint: Checkpoint,
  ): Promise<void> {
    const { tokens } = segment;
    const chunk = kernels.planChunk({
      ...placeOf(segment, place, frame),
      branches: [[...place.past, place.own]],
    });
    try {
      await checkpoint();
      await firstSegment(name, inputs, tokens, cleanFeatures);
      const last = await runLayers(chunk, tokens, 0, checkpoint);
      // Clean context is only asked for its keys and values, so its last attention is not computed.
      submitLayer(chunk, layers - 1, undefined, last);
    } finally {
      chunk.release();
    }
  }

  function createFrame(frame: Frame): FrameModel<GPUBuffer> {
    const latentDims = latentDimsOf(frame);
    const latentSize = latentDims.reduce((product, size) => product * size);
    const tiling = tilingOf(frame, manifest);
    const { tile = frame } = tiling ?? {};
    const imageDims = [1, 3, tile.height, tile.width];
    const imageSize = 3 * tile.height * tile.width;
    const image = scratch(imageSize, 'image');
    const blank = scratch(latentSize, 'blank latent');
    const latentTensor = (buffer: GPUBuffer): Tensor => tensor(buffer, latentDims);
    const nameOf = (graph: string): string => graphOf(graph, frame, manifest);
    const planes = [
      { channels: 3, scale: frame.latentDownsample },
      { channels: frame.latentChannels, scale: 1 },
    ] as const;
    const tileDims = latentDimsOf(tile);
    const tileSize = tileDims.reduce((product, size) => product * size);
    const tileLatent = tiling === undefined ? blank : scratch(tileSize, 'latent of a tile');

    async function encodeInto(latent: GPUBuffer, planar: Float32Array): Promise<void> {
      device.queue.writeBuffer(image, 0, new Float32Array(planar));
      const input = { image: tensor(image, imageDims) };
      await graphs.run(nameOf('vae_encoder'), input, { latent: tensor(latent, tileDims) });
    }

    /** Leaves the picture in `image`. */
    async function decodeFrom(latent: GPUBuffer): Promise<void> {
      const output = { image: tensor(image, imageDims) };
      await graphs.run(nameOf('vae_decoder'), { latent: tensor(latent, tileDims) }, output);
    }

    const painting = tiling === undefined ? createGpuPainting(device, kernels.composite, frame) : undefined;
    if (painting !== undefined) paintings.push(painting);

    const visionInputs = (latent: GPUBuffer, previous: GPUBuffer): Tensors => ({
      latent: latentTensor(latent),
      previous: latentTensor(previous),
    });

    const latent = (label: string): GPUBuffer => scratch(latentSize, label);
    const [cond, uncond, clean] = [latent('clean'), latent('clean without words'), latent('predicted')];
    // A step cannot write the latent that it reads.
    const latents = [latent('even latent'), latent('odd latent')] as const;

    /** Writes the predicted clean latent into `output`. */
    async function predict(
      chunk: Chunk,
      branch: number,
      previous: GPUBuffer,
      output: GPUBuffer,
      checkpoint: Checkpoint,
    ): Promise<void> {
      const last = await runLayers(chunk, frame.tokens, branch, checkpoint);
      submitLayer(chunk, layers - 1, branch, last);
      await checkpoint();
      await graphs.run(
        nameOf(segmentName(layers)),
        { ...blockInputs(last, frame.tokens), previous: latentTensor(previous) },
        { clean: latentTensor(output) },
      );
    }

    return {
      download: (latent) => readFloats(device, latent, latentSize),

      async encode(planar, checkpoint) {
        if (tiling !== undefined) {
          const encodeTile = async (part: Float32Array): Promise<Float32Array> => {
            await encodeInto(tileLatent, part);
            return readFloats(device, tileLatent, tileSize);
          };
          const whole = await inTiles(planar, tiling, planes, encodeTile, checkpoint);
          return uploadFloats(device, whole, 'latent');
        }
        const latent = createStorage(device, latentSize, 'latent');
        await encodeInto(latent, planar);
        return latent;
      },

      startPainting(backdrop) {
        if (painting !== undefined) return painting.start(backdrop, image, decodeFrom);
        const decode = async (latent: GPUBuffer, checkpoint: Checkpoint): Promise<Float32Array> => {
          const values = await readFloats(device, latent, latentSize);
          const decodeTile = async (part: Float32Array): Promise<Float32Array> => {
            device.queue.writeBuffer(tileLatent, 0, new Float32Array(part));
            await decodeFrom(tileLatent);
            return readFloats(device, image, imageSize);
          };
          return tiling === undefined
            ? values
            : inTiles(values, tiling, [planes[1], planes[0]], decodeTile, checkpoint);
        };
        return createPainter(frame, decode, backdrop);
      },

      prefillVision: (latent, segment, place, checkpoint) =>
        prefill(
          nameOf('segment_00_vision'),
          visionInputs(latent, blank),
          { segment, place, frame },
          checkpoint,
        ),

      async startDenoising({ segment, place, unguidedPast, previous, noise, editable, steps }) {
        const branches = [place.past, ...(unguidedPast === undefined ? [] : [unguidedPast])];
        const chunk = kernels.planChunk({
          ...placeOf(segment, place, frame),
          branches: branches.map((past) => [...past, place.own]),
          denoising: { frame, steps, editable },
        });
        return {
          release: () => chunk.release(),
          async step(x, index, checkpoint) {
            await checkpoint();
            const before = device.createCommandEncoder();
            chunk.copyFeatures(before, index, features);
            device.queue.submit([before.finish()]);
            const inputs = visionInputs(x, previous);
            await firstSegment(nameOf('segment_00_vision'), inputs, segment.tokens, features);
            await predict(chunk, 0, previous, cond, checkpoint);
            const isGuided = steps[index]?.guidance !== 1 && unguidedPast !== undefined;
            if (isGuided) await predict(chunk, 1, previous, uncond, checkpoint);
            const next = latents[index % 2 === 0 ? 0 : 1];
            const encoder = device.createCommandEncoder();
            const pass = encoder.beginComputePass();
            const results = { x, cond, uncond: isGuided ? uncond : undefined, next, clean };
            chunk.encodeStep(pass, index, { ...results, previous, noise });
            pass.end();
            device.queue.submit([encoder.finish()]);
            // Without this wait a fast host would queue all steps at once and a cancel would come too late.
            await device.queue.onSubmittedWorkDone();
            return { next, clean };
          },
        };
      },
    };
  }

  const frames = new Map<string, FrameModel<GPUBuffer>>();

  return {
    backend: 'webgpu',
    backendDetail: open.description,
    cache: { maxTokens: cacheTokens, maxBytes: cacheTokens * bytesPerToken(shape), precision },
    relocate: (layout) => cache.relocate(layout),
    upload: (latent) => uploadFloats(device, latent, 'latent'),
    release: (latent) => latent.destroy(),

    at(frame) {
      const known = frames.get(sizeName(frame)) ?? createFrame(frame);
      frames.set(sizeName(frame), known);
      return known;
    },

    async prefillText(ids, segment, place, checkpoint) {
      const padded = new Int32Array(maxTextTokens).fill(padId);
      padded.set(ids);
      const mask = Float32Array.from(padded, (_, index) => (index < ids.length ? 1 : 0));
      await checkpoint();
      await graphs.run(
        't5',
        {
          input_ids: new Tensor('int32', padded, [maxTextTokens]),
          attention_mask: new Tensor('float32', mask, [maxTextTokens]),
        },
        { text_states: tensor(textStates, [maxTextTokens, textWidth]) },
      );
      // Padding stands behind the words, so the first rows of the same buffer are the segment.
      const states = tensor(textStates, [ids.length, textWidth]);
      // Words have no place in a frame, so that of any is theirs.
      const chunk = { segment, place, frame: manifest.frame };
      await prefill('segment_00_text', { text_states: states }, chunk, checkpoint);
    },

    async assertUsable() {
      open.assertUsable();
    },

    async dispose() {
      await graphs.dispose();
      cache.dispose();
      kernels.dispose();
      for (const buffer of owned) buffer.destroy();
      for (const painting of paintings) painting.dispose();
      open.close();
    },
  };
}
