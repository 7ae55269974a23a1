/** What changed between two pictures of one size, in numbers and as a map. */
import type { MaskPixels, Pixels } from '../../runtime/contract.ts';
import { largestAt, visibleLevels } from '../../session/drift.ts';

export interface Difference {
  /** Mean absolute difference of the colour channels, 0 to 1. */
  readonly mean: number;
  /** Pixels outside the region of which any byte changed; none without a region. */
  readonly changedOutside: number;
  /** Share of the region's pixels that a person would see change; 0 without a region. */
  readonly visibleInside: number;
  /** Share of all pixels that a person would see change: encoding alone moves nearly all by a level or two. */
  readonly visibleShare: number;
}

function checkSizes(a: Pixels, b: Pixels): void {
  if (a.width === b.width && a.height === b.height) return;
  throw new Error(`Pictures of different sizes: ${a.width} x ${a.height} and ${b.width} x ${b.height}.`);
}

/** Plain loops: this runs while the page is drawn. */
export function measureDifference(a: Pixels, b: Pixels, mask?: MaskPixels): Difference {
  checkSizes(a, b);
  const pixels = a.width * a.height;
  const [from, to] = [a.data, b.data];
  let [changedOutside, visible, visibleInside, inside, sum] = [0, 0, 0, 0, 0];
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const at = pixel * 4;
    const isInside = mask !== undefined && mask.data[pixel] !== 0;
    if (isInside) inside += 1;
    const value = largestAt(from, to, at);
    if (value === 0) continue;
    for (let channel = at; channel < at + 3; channel += 1) {
      sum += Math.abs((from[channel] ?? 0) - (to[channel] ?? 0));
    }
    if (mask !== undefined && !isInside) changedOutside += 1;
    if (value < visibleLevels) continue;
    visible += 1;
    if (isInside) visibleInside += 1;
  }
  return {
    mean: sum / (pixels * 3 * 255),
    changedOutside,
    visibleShare: visible / pixels,
    visibleInside: inside === 0 ? 0 : visibleInside / inside,
  };
}

/** From no change to a large one; equal steps look equally far apart on both themes. */
const RAMP = [
  [0x10, 0x12, 0x12],
  [0x38, 0x29, 0x1f],
  [0xbf, 0x40, 0x14],
  [0xff, 0xb8, 0x4d],
  [0xff, 0xfa, 0xe6],
] as const;

/** The map of a difference; small changes are lifted by a square root so that they can be seen. */
export function differenceMap(a: Pixels, b: Pixels): Pixels {
  checkSizes(a, b);
  const pixels = a.width * a.height;
  const data = new Uint8ClampedArray(pixels * 4);
  for (let at = 0; at < pixels * 4; at += 4) {
    const place = Math.sqrt(largestAt(a.data, b.data, at) / 255) * (RAMP.length - 1);
    const low = Math.min(Math.floor(place), RAMP.length - 2);
    const from = RAMP[low] ?? RAMP[0];
    const to = RAMP[low + 1] ?? RAMP[0];
    for (let channel = 0; channel < 3; channel += 1) {
      const start = from[channel] ?? 0;
      data[at + channel] = start + ((to[channel] ?? 0) - start) * (place - low);
    }
    data[at + 3] = 255;
  }
  return { width: a.width, height: a.height, data };
}
