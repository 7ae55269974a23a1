/** The frame sizes of a model: its own, and those of `frames`, for which it has graphs of their own. */
import type { EditRequest, ModelManifest } from './contract.ts';
import { failure } from './failures.ts';
import { AUTOENCODER, sizedGraphs } from './graphNames.ts';

export type Frame = ModelManifest['frame'];

interface Size {
  readonly width: number;
  readonly height: number;
}

export function sizeName({ width, height }: Size): string {
  return `${width}x${height}`;
}

/** The model's own frame first. */
export function framesOf({ frame, frames = [] }: Pick<ModelManifest, 'frame' | 'frames'>): readonly Frame[] {
  const { width, height } = frame;
  const patchPixels = frame.latentDownsample * frame.patch;
  const others = frames.map((size) => ({
    ...frame,
    ...size,
    tokens: (size.width / patchPixels) * (size.height / patchPixels) + 2,
    trained: frame.trained ?? { width, height },
  }));
  return [frame, ...others];
}

/** Whether a frame is larger than a tile of its model. */
export function isTiled({ width, height }: Size, { tiles }: Pick<ModelManifest, 'tiles'>): boolean {
  return tiles !== undefined && (width > tiles.width || height > tiles.height);
}

/** `[1, channels, height, width]` of a latent. */
export function latentDimsOf({ width, height, latentChannels, latentDownsample }: Frame): readonly number[] {
  return [1, latentChannels, height / latentDownsample, width / latentDownsample];
}

/** Throws 'size-wrong' when the model has no graphs for this size. A size alone is that of a picture to be made. */
export function frameOfSize(
  picture: Size & { readonly data?: { readonly length: number } },
  manifest: Pick<ModelManifest, 'frame' | 'frames'>,
  what: 'picture' | 'mask',
): Frame {
  const frames = framesOf(manifest);
  const found = frames.find((frame) => sizeName(frame) === sizeName(picture));
  if (found !== undefined) return found;
  throw failure('size-wrong', {
    what,
    size: sizeName(picture),
    values: picture.data?.length ?? 4 * picture.width * picture.height,
    sizes: frames.map(sizeName).join(', '),
  });
}

/** The frame of all pictures of a request; for words alone what they ask for, or the model's own. Throws 'size-wrong' as `frameOfSize`. */
export function frameOfRequest(
  { history, references = [], regions = {}, size }: EditRequest,
  manifest: Pick<ModelManifest, 'frame' | 'frames'>,
): Frame {
  const [picture] = [...history.filter((item) => item.kind === 'image'), ...references];
  if (picture !== undefined) return frameOfSize(picture.pixels, manifest, 'picture');
  const mask = history.find((item) => item.kind === 'mask')?.mask ?? regions.drawn;
  if (mask !== undefined) return frameOfSize(mask, manifest, 'mask');
  return size === undefined ? manifest.frame : frameOfSize(size, manifest, 'picture');
}

/** The name of the graph that does the work of `graph` for this frame. */
export function graphOf(
  graph: string,
  frame: Size,
  manifest: Pick<ModelManifest, 'frame' | 'architecture' | 'tiles'>,
): string {
  const { frame: own, architecture } = manifest;
  if (AUTOENCODER.has(graph) && isTiled(frame, manifest)) return `${graph}_tile`;
  const isOwn = sizeName(frame) === sizeName(own) || !sizedGraphs(architecture.layers).includes(graph);
  return isOwn ? graph : `${graph}_${sizeName(frame)}`;
}

/** The further frame size that a graph is for. */
export function sizeOfGraph(
  { frames = [] }: Pick<ModelManifest, 'frames'>,
  graph: string,
): string | undefined {
  return frames.map(sizeName).find((size) => graph.endsWith(`_${size}`));
}
