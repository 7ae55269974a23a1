/**
 * Keeps the pixels that an edit did not touch: the made picture is pasted over the earlier one where they differ.
 *
 * The autoencoder blurs everything a little, also what the model only copied. So the decoded new latent is
 * compared with the decoded latent of the picture before, which has the same blur: what differs is the edit.
 */
import type { ModelManifest, Pixels } from './contract.ts';

type PasteLimits = NonNullable<ModelManifest['pasteBack']>;

/** Radii in pixels: noise is averaged over 5x5, the change reaches 4 pixels on, and its edge is 9 pixels soft. */
const AVERAGE = 2;
const REACH = 4;
const SOFT = 4;

interface Size {
  readonly width: number;
  readonly height: number;
}

type Fold = (whole: number, value: number) => number;

/** Folds the window of `radius` about each pixel; the picture's edge is repeated outwards. */
function foldWindows(
  values: Float64Array,
  { width, height }: Size,
  radius: number,
  fold: Fold,
): Float64Array {
  const along = (from: Float64Array, step: number, length: number, otherStep: number): Float64Array => {
    const folded = new Float64Array(from.length);
    for (let line = 0; line < from.length / length; line++) {
      for (let at = 0; at < length; at++) {
        let whole = from[line * otherStep + Math.max(0, at - radius) * step] ?? 0;
        for (let near = at - radius + 1; near <= at + radius; near++) {
          const inside = Math.min(length - 1, Math.max(0, near));
          whole = fold(whole, from[line * otherStep + inside * step] ?? 0);
        }
        folded[line * otherStep + at * step] = whole;
      }
    }
    return folded;
  };
  return along(along(values, width, height, 1), 1, width, width);
}

function boxMean(values: Float64Array, size: Size, radius: number): Float64Array {
  const area = (2 * radius + 1) ** 2;
  return foldWindows(values, size, radius, (sum, value) => sum + value).map((sum) => sum / area);
}

/** One weight in 0..1 per pixel: how much of `made` to take. Both pictures are decoded latents of one size. */
export function changeWeights(
  unedited: Pixels,
  made: Pixels,
  { keptBelow, takenFrom }: PasteLimits,
): Float64Array {
  const difference = Float64Array.from({ length: made.width * made.height }, (_, pixel) => {
    const of = (channel: number): number =>
      Math.abs((made.data[pixel * 4 + channel] ?? 0) - (unedited.data[pixel * 4 + channel] ?? 0));
    return Math.max(of(0), of(1), of(2));
  });
  const weights = boxMean(difference, made, AVERAGE).map((mean) =>
    Math.min(1, Math.max(0, (mean - keptBelow) / (takenFrom - keptBelow))),
  );
  return boxMean(foldWindows(weights, made, REACH, Math.max), made, SOFT);
}

/** `earlier` byte for byte where weights are 0, `made` where they are 1, in between a mixture; opaque. */
export function pasteBack(earlier: Pixels, made: Pixels, weights: Float64Array): Pixels {
  const data = new Uint8ClampedArray(made.data.length);
  for (let index = 0; index < data.length; index++) {
    const before = earlier.data[index] ?? 0;
    const weight = index % 4 === 3 ? 1 : (weights[index >> 2] ?? 0);
    data[index] = Math.floor(before + ((made.data[index] ?? 0) - before) * weight + 0.5);
  }
  return { width: made.width, height: made.height, data };
}
