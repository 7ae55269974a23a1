/** Whole-region changes: grow, shrink and feather. Distances in frame pixels; a soft edge stays soft. */
import type { MaskPixels } from '../../runtime/contract.ts';
import { invertMask } from './maskPixels.ts';

/** The largest value within `reach` to either side along a line, in one pass over a queue of falling values. */
function slidingMax(line: Uint8Array, reach: number, out: Uint8Array): void {
  const length = line.length;
  const queue = new Int32Array(length);
  let [head, tail] = [0, 0];
  for (let entering = 0; entering < length + reach; entering += 1) {
    if (entering < length) {
      while (tail > head && (line[queue[tail - 1] ?? 0] ?? 0) <= (line[entering] ?? 0)) tail -= 1;
      queue[tail] = entering;
      tail += 1;
    }
    const centre = entering - reach;
    if (centre < 0) continue;
    while ((queue[head] ?? 0) < centre - reach) head += 1;
    out[centre] = line[queue[head] ?? 0] ?? 0;
  }
}

/** Every pixel takes the largest value within `radius` of it. */
export function growMask(mask: MaskPixels, radius: number): MaskPixels {
  const { width, height, data } = mask;
  const grown = data.slice();
  const rows = Math.floor(radius);
  const widest = new Uint8Array(width);
  // A disc is a stack of rows, so each of its rows is one sliding maximum.
  for (let away = 0; away <= rows; away += 1) {
    const reach = Math.floor(Math.sqrt(radius * radius - away * away));
    for (let y = 0; y < height; y += 1) {
      slidingMax(data.subarray(y * width, (y + 1) * width), reach, widest);
      for (const to of away === 0 ? [y] : [y - away, y + away]) {
        if (to < 0 || to >= height) continue;
        for (let x = 0; x < width; x += 1) {
          const at = to * width + x;
          grown[at] = Math.max(grown[at] ?? 0, widest[x] ?? 0);
        }
      }
    }
  }
  return { width, height, data: grown };
}

/** The outside grows; beyond the frame's border there is no outside, so the region does not leave the border. */
export function shrinkMask(mask: MaskPixels, radius: number): MaskPixels {
  return invertMask(growMask(invertMask(mask), radius));
}

/** The mean of `2 * reach + 1` values along a line, its ends repeated. */
function boxMean(values: Float64Array, start: number, step: number, length: number, reach: number): void {
  const line = Float64Array.from({ length }, (_, at) => values[start + at * step] ?? 0);
  const value = (at: number): number => line[Math.min(Math.max(at, 0), length - 1)] ?? 0;
  let sum = 0;
  for (let at = -reach; at <= reach; at += 1) sum += value(at);
  for (let at = 0; at < length; at += 1) {
    values[start + at * step] = sum / (2 * reach + 1);
    sum += value(at + reach + 1) - value(at - reach);
  }
}

/** Three box means are nearly a Gaussian. */
const FEATHER_PASSES = 3;

/** Softens the border over about `radius` pixels to either side; where the border is straight, its middle stays. */
export function featherMask(mask: MaskPixels, radius: number): MaskPixels {
  const { width, height } = mask;
  const reach = Math.max(1, Math.round(radius / FEATHER_PASSES));
  const values = Float64Array.from(mask.data);
  for (let pass = 0; pass < FEATHER_PASSES; pass += 1) {
    for (let y = 0; y < height; y += 1) boxMean(values, y * width, 1, width, reach);
    for (let x = 0; x < width; x += 1) boxMean(values, x, width, height, reach);
  }
  return { width, height, data: Uint8Array.from(values, Math.round) };
}
