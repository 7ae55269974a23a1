/** Runs turns on a loaded model of either backend: context from the cache, sampling, decoding, paste-back. */
import { createContextTree } from './contextTree.ts';
import { EngineError } from './contract.ts';
import type {
  EditProgress,
  EditRequest,
  EditResult,
  EditStage,
  ModelManifest,
  PictureFit,
  Pixels,
} from './contract.ts';
import { cancelled, NotNumbersError } from './failures.ts';
import { seededNoise } from './flow.ts';
import { frameOfSize, latentDimsOf, sizeName } from './frames.ts';
import type { Frame } from './frames.ts';
import type { Checkpoint, FrameModel, Model } from './model.ts';
import { requireNumbers } from './painting.ts';
import {
  checkFrameSize,
  maskFromPixels,
  maskToLatentCells,
  maskToPixels,
  maskToPlanar,
  psnrDb,
  toPlanar,
} from './pixels.ts';
import type { RuntimePorts } from './ports.ts';
import { sample } from './sampler.ts';
import type { ImageItem } from './tasks.ts';
import type { Tokenizer } from './tokenizer.ts';
import { planTurn } from './turn.ts';
import type { ContextSegment, TurnPlan } from './turn.ts';

/** Latents of opened pictures that are kept, so that editing one again does not encode it again. */
const KEPT_LATENTS = 16;
/** Decoded pictures that are kept, so that the next turn finds the one that it edits. */
const KEPT_DECODED = 4;

type Ports = Pick<RuntimePorts, 'now' | 'sha256' | 'yieldToMessages'>;

export interface Editor {
  edit(
    request: EditRequest,
    onProgress: (progress: EditProgress) => void,
    signal: AbortSignal,
  ): Promise<EditResult>;
  checkPicture(pixels: Pixels): Promise<PictureFit>;
  dispose(): Promise<void>;
}

