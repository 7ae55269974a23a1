/** Pictures as the page has them (RGBA bytes) and as the model wants them (planar, -1..1), and masks. */
import type { MaskPixels, ModelManifest, Pixels, Regions } from './contract.ts';
import { failure } from './failures.ts';

/** A mask byte above this counts as inside the region. */
const INSIDE = 127;

type Frame = ModelManifest['frame'];

/** Throws 'bad-input' unless the picture or mask has the model's frame size and a complete buffer. */
export function checkFrameSize(
  picture: { readonly width: number; readonly height: number; readonly data: { readonly length: number } },
  frame: Frame,
  what: 'picture' | 'mask',
): void {
  const length = frame.width * frame.height * (what === 'picture' ? 4 : 1);
  if (picture.width === frame.width && picture.height === frame.height && picture.data.length === length)
    return;
  throw failure('size-wrong', {
    what,
    size: `${picture.width}x${picture.height}`,
    values: picture.data.length,
    sizes: `${frame.width}x${frame.height} (${length} values)`,
  });
}

/** RGBA bytes to `[3, height, width]` in -1..1; alpha is ignored. */
export function toPlanar({ width, height, data }: Pixels): Float32Array {
  const area = width * height;
  const planar = new Float32Array(3 * area);
  for (let channel = 0; channel < 3; channel++) {
    for (let pixel = 0; pixel < area; pixel++) {
      planar[channel * area + pixel] = (data[pixel * 4 + channel] ?? 0) / 127.5 - 1;
    }
  }
  return planar;
}

/** `[3, height, width]` in -1..1 to opaque RGBA bytes; values outside the range are clamped. */
export function fromPlanar(planar: Float32Array, width: number, height: number): Pixels {
  const area = width * height;
  const data = new Uint8ClampedArray(area * 4);
  for (let pixel = 0; pixel < area; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      data[pixel * 4 + channel] = ((planar[channel * area + pixel] ?? 0) + 1) * 127.5;
    }
    data[pixel * 4 + 3] = 255;
  }
  return { width, height, data };
}

/** The mask as the model sees it: a picture, white = region, black = kept. */
export function maskToPlanar({ width, height, data }: MaskPixels): Float32Array {
  const area = width * height;
  return Float32Array.from({ length: 3 * area }, (_, index) => ((data[index % area] ?? 0) > INSIDE ? 1 : -1));
}

/** A picture of a region as the region: inside where the mean of the channels is 128 or more. */
export function maskFromPixels({ width, height, data }: Pixels): MaskPixels {
  const mask = Uint8Array.from({ length: width * height }, (_, pixel) => {
    const sum = (data[pixel * 4] ?? 0) + (data[pixel * 4 + 1] ?? 0) + (data[pixel * 4 + 2] ?? 0);
    return sum >= 3 * 128 ? 255 : 0;
  });
  return { width, height, data: mask };
}

/** White inside the region, black outside. */
export function maskToPixels({ width, height, data }: MaskPixels): Pixels {
  const pixels = Uint8ClampedArray.from({ length: width * height * 4 }, (_, index) =>
    index % 4 === 3 || (data[index >> 2] ?? 0) > INSIDE ? 255 : 0,
  );
  return { width, height, data: pixels };
}

/**
 * Where a picture may change: in `drawn`, and there in the union of `now` and `next` if they leave anything.
 * The soft edge of `drawn` stays.
 */
export function boundingRegion({ drawn, now, next }: Regions): MaskPixels | undefined {
  const size = drawn ?? now ?? next;
  if (size === undefined) return undefined;
  const data = size.data.map((_, pixel) => {
    const inside = [now, next].some((region) => (region?.data[pixel] ?? 0) > INSIDE);
    return inside ? (drawn?.data[pixel] ?? 255) : 0;
  });
  return data.some((value) => value > INSIDE) ? { ...size, data } : drawn;
}

/** One byte per latent cell, row-major: 1 where any pixel of the cell lies in the region. */
export function maskToLatentCells({ width, height, data }: MaskPixels, downsample: number): Uint8Array {
  const columns = width / downsample;
  const cells = new Uint8Array(columns * (height / downsample));
  data.forEach((value, index) => {
    if (value <= INSIDE) return;
    const row = Math.floor(Math.floor(index / width) / downsample);
    cells[row * columns + Math.floor((index % width) / downsample)] = 1;
  });
  return cells;
}

/** `earlier`, byte for byte, where the mask is 0, `edited` where it is 255, and in between a mixture by its value. */
export function pasteRegion(edited: Pixels, earlier: Pixels, mask: MaskPixels): Pixels {
  const data = new Uint8ClampedArray(earlier.data);
  mask.data.forEach((value, pixel) => {
    if (value === 0) return;
    for (let at = pixel * 4; at < pixel * 4 + 4; at++) {
      const before = earlier.data[at] ?? 0;
      data[at] = Math.floor(before + ((edited.data[at] ?? 0) - before) * (value / 255) + 0.5);
    }
  });
  return { width: edited.width, height: edited.height, data };
}

/** Peak signal-to-noise ratio in dB over the colour channels; infinite when they are equal. */
export function psnrDb(a: Pixels, b: Pixels): number {
  const squared = a.data.reduce(
    (sum, value, index) => (index % 4 === 3 ? sum : sum + (value - (b.data[index] ?? 0)) ** 2),
    0,
  );
  return 10 * Math.log10(255 ** 2 / (squared / (a.width * a.height * 3)));
}
