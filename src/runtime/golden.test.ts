import { existsSync, readFileSync } from 'node:fs';

import { PNG } from 'pngjs';
import { expect, test } from 'vitest';

import type { EditRequest, HistoryItem, MaskPixels, ModelManifest, Pixels } from './contract.ts';
import { createEngine } from './engine.ts';
import { eulerStep, flowTimes, seededNoise, timeFeatures } from './flow.ts';
import { parseManifest } from './manifest.ts';
import { nodePorts } from './node/host.ts';
import { placeSegments, rotationTables, segmentPositions } from './packing.ts';
import { sha256Hex } from './ports.ts';
import { ignore, never } from './testing/tiny.ts';
import { parseTokenizer } from './tokenizer.ts';

interface Golden {
  readonly model: string;
  readonly modelSha256: string;
  readonly tensors: Readonly<Record<string, { dtype: string; shape: readonly number[]; offset: number }>>;
  readonly cases: {
    readonly tokenizer: readonly { text: string; ids: readonly number[] }[];
    readonly sequence: {
      segments: readonly { kind: 'text' | 'image' | 'mask'; tokens: number }[];
      positions: string;
      cos: string;
      sin: string;
    };
    readonly timeFeatures: { times: readonly number[]; features: string };
    readonly samplerTimes: readonly { steps: number; shift: number; times: readonly number[] }[];
    readonly noise: readonly { seed: number; values: string }[];
    readonly eulerStep: readonly {
      noisy: number;
      clean: number;
      time: number;
      until: number;
      next: number;
    }[];
    readonly edit: GoldenSession;
    readonly fromWords: GoldenSession;
  };
}

interface GoldenSession {
  readonly start: string | null;
  readonly turns: readonly {
    readonly instruction: string;
    readonly seed: number;
    readonly steps: number;
    readonly guidance: number;
    readonly mask: string | null;
    readonly latent: string;
    readonly frame: string;
  }[];
}

const root = new URL('../../', import.meta.url);
const folder = new URL('fixtures/golden/', root);
const read = (path: string, base: URL): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(path, base)));
const readJson = (path: string, base: URL): unknown => JSON.parse(new TextDecoder().decode(read(path, base)));

const golden = readJson('golden.json', folder) as Golden;
const { cases } = golden;
const modelUrl = [`public/models/${golden.model}/`, `fixtures/${golden.model}/`]
  .map((path) => new URL(path, root))
  .find((url) => existsSync(new URL('manifest.json', url)));
if (modelUrl === undefined)
  throw new Error(`The model "${golden.model}" of the golden vectors is not there.`);
const manifest: ModelManifest = parseManifest(readJson('manifest.json', modelUrl));
const binary = read('golden.bin', folder).buffer;

/** A tensor's values as its own dtype's array. */
function tensor(name: string): Float32Array | Int32Array {
  const entry = golden.tensors[name];
  if (entry === undefined) throw new Error(`The golden vectors have no tensor "${name}".`);
  const count = entry.shape.reduce((product, size) => product * size, 1);
  if (entry.dtype === 'int32') return new Int32Array(binary, entry.offset, count);
  if (entry.dtype === 'float32') return new Float32Array(binary, entry.offset, count);
  throw new Error(`The tensor "${name}" has the dtype ${entry.dtype}.`);
}

function picture(name: string): Pixels {
  const { width, height, data } = PNG.sync.read(Buffer.from(read(name, folder)));
  return { width, height, data: new Uint8ClampedArray(data) };
}

function mask(name: string): MaskPixels {
  const { width, height, data } = picture(name);
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height }, (_, pixel) => data[pixel * 4] ?? 0),
  };
}

function worstDifference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  if (one.length !== other.length) return Number.POSITIVE_INFINITY;
  return Array.from(one).reduce(
    (worst, value, i) => Math.max(worst, Math.abs(value - (other[i] ?? Number.NaN))),
    0,
  );
}

/** sin, cos, exp and log may differ by a last digit of float64 between languages; then float32 rounds once. */
const ONE_ROUNDING = 2 ** -23;

