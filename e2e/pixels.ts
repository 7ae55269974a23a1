/** Pictures as bytes, and the measures by which the tests judge them. */
import { PNG } from 'pngjs';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** RGBA, row by row. */
  readonly data: Uint8Array;
}

/** One entry per pixel, true where it counts. */
export type Region = readonly boolean[];

export function readPng(bytes: Buffer | Uint8Array): Picture {
  const { width, height, data } = PNG.sync.read(Buffer.from(bytes));
  return { width, height, data };
}

export function writePng(
  width: number,
  height: number,
  colourAt: (x: number, y: number) => number[],
): Buffer {
  const png = new PNG({ width, height });
  for (let i = 0; i < width * height; i++) {
    png.data.set([...colourAt(i % width, Math.floor(i / width)), 255], i * 4);
  }
  return PNG.sync.write(png);
}

export function outside(region: Region): Region {
  return region.map((isIn) => !isIn);
}

/** Pixels of a drawn mask: white = may change. */
export function regionOf(mask: Picture): Region {
  return Array.from({ length: mask.width * mask.height }, (_, i) => (mask.data[i * 4] ?? 0) > 127);
}

/** Largest difference of the channels of each pixel, alpha included. */
function differences(a: Picture, b: Picture): readonly number[] {
  if (a.width !== b.width || a.height !== b.height) throw new Error('The pictures differ in size.');
  return Array.from({ length: a.width * a.height }, (_, i) =>
    Math.max(...[0, 1, 2, 3].map((c) => Math.abs((a.data[i * 4 + c] ?? 0) - (b.data[i * 4 + c] ?? 0)))),
  );
}

export function largestDifference(a: Picture, b: Picture, region: Region): number {
  return differences(a, b).reduce((most, value, i) => (region[i] === true ? Math.max(most, value) : most), 0);
}

/** Pixels that differ visibly, and `margin` pixels about them. */
export function changedPixels(before: Picture, after: Picture, margin = 2): Region {
  const { width, height } = before;
  const far = differences(before, after).map((value) => value > 2);
  const reach = Array.from({ length: 2 * margin + 1 }, (_, i) => i - margin);
  return far.map((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return reach.some((dy) =>
      reach.some((dx) => {
        const [nx, ny] = [x + dx, y + dy];
        return nx >= 0 && nx < width && ny >= 0 && ny < height && far[ny * width + nx] === true;
      }),
    );
  });
}

/** Mean squared error over red, green and blue of the pixels in `region`. */
export function squaredError(a: Picture, b: Picture, region: Region): number {
  let sum = 0;
  let count = 0;
  for (const [i, isIn] of region.entries()) {
    if (!isIn) continue;
    for (const c of [0, 1, 2]) sum += ((a.data[i * 4 + c] ?? 0) - (b.data[i * 4 + c] ?? 0)) ** 2;
    count += 3;
  }
  if (count === 0) throw new Error('The region is empty, so there is nothing to measure.');
  return sum / count;
}

export function psnrDb(a: Picture, b: Picture, region: Region): number {
  return 10 * Math.log10(255 ** 2 / squaredError(a, b, region));
}

export function everywhere({ width, height }: Picture): Region {
  return Array.from({ length: width * height }, () => true);
}