/** Calls must not overlap. */
export function createEditor<L>(
  model: Model<L>,
  manifest: ModelManifest,
  tokenizer: Tokenizer,
  ports: Ports,
): Editor {
  const tree = createContextTree(model.cache.maxTokens, (layout) => model.relocate(layout));
  let decodeMs = 0;
  const encoded = new Map<string, L>();
  const decoded = new Map<string, Pixels>();

  const atPicture = (picture: Pixels): FrameModel<L> => model.at(frameOfSize(picture, manifest, 'picture'));

  async function latentOf(item: ImageItem, checkpoint: Checkpoint): Promise<L> {
    const kept = encoded.get(item.id);
    if (kept !== undefined) return kept;
    await checkpoint();
    const latent =
      item.latent === undefined
        ? await atPicture(item.pixels).encode(toPlanar(item.pixels), checkpoint)
        : model.upload(item.latent.data);
    encoded.set(item.id, latent);
    return latent;
  }

  /** Only between turns: a turn may hold any of its history's latents. */
  function dropOldLatents(): void {
    for (const [id, latent] of encoded) {
      if (encoded.size <= KEPT_LATENTS) break;
      model.release(latent);
      encoded.delete(id);
    }
  }

  async function prefill(segment: ContextSegment, checkpoint: Checkpoint): Promise<void> {
    const { input, place } = segment;
    const own = await tree.reserve(place.tokens);
    const slots = { past: tree.path(), own };
    switch (input.kind) {
      case 'text':
        await model.prefillText(input.ids, place, slots, checkpoint);
        break;
      case 'image':
        await atPicture(input.item.pixels).prefillVision(
          await latentOf(input.item, checkpoint),
          place,
          slots,
          checkpoint,
        );
        break;
      case 'mask': {
        await checkpoint();
        const at = model.at(frameOfSize(input.mask, manifest, 'mask'));
        const latent = await at.encode(maskToPlanar(input.mask), checkpoint);
        try {
          await at.prefillVision(latent, place, slots, checkpoint);
        } finally {
          model.release(latent);
        }
        break;
      }
    }
    tree.append(segment.key, own);
  }

  /** Of numbers that are none, what they were made from cannot be trusted either, nor what was made from them. */
  function forgetEverything(): void {
    tree.clear();
    for (const latent of encoded.values()) model.release(latent);
    encoded.clear();
    decoded.clear();
  }

  async function decode(latent: L, frame: Frame, checkpoint: Checkpoint): Promise<Pixels> {
    const painter = model.at(frame).startPainting(undefined);
    try {
      return (await timed(() => painter.paint(latent, checkpoint))).made;
    } finally {
      painter.release();
    }
  }

  async function timed<T>(decoding: () => Promise<T>): Promise<T> {
    const startedAt = ports.now();
    const result = await decoding();
    decodeMs = ports.now() - startedAt;
    return result;
  }

  function keepDecoded(key: string, pixels: Pixels): void {
    decoded.set(key, pixels);
    for (const old of decoded.keys()) {
      if (decoded.size <= KEPT_DECODED) break;
      decoded.delete(old);
    }
  }

  /** Equal numbers are two pictures where their shapes differ. */
  const keyOfDecoded = async (data: Float32Array | Uint8ClampedArray, frame: Frame): Promise<string> =>
    `${sizeName(frame)} ${await ports.sha256(data.slice())}`;

  /** What the decoder makes of the picture's latent: the picture with the autoencoder's own blur. */
  async function decodedOf(item: ImageItem, checkpoint: Checkpoint): Promise<Pixels> {
    const frame = frameOfSize(item.pixels, manifest, 'picture');
    const key = await keyOfDecoded(item.latent?.data ?? item.pixels.data, frame);
    const kept = decoded.get(key);
    if (kept !== undefined) return kept;
    const latent = await latentOf(item, checkpoint);
    await checkpoint();
    const pixels = await decode(latent, frame, checkpoint);
    keepDecoded(key, pixels);
    return pixels;
  }

  async function run(
    request: EditRequest,
    plan: TurnPlan,
    onProgress: (progress: EditProgress) => void,
    checkpoint: Checkpoint,
  ): Promise<EditResult> {
    const { seed, steps, guidance, hasPreviews = true } = request;
    const { frame, context, historyLength, target, isRegion, previous, bounds } = plan;
    const at = model.at(frame);
    const [, channels = 0, height = 0, width = 0] = latentDimsOf(frame);
    const latentSize = channels * height * width;
    const watch = stopwatch(ports.now);
    const cachedSegments = tree.follow(context.map((segment) => segment.key));
    const stages: readonly (readonly [EditStage, readonly ContextSegment[]])[] = [
      ['history', context.slice(cachedSegments, historyLength)],
      ['text', context.slice(Math.max(cachedSegments, historyLength))],
    ];
    const limits = isRegion ? undefined : manifest.pasteBack;
    const unedited =
      limits === undefined || previous === undefined ? undefined : await decodedOf(previous, checkpoint);
    for (const [stage, segments] of stages) {
      onProgress({ stage, done: 0, total: segments.length });
      for (const [index, segment] of segments.entries()) {
        await prefill(segment, checkpoint);
        onProgress({ stage, done: index + 1, total: segments.length });
      }
      watch.lap(stage);
    }

    const finish = (shown: Pixels): Pick<EditResult, 'pixels' | 'mask'> => {
      if (!isRegion) return { pixels: shown };
      const mask = maskFromPixels(shown);
      return { pixels: maskToPixels(mask), mask };
    };
    const backdrop =
      isRegion || previous === undefined
        ? undefined
        : {
            earlier: previous.pixels,
            change: limits === undefined || unedited === undefined ? undefined : { unedited, limits },
            bounds,
          };
    const own = await tree.reserve(target.tokens);
    const past = tree.path();
    const { instruction } = plan;
    const unguidedPast =
      instruction && past.filter((_, index) => context[index]?.place.start !== instruction.start);
    const starting = isRegion ? emptyRegion(frame) : previous;
    const blank = starting === undefined ? model.upload(new Float32Array(latentSize)) : undefined;
    const noise = model.upload(seededNoise(seed, latentSize));
    const painter = at.startPainting(backdrop);
    try {
      onProgress({ stage: 'denoise', done: 0, total: steps });
      const clean = await sample(
        at,
        {
          segment: target,
          place: { past, own },
          unguidedPast,
          previous: starting === undefined ? (blank as L) : await latentOf(starting, checkpoint),
          noise,
          editable: bounds && maskToLatentCells(bounds, frame.latentDownsample),
        },
        {
          steps,
          guidance,
          shift: manifest.sampler.shift,
          decodeMs: hasPreviews ? decodeMs : Infinity,
          now: ports.now,
          checkpoint,
          paint: async (predicted) => finish((await painter.paint(predicted, checkpoint)).shown).pixels,
        },
        (done, preview) =>
          onProgress({ stage: 'denoise', done, total: steps, ...(preview !== undefined && { preview }) }),
      );
      watch.lap('denoise');
      onProgress({ stage: 'decode', done: 0, total: 1 });
      await checkpoint();
      const { made, shown } = await timed(() => painter.paint(clean, checkpoint));
      const data = requireNumbers(await at.download(clean));
      // A lost device answers with rubbish instead of an error, so nothing is shown before this check.
      await checkpoint();
      const finished = finish(shown);
      if (!isRegion) keepDecoded(await keyOfDecoded(data, frame), made);
      watch.lap('decode');
      onProgress({ stage: 'decode', done: 1, total: 1 });
      const cachedTokens = context[cachedSegments]?.place.start ?? target.start;
      return {
        ...finished,
        latent: { channels, height, width, data },
        timingsMs: watch.laps(),
        cachedTokens,
        computedTokens: target.start + target.tokens - cachedTokens,
      };
    } finally {
      painter.release();
      model.release(noise);
      if (blank !== undefined) model.release(blank);
    }
  }

  return {
    async edit(request, onProgress, signal) {
      const checkpoint = async (): Promise<void> => {
        await ports.yieldToMessages();
        if (signal.aborted) throw cancelled();
        await model.assertUsable();
      };
      await checkpoint();
      const plan = await planTurn(request, manifest, tokenizer, ports.sha256);
      try {
        return await run(request, plan, onProgress, checkpoint);
      } catch (error) {
        if (error instanceof NotNumbersError) forgetEverything();
        // The loss is the cause of whatever else failed, and it decides what the page offers; word of it may be on its way.
        if (!(error instanceof EngineError)) await ports.yieldToMessages();
        await model.assertUsable();
        throw error;
      } finally {
        dropOldLatents();
      }
    },

    async checkPicture(pixels) {
      const frame = frameOfSize(pixels, manifest, 'picture');
      checkFrameSize(pixels, frame, 'picture');
      const usable = (): Promise<void> => model.assertUsable();
      await usable();
      const latent = await model.at(frame).encode(toPlanar(pixels), usable);
      try {
        const made = await decode(latent, frame, usable);
        const psnr = psnrDb(made, pixels);
        await usable();
        // The first edit of this picture needs it.
        keepDecoded(await keyOfDecoded(pixels.data, frame), made);
        return { psnrDb: psnr, isKnownWorld: psnr >= manifest.pictureFit.minPsnrDb };
      } finally {
        model.release(latent);
      }
    },

    dispose: () => model.dispose(),
  };
}

/** What a region that is asked for is made from; encoded once for each size, as any picture of the history. */
function emptyRegion({ width, height }: Frame): ImageItem {
  const data = new Uint8Array(width * height);
  return {
    kind: 'image',
    id: `empty region ${sizeName({ width, height })}`,
    pixels: maskToPixels({ width, height, data }),
  };
}

function stopwatch(now: () => number): {
  lap(stage: EditStage): void;
  laps(): Readonly<Record<EditStage, number>>;
} {
  const laps = { text: 0, history: 0, denoise: 0, decode: 0 };
  let startedAt = now();
  return {
    lap(stage) {
      laps[stage] = now() - startedAt;
      startedAt = now();
    },
    laps: () => laps,
  };
}
