/** What changed between two pictures of one size, in numbers and as a map. */
import type { MaskPixels, Pixels } from '../../runtime/contract.ts';

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

/** Levels of 255 in the channel that changed most. */
const VISIBLE_LEVELS = 16;

/** Largest channel difference per pixel, `width * height` values 0 to 255. */
function differenceValues(a: Pixels, b: Pixels): Uint8Array {
  if (a.width !== b.width || a.height !== b.height) {
    throw new RangeError(
      `Pictures of different sizes: ${a.width} x ${a.height} and ${b.width} x ${b.height}.`,
    );
  }
  const values = new Uint8Array(a.width * a.height);
  for (let pixel = 0; pixel < values.length; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      const at = pixel * 4 + channel;
      const change = Math.abs((a.data[at] ?? 0) - (b.data[at] ?? 0));
      values[pixel] = Math.max(values[pixel] ?? 0, change);
    }
  }
  return values;
}

export function measureDifference(a: Pixels, b: Pixels, mask?: MaskPixels): Difference {
  const values = differenceValues(a, b);
  let changedOutside = 0;
  let visible = 0;
  let visibleInside = 0;
  let inside = 0;
  let sum = 0;
  values.forEach((value, pixel) => {
    if (value > 0 && mask?.data[pixel] === 0) changedOutside += 1;
    if (value >= VISIBLE_LEVELS) visible += 1;
    if ((mask?.data[pixel] ?? 0) > 0) {
      inside += 1;
      if (value >= VISIBLE_LEVELS) visibleInside += 1;
    }
    for (let channel = 0; channel < 3; channel += 1) {
      const at = pixel * 4 + channel;
      sum += Math.abs((a.data[at] ?? 0) - (b.data[at] ?? 0));
    }
  });
  return {
    mean: sum / (values.length * 3 * 255),
    changedOutside,
    visibleShare: visible / values.length,
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
  const values = differenceValues(a, b);
  const data = new Uint8ClampedArray(values.length * 4);
  values.forEach((value, pixel) => {
    const place = Math.sqrt(value / 255) * (RAMP.length - 1);
    const low = Math.min(Math.floor(place), RAMP.length - 2);
    const from = RAMP[low] ?? RAMP[0];
    const to = RAMP[low + 1] ?? RAMP[0];
    for (let channel = 0; channel < 3; channel += 1) {
      const start = from[channel] ?? 0;
      data[pixel * 4 + channel] = start + ((to[channel] ?? 0) - start) * (place - low);
    }
    data[pixel * 4 + 3] = 255;
  });
  return { width: a.width, height: a.height, data };
}
