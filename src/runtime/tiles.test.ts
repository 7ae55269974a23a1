import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import type { Engine, Pixels } from './contract.ts';
import { createEngine } from './engine.ts';
import { parseManifest } from './manifest.ts';
import { nodePorts } from './node/host.ts';
import { ignore, never, openFixture } from './testing/tiny.ts';
import { inTiles, startsOf, tilingOf } from './tiles.ts';

const model = openFixture('quantised');
const manifest = model.manifest();
const cell = manifest.frame.latentDownsample;
const noWait = async (): Promise<void> => undefined;

test('covers every length with tiles that overlap by as much as was asked', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 40 }),
      fc.nat(),
      fc.integer({ min: 1, max: 200 }),
      (tile, some, length) => {
        const overlap = some % tile;
        const starts = startsOf(length, tile, overlap);
        expect(starts[0]).toBe(0);
        expect((starts.at(-1) ?? 0) + tile).toBe(Math.max(length, tile));
        starts.slice(1).forEach((start, index) => {
          expect(start - (starts[index] ?? 0)).toBeGreaterThan(0);
          expect((starts[index] ?? 0) + tile - start).toBeGreaterThanOrEqual(overlap);
        });
      },
    ),
  );
});

test('puts a picture together again that no tile changes, at either scale', async () => {
  const tiling = tilingOf(manifest.frame, manifest);
  if (tiling === undefined) throw new Error('The frame is not cut.');
  const { height, width } = manifest.frame;
  const picture = Float32Array.from({ length: 3 * height * width }, (_, index) => Math.sin(index));
  const plane = { channels: 3, scale: cell };
  const copy = await inTiles(picture, tiling, [plane, plane], async (part) => part, noWait);
  const worst = copy.reduce(
    (most, value, index) => Math.max(most, Math.abs(value - (picture[index] ?? 0))),
    0,
  );
  // Weights in float64 sum to 1 within some units of 2^-53; then float32 rounds once.
  expect(worst).toBeLessThanOrEqual(2 ** -24);
});

test('waits for the checkpoint before each tile, and goes no further when it throws', async () => {
  const tiling = tilingOf(manifest.frame, manifest);
  if (tiling === undefined) throw new Error('The frame is not cut.');
  let runs = 0;
  const latent = new Float32Array(4 * tiling.height * tiling.width);
  const plane = { channels: 4, scale: 1 };
  const work = inTiles(
    latent,
    tiling,
    [plane, plane],
    async (part) => {
      runs++;
      return part;
    },
    async () => {
      if (runs === 2) throw new Error('stopped');
    },
  );
  await expect(work).rejects.toThrow('stopped');
  expect(runs).toBe(2);
});

/** What the model makes of words alone, and what its autoencoder keeps of a picture, cut as `tiles` says. */
async function madeWith(tiles: unknown): Promise<{ picture: Pixels; latent: Float32Array; psnrDb: number }> {
  const ports = { ...nodePorts(undefined), now: () => 0 };
  const engine: Engine = createEngine(
    model.url,
    { backend: 'wasm' },
    {
      ...ports,
      async fetch(url, init) {
        if (!url.endsWith('manifest.json')) return ports.fetch(url, init);
        const { tiles: _, ...json } = model.json();
        return new Response(JSON.stringify(tiles === undefined ? json : { ...json, tiles }));
      },
    },
  );
  await engine.load(ignore);
  const { pixels, latent } = await engine.edit(model.request({ steps: 1, guidance: 1 }), ignore, never);
  const { psnrDb } = await engine.checkPicture(model.picture(1));
  await engine.dispose();
  return { picture: pixels, latent: latent.data, psnrDb };
}

const worstOf = (one: ArrayLike<number>, other: ArrayLike<number>): number =>
  Array.from(one).reduce(
    (most, value, index) => Math.max(most, Math.abs(value - (other[index] ?? Number.NaN))),
    0,
  );

