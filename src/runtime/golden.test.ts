import { existsSync, readFileSync } from 'node:fs';

import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';

import type {
  EditRequest,
  EditResult,
  HistoryItem,
  MaskPixels,
  ModelManifest,
  ModelRoles,
  Pixels,
  Reference,
} from './contract.ts';
import { createEngine } from './engine.ts';
import { eulerStep, flowTimes, seededNoise, timeFeatures } from './flow.ts';
import { sizeName } from './frames.ts';
import { parseManifest } from './manifest.ts';
import { nodePorts } from './node/host.ts';
import { axisThetas, placeSegments, rotationTables, segmentPositions } from './packing.ts';
import { sha256Hex } from './ports.ts';
import { ignore, never, withRoles } from './testing/tiny.ts';
import { parseTokenizer } from './tokenizer.ts';
import { turnItems } from './turn.ts';

interface Golden {
  readonly model: string;
  readonly modelSha256: string;
  readonly tensors: Readonly<Record<string, { dtype: string; shape: readonly number[]; offset: number }>>;
  readonly cases: {
    readonly tokenizer: readonly { text: string; ids: readonly number[] }[];
    readonly sequence: {
      segments: readonly { kind: 'text' | 'image' | 'mask'; tokens: number; t: number }[];
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
    /** One for each further size of the model. */
    readonly sized?: readonly GoldenSession[];
    readonly tasks: {
      readonly roles: ModelRoles;
      readonly start: string;
      readonly steps: readonly GoldenStep[];
    };
  };
}

interface GoldenSession {
  readonly start: string | null;
  readonly turns: readonly {
    readonly instruction: string;
    readonly seed: number;
    readonly steps: number;
    readonly guidance: number;
    readonly drawn: string | null;
    readonly latent: string;
    readonly frame: string;
  }[];
}

interface GoldenStep extends Pick<EditRequest, 'instruction' | 'seed' | 'steps' | 'guidance'> {
  readonly target: 'image' | 'region-now' | 'region-next' | { index: number; count: number };
  readonly given?: readonly string[];
  readonly regions?: { now: string; next?: string };
  readonly references?: readonly { role: Reference['role']; picture: string }[];
  readonly latent: string;
  readonly frame?: string;
  readonly mask?: string;
}

const root = new URL('../../', import.meta.url);
const read = (path: string, base: URL): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(path, base)));
const readJson = (path: string, base: URL): unknown => JSON.parse(new TextDecoder().decode(read(path, base)));

function worstDifference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  if (one.length !== other.length) return Number.POSITIVE_INFINITY;
  return Array.from(one).reduce(
    (worst, value, i) => Math.max(worst, Math.abs(value - (other[i] ?? Number.NaN))),
    0,
  );
}

/**
 * Both sides run the same float32 graphs, but their CPU kernels add in different orders, and what float32 rounds away
 * (6e-8) grows over steps, layers and guidance by some hundreds at most. Latents have unit variance; those of an untrained
 * model are larger, and their errors with them. So small a difference moves a colour by at most the one level at which
 * rounding changes, and a pixel of just mid grey into a region or out.
 */
const LIMITS = { latent: 1e-4, levels: 1, flipped: 1e-3 };

/** sin, cos, exp and log may differ by a last digit of float64 between languages; then float32 rounds once. */
const ONE_ROUNDING = 2 ** -23;

