/** Pictures that are too large for the autoencoder at once: overlapping tiles, blended so that no seam shows. */
import type { ModelManifest } from './contract.ts';
import { isTiled } from './frames.ts';
import type { Frame } from './frames.ts';
import type { Checkpoint } from './model.ts';

/** How the frame of a model is cut; sizes in cells of its latent. */
interface Tiling {
  /** The frame of one tile, for which the graphs of the autoencoder are made. */
  readonly tile: Frame;
  readonly height: number;
  readonly width: number;
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly overlap: number;
}

/** Undefined for a frame that the autoencoder takes whole. */
export function tilingOf(frame: Frame, manifest: Pick<ModelManifest, 'tiles'>): Tiling | undefined {
  const { tiles } = manifest;
  if (tiles === undefined || !isTiled(frame, manifest)) return undefined;
  const cell = frame.latentDownsample;
  const [height, width, overlap] = [frame.height / cell, frame.width / cell, tiles.overlap / cell];
  return {
    tile: { ...frame, width: tiles.width, height: tiles.height },
    height,
    width,
    rows: startsOf(height, tiles.height / cell, overlap),
    columns: startsOf(width, tiles.width / cell, overlap),
    overlap,
  };
}

/** Where tiles begin that cover `length` evenly and overlap by `overlap` at least. */
export function startsOf(length: number, tile: number, overlap: number): readonly number[] {
  const count = length <= tile ? 1 : Math.ceil((length - overlap) / (tile - overlap));
  if (count === 1) return [0];
  return Array.from({ length: count }, (_, index) => Math.round((index * (length - tile)) / (count - 1)));
}

/**
 * Weight of each pixel of a tile along one axis: from a cut edge on, where the autoencoder misses what lies beyond, nothing
 * for a quarter of the overlap, then rising to 1 at three quarters of it; at the edges of the picture 1.
 */
function weightsAlong(start: number, tile: number, length: number, overlap: number, scale: number): number[] {
  const rise = (cells: number): number => Math.min(1, Math.max(0, (2 * cells) / overlap - 0.5));
  return Array.from({ length: tile * scale }, (_, pixel) => {
    const cells = (pixel + 0.5) / scale;
    const before = start === 0 ? 1 : rise(cells);
    const after = start + tile === length ? 1 : rise(tile - cells);
    return Math.min(before, after);
  });
}

/** Values per pixel, and pixels per cell of the latent along each axis. */
interface Plane {
  readonly channels: number;
  readonly scale: number;
}

/**
 * `values` is `[from.channels, height * from.scale, width * from.scale]`; `run` makes of such a tile one of the plane `to`.
 * What lies in one tile only is what `run` gave; elsewhere it is the weighted mean. `checkpoint` runs before each tile.
 */
export async function inTiles(
  values: Float32Array,
  { tile, height, width, rows, columns, overlap }: Tiling,
  [from, to]: readonly [Plane, Plane],
  run: (tile: Float32Array) => Promise<Float32Array>,
  checkpoint: Checkpoint,
): Promise<Float32Array> {
  const [high, wide] = [tile.height / tile.latentDownsample, tile.width / tile.latentDownsample];
  const [outHeight, outWidth] = [height * to.scale, width * to.scale];
  const sums = new Float64Array(to.channels * outHeight * outWidth);
  const weights = new Float64Array(outHeight * outWidth);
  for (const row of rows) {
    const down = weightsAlong(row, high, height, overlap, to.scale);
    for (const column of columns) {
      const across = weightsAlong(column, wide, width, overlap, to.scale);
      await checkpoint();
      const made = await run(cut(row, column));
      down.forEach((rowWeight, y) => {
        across.forEach((columnWeight, x) => {
          const weight = rowWeight * columnWeight;
          const at = (row * to.scale + y) * outWidth + column * to.scale + x;
          weights[at] = (weights[at] ?? 0) + weight;
          for (let channel = 0; channel < to.channels; channel++) {
            const value = made[(channel * down.length + y) * across.length + x] ?? Number.NaN;
            const sum = channel * outHeight * outWidth + at;
            // No weight also for a value that is none: what is not used cannot spoil the picture.
            if (weight > 0) sums[sum] = (sums[sum] ?? 0) + weight * value;
          }
        });
      });
    }
  }
  return Float32Array.from(sums, (sum, index) => sum / (weights[index % weights.length] ?? Number.NaN));

  function cut(row: number, column: number): Float32Array {
    const [tileHeight, tileWidth, line] = [high * from.scale, wide * from.scale, width * from.scale];
    const part = new Float32Array(from.channels * tileHeight * tileWidth);
    for (let channel = 0; channel < from.channels; channel++) {
      for (let y = 0; y < tileHeight; y++) {
        const start = (channel * height * from.scale + row * from.scale + y) * line + column * from.scale;
        part.set(values.subarray(start, start + tileWidth), (channel * tileHeight + y) * tileWidth);
      }
    }
    return part;
  }
}