describe('a frame that is larger than a tile', () => {
  let whole: Awaited<ReturnType<typeof madeWith>>;
  beforeAll(async () => {
    whole = await madeWith(undefined);
  });

  test('gives the picture that it gives whole where the overlap hides all that a tile does not see', async () => {
    // A cell of this autoencoder reaches 1.25 cells, and a quarter of the overlap, 1.5 cells, is not used.
    const tiled = await madeWith(manifest.tiles);
    // Sums of some 72 products in another order, twice: 72 * 2^-24 of values of the order of 1, through one step.
    expect(worstOf(tiled.latent, whole.latent)).toBeLessThan(1e-4);
    // What rounds to the one level in one order may round to the next in another.
    expect(worstOf(tiled.picture.data, whole.picture.data)).toBeLessThanOrEqual(1);
    expect(tiled.psnrDb).toBeCloseTo(whole.psnrDb, 2);
  });

  test('differs near seams only, and by little, where the overlap is too small for that', async () => {
    const tiles = { width: 64, height: 64, overlap: 16 };
    const tiling = tilingOf(manifest.frame, { tiles });
    if (tiling === undefined) throw new Error('The frame is not cut.');
    const plane = { channels: 1, scale: 1 };
    // An autoencoder that sees two cells around and zeros beyond its edges, as convolutions do.
    const around = [-2, -1, 0, 1, 2];
    const blur = (part: Float32Array, wide: number): Float32Array =>
      part.map((_, index) => {
        const [y, x] = [Math.floor(index / wide), index % wide];
        const at = (dy: number, dx: number): number =>
          x + dx < 0 || x + dx >= wide ? 0 : (part[(y + dy) * wide + x + dx] ?? 0);
        return around.flatMap((dy) => around.map((dx) => at(dy, dx))).reduce((a, b) => a + b) / 25;
      });
    const values = new Float32Array(tiling.height * tiling.width).fill(1);
    const made = await inTiles(values, tiling, [plane, plane], async (part) => blur(part, 8), noWait);
    const right = blur(values, tiling.width);
    const isNearSeam = (at: number, starts: readonly number[], length: number): boolean =>
      starts.some(
        (start) =>
          (start > 0 && at >= start && at < start + 2) ||
          (start + 8 < length && at >= start + 6 && at < start + 8),
      );
    const [near, away]: [number[], number[]] = [[], []];
    for (const [index, value] of made.entries()) {
      const [y, x] = [Math.floor(index / tiling.width), index % tiling.width];
      const isNear = isNearSeam(x, tiling.columns, tiling.width) || isNearSeam(y, tiling.rows, tiling.height);
      (isNear ? near : away).push(Math.abs(value - (right[index] ?? Number.NaN)));
    }
    expect([near.length > 0, away.length > 0]).toEqual([true, true]);
    // Products of at most 25 sums, each rounded once to float32.
    expect(Math.max(...away)).toBeLessThan(2 ** -22);
    expect(Math.max(...near)).toBeGreaterThan(0);
    // The cell at a cut edge is not used, and the next one misses a fifth along each axis.
    expect(Math.max(...near)).toBeLessThan(1 - (4 / 5) ** 2);
  });
});

test('leaves frames up to a tile whole', () => {
  const { frame } = manifest;
  const tiles = { width: frame.width, height: frame.height, overlap: 8 };
  expect(tilingOf(frame, { tiles })).toBeUndefined();
  expect(tilingOf(frame, {})).toBeUndefined();
});

test.each([
  [{ width: 60, height: 64, overlap: 48 }, 'tiles must be whole cells of 8 pixels.'],
  [{ width: 64, height: 64, overlap: 64 }, 'tiles.overlap must be smaller than a tile.'],
  [{ width: 64, height: 88, overlap: 48 }, 'tiles of 64x88 do not fit into a frame of 96x80.'],
  [{ width: 64, height: 64 }, 'tiles.overlap must be a whole number above 0'],
])('refuses the tiles %j', (tiles, problem) => {
  expect(() => parseManifest({ ...model.json(), tiles })).toThrow(problem);
});

test('needs the graphs of a tile, and then none of the whole frame', () => {
  const { vae_encoder: _, vae_decoder: __, ...graphs } = model.json()['graphs'] as Record<string, string>;
  const weights = manifest.weights.map(({ graphs: _graphs, ...entry }) => entry);
  expect(parseManifest({ ...model.json(), graphs, weights }).tiles).toEqual(manifest.tiles);
  const { vae_decoder_tile: ___, ...without } = graphs;
  expect(() => parseManifest({ ...model.json(), graphs: without, weights })).toThrow(
    'graphs.vae_decoder_tile is missing',
  );
});