describe.each(['fixtures/golden/', 'fixtures/oblong/golden/', 'fixtures/quantised/golden/'])(
  'as %s says',
  (path) => {
    const folder = new URL(path, root);
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

    /** Worst differences of a result, beyond `LIMITS`: of the latent relative to its largest value, of a colour in levels, and the share of a region that differs. */
    function beyondLimits(
      result: EditResult,
      wanted: { latent: string; frame?: string; mask?: string },
    ): object {
      const expected = Float32Array.from(tensor(wanted.latent));
      const region = wanted.mask === undefined ? undefined : mask(wanted.mask).data;
      const found = {
        latent:
          worstDifference(result.latent.data, expected) /
          expected.reduce((top, value) => Math.max(top, Math.abs(value)), 1),
        levels:
          wanted.frame === undefined ? 0 : worstDifference(result.pixels.data, picture(wanted.frame).data),
        flipped: region
          ? region.filter((value, at) => value !== result.mask?.data[at]).length / region.length
          : 0,
      };
      return Object.fromEntries(
        Object.entries(found).filter(([name, value]) => !(value <= LIMITS[name as keyof typeof LIMITS])),
      );
    }

    test('the golden vectors belong to the files of the model', async () => {
      const lines = manifest.files.map(({ path, sha256 }) => `${path} ${sha256}\n`).toSorted();
      expect(await sha256Hex(new TextEncoder().encode(lines.join('')))).toBe(golden.modelSha256);
    });

    test('makes the tokens that training made', () => {
      const tokenizer = parseTokenizer(readJson(manifest.tokenizer, modelUrl));
      const { maxTextTokens } = manifest.architecture;
      for (const { text, ids } of cases.tokenizer)
        expect([...tokenizer.encode(text, maxTextTokens)]).toEqual(ids);
    });

    test('holds a session at every further size of the model', () => {
      const sizes = (cases.sized ?? []).map(({ start }) => picture(start ?? '')).map(sizeName);
      expect(sizes).toEqual((manifest.frames ?? []).map(sizeName));
    });

    test('packs a session into the positions and rotations of training', () => {
      const { segments, positions, cos, sin } = cases.sequence;
      const placed = placeSegments(
        segments.map(({ kind, tokens, t }) => ({ kind: kind === 'text' ? 'text' : 'vision', tokens, t })),
      );
      const ours = placed.flatMap((segment) => segmentPositions(segment, manifest.frame));
      expect(ours.flat()).toEqual([...tensor(positions)]);
      const tables = rotationTables(ours, manifest.architecture.axisDims, axisThetas(manifest));
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

    const sessions: readonly (readonly [string, GoldenSession])[] = [
      ['a picture', cases.edit],
      ['words', cases.fromWords],
      ...(cases.sized ?? []).map((session) => ['a picture of another size', session] as const),
    ];

    test.each(sessions)(
      'makes the pictures of a session from %s as the reference does, turn after turn',
      async (_, session) => {
        const engine = createEngine(modelUrl.href, { backend: 'wasm' }, nodePorts(undefined));
        await engine.load(ignore);
        const history: HistoryItem[] =
          session.start === null ? [] : [{ kind: 'image', id: 'start', pixels: picture(session.start) }];
        for (const [index, turn] of session.turns.entries()) {
          const { instruction, seed, steps, guidance } = turn;
          const drawn = turn.drawn === null ? undefined : mask(turn.drawn);
          const request: EditRequest = { history: [...history], instruction, seed, steps, guidance };
          const result = await engine.edit(
            drawn ? { ...request, regions: { drawn } } : request,
            ignore,
            never,
          );
          expect(beyondLimits(result, turn)).toEqual({});
          history.push({ kind: 'text', id: `text ${index}`, text: instruction });
          if (drawn !== undefined) history.push({ kind: 'mask', id: `mask ${index}`, mask: drawn });
          history.push({ kind: 'image', id: `image ${index}`, pixels: result.pixels, latent: result.latent });
        }
        await engine.dispose();
      },
    );

    test('asks for regions, edits with regions and references, and makes a clip as the reference does', async () => {
      const { roles, start, steps } = cases.tasks;
      const engine = createEngine(modelUrl.href, { backend: 'wasm' }, withRoles(nodePorts(undefined), roles));
      await engine.load(ignore);
      const history: HistoryItem[] = [{ kind: 'image', id: start, pixels: picture(start) }];
      /** The last two pictures before the clip: its ends. */
      let from = '';
      for (const step of steps) {
        const { given = [], instruction, seed, guidance } = step;
        if (given.length > 0) from = history.at(-1)?.id ?? '';
        history.push(...given.map(givenItem));
        const { references = [], regions } = step;
        const target = typeof step.target === 'object' ? { ...step.target, previousId: from } : step.target;
        const request: EditRequest = {
          history: [...history],
          instruction,
          seed,
          steps: step.steps,
          guidance,
          target,
          ...(references.length > 0 && {
            references: references.map(({ role, picture: id }) => ({ role, id, pixels: picture(id) })),
          }),
          ...(regions && {
            regions: { now: mask(regions.now), ...(regions.next && { next: mask(regions.next) }) },
          }),
        };
        const result = await engine.edit(request, ignore, never);
        expect(beyondLimits(result, step)).toEqual({});
        // A region that was asked for leaves the session where it is.
        if (step.frame === undefined) continue;
        const t = typeof target === 'object' ? target.index - 1 : 0;
        const { pixels, latent } = result;
        history.push(...turnItems(request, roles), { kind: 'image', id: step.frame, pixels, latent, t });
      }
      await engine.dispose();
    });

    function givenItem(given: string): HistoryItem {
      return given.endsWith('.png')
        ? { kind: 'image', id: given, pixels: picture(given) }
        : { kind: 'text', id: given, text: given };
    }
  },
);