test('the golden vectors belong to the model that ships', async () => {
  const lines = manifest.files.map(({ path, sha256 }) => `${path} ${sha256}\n`).toSorted();
  expect(await sha256Hex(new TextEncoder().encode(lines.join('')))).toBe(golden.modelSha256);
});

test('makes the tokens that training made', () => {
  const tokenizer = parseTokenizer(readJson(manifest.tokenizer, modelUrl));
  const { maxTextTokens } = manifest.architecture;
  for (const { text, ids } of cases.tokenizer)
    expect([...tokenizer.encode(text, maxTextTokens)]).toEqual(ids);
});

test('packs a session into the positions and rotations of training', () => {
  const { segments, positions, cos, sin } = cases.sequence;
  const placed = placeSegments(
    segments.map(({ kind, tokens }) => ({ kind: kind === 'text' ? 'text' : 'vision', tokens })),
  );
  const ours = placed.flatMap((segment) => segmentPositions(segment, manifest.frame));
  expect(ours.flat()).toEqual([...tensor(positions)]);
  const { axisDims, ropeTheta } = manifest.architecture;
  const tables = rotationTables(ours, axisDims, ropeTheta);
  expect(worstDifference(tables.cos, tensor(cos))).toBeLessThan(ONE_ROUNDING);
  expect(worstDifference(tables.sin, tensor(sin))).toBeLessThan(ONE_ROUNDING);
});

test('walks the flow of training: times, their features, noise and steps', () => {
  const { times, features } = cases.timeFeatures;
  const ours = times.flatMap((time) => [...timeFeatures(time, manifest.architecture.timeFeatures)]);
  expect(worstDifference(ours, tensor(features))).toBeLessThan(ONE_ROUNDING);
  for (const { steps, shift, times: expected } of cases.samplerTimes)
    expect(flowTimes(steps, shift)).toEqual(expected);
  for (const { seed, values } of cases.noise) {
    const expected = tensor(values);
    // Noise reaches about 5, where float32 is spaced four times as widely as at 1.
    expect(worstDifference(seededNoise(seed, expected.length), expected)).toBeLessThan(4 * ONE_ROUNDING);
  }
  for (const { noisy, clean, time, until, next } of cases.eulerStep) {
    const step = { from: time, to: until, guidance: 1 };
    const [ourNext] = eulerStep(Float32Array.from([noisy]), Float32Array.from([clean]), step);
    expect(ourNext).toBeCloseTo(next, 6);
  }
});

test.each([
  ['a picture', cases.edit],
  ['words', cases.fromWords],
])('makes the pictures of a session from %s as the reference does, turn after turn', async (_, session) => {
  const engine = createEngine(modelUrl.href, { backend: 'wasm' }, nodePorts(undefined));
  await engine.load(ignore);
  const history: HistoryItem[] =
    session.start === null ? [] : [{ kind: 'image', id: 'start', pixels: picture(session.start) }];
  for (const [index, turn] of session.turns.entries()) {
    const { instruction, seed, steps, guidance } = turn;
    const drawn = turn.mask === null ? undefined : mask(turn.mask);
    const request: EditRequest = { history: [...history], instruction, seed, steps, guidance };
    const result = await engine.edit(
      drawn === undefined ? request : { ...request, mask: drawn },
      ignore,
      never,
    );
    // Both run the same float32 graphs, but their CPU kernels add in different orders; latents have unit
    // variance, and what float32 rounds away (6e-8) grows over steps, layers and guidance by some hundreds at most.
    expect(worstDifference(result.latent.data, tensor(turn.latent))).toBeLessThan(1e-4);
    // So small a difference moves a colour by at most the one level at which rounding changes.
    expect(worstDifference(result.pixels.data, picture(turn.frame).data)).toBeLessThanOrEqual(1);
    history.push({ kind: 'text', id: `text ${index}`, text: instruction });
    if (drawn !== undefined) history.push({ kind: 'mask', id: `mask ${index}`, mask: drawn });
    history.push({ kind: 'image', id: `image ${index}`, pixels: result.pixels, latent: result.latent });
  }
  await engine.dispose();
});
