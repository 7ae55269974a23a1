/** What every backend's engine must do, as tests; each backend's test file registers them for itself. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import type {
  EditProgress,
  EditRequest,
  EditResult,
  Engine,
  EngineOptions,
  HistoryItem,
  MaskPixels,
} from '../contract.ts';
import { createEngine } from '../engine.ts';
import { seededNoise } from '../flow.ts';
import { maskToPixels } from '../pixels.ts';
import type { RuntimePorts } from '../ports.ts';
import {
  ignore,
  never,
  opened,
  tinyManifest,
  tinyMask,
  tinyPicture,
  tinyRequest,
  tinyRoles,
  tinyUrl,
  withRoles,
} from './tiny.ts';

/** "remove" and the end mark. */
const roleTokens = 2;

export function createTinyEngine(
  ports: RuntimePorts,
  backend: EngineOptions['backend'],
  cache?: EngineOptions['cache'],
): Engine {
  return createEngine(tinyUrl, { backend, ...(cache && { cache }) }, ports);
}

/** Bytes of the keys and values of `tokens` tokens. */
function cacheBytes(tokens: number): number {
  const { layers, heads, headDim } = tinyManifest().architecture;
  return tokens * 2 * layers * heads * headDim * 4;
}

/** What of a result does not depend on the clock. */
function outcome({ pixels, latent }: EditResult): Pick<EditResult, 'pixels' | 'latent'> {
  return { pixels, latent };
}

function madeItem(id: string, { pixels, latent }: EditResult): HistoryItem {
  return { kind: 'image', id, pixels, latent };
}

export function testEngineBehaviour(openPorts: () => RuntimePorts, backend: EngineOptions['backend']): void {
  let ports: RuntimePorts;
  let engine: Engine;
  /** Runs before each graph segment of `engine`. */
  let beforeSegment: () => void = ignore;

  beforeAll(async () => {
    const base = openPorts();
    ports = {
      ...base,
      yieldToMessages: async () => {
        beforeSegment();
        await base.yieldToMessages();
      },
    };
    engine = createTinyEngine(ports, backend);
    await engine.load(ignore);
  });
  afterAll(() => engine.dispose());

  const edit = (changes: Parameters<typeof tinyRequest>[0] = {}): Promise<EditResult> =>
    engine.edit(tinyRequest(changes), ignore, never);

  test('repeats a picture for a seed, and the second time its context comes from the cache', async () => {
    const first = await edit();
    const again = await edit();
    const other = await edit({ seed: 4 });
    expect(outcome(again)).toEqual(outcome(first));
    expect([again.cachedTokens, again.computedTokens]).toEqual([10, 6]);
    expect(other.latent.data).not.toEqual(first.latent.data);
  });

  test('gives the same pictures from the cache as without it, over turns, branches and left-out frames', async () => {
    const turn1 = await edit({ regions: { drawn: tinyMask() } });
    const instruction: HistoryItem = { kind: 'text', id: 't1', text: 'add a cat' };
    const mask: HistoryItem = { kind: 'mask', id: 'm1', mask: tinyMask() };
    const branch = await edit({ instruction: 'make it night' });
    const histories: readonly (readonly HistoryItem[])[] = [
      [opened, instruction, mask, madeItem('made1', turn1)],
      [opened, { kind: 'text', id: 't2', text: 'make it night' }, madeItem('made2', branch)],
      [madeItem('made1', turn1)],
      [opened, instruction, mask, madeItem('made1', turn1)],
      [opened, { kind: 'text', id: 't2', text: 'make it night' }, madeItem('made2', branch)],
    ];
    const cached: EditResult[] = [];
    for (const history of histories) cached.push(await edit({ history, instruction: 'remove the cat' }));
    // Behind the fork of a branch that was left nothing is computed again but the target.
    expect(cached.map(({ cachedTokens }) => cachedTokens)).toEqual([16, 10, 0, 26, 20]);
    expect(cached.slice(3).map(({ computedTokens }) => computedTokens)).toEqual([6, 6]);
    // Under names of its own every history is computed anew, and in other slots.
    const renamed = (history: readonly HistoryItem[], suffix: number): readonly HistoryItem[] =>
      history.map((item) => ({ ...item, id: `${item.id} ${suffix}` }));
    for (const [index, history] of histories.entries()) {
      const uncached = await edit({ history: renamed(history, index), instruction: 'remove the cat' });
      expect(uncached.cachedTokens).toBe(0);
      expect(outcome(cached[index] as EditResult)).toEqual(outcome(uncached));
    }
    const fresh = createTinyEngine(openPorts(), backend);
    await fresh.load(ignore);
    const [history = []] = histories;
    const request = tinyRequest({ history, instruction: 'remove the cat' });
    const uncached = await fresh.edit(request, ignore, never);
    await fresh.dispose();
    expect(uncached.cachedTokens).toBe(0);
    expect(outcome(cached[0] as EditResult)).toEqual(outcome(uncached));
  });

  test('forgets the oldest branch where memory is scarce, and the pictures stay the same', async () => {
    const roomy = createTinyEngine(ports, backend);
    // Enough for the opened picture, one branch and the target.
    const scarce = createTinyEngine(ports, backend, { maxBytes: cacheBytes(20) });
    const info = await scarce.load(ignore);
    await roomy.load(ignore);
    expect(info.cache).toMatchObject({ maxTokens: 20, maxBytes: cacheBytes(20), precision: 'float32' });
    const tokens: (readonly number[])[] = [];
    for (const instruction of ['add a cat', 'add a dog', 'add a cat', 'add a cat']) {
      const request = tinyRequest({ instruction });
      const [kept, evicted] = [
        await roomy.edit(request, ignore, never),
        await scarce.edit(request, ignore, never),
      ];
      expect(outcome(evicted)).toEqual(outcome(kept));
      tokens.push([kept.cachedTokens, evicted.cachedTokens]);
    }
    expect(tokens).toEqual([
      [0, 0],
      [6, 6],
      [10, 10],
      [10, 10],
    ]);
    const long = tinyRequest({ history: [opened, { ...opened, id: 'other' }, { ...opened, id: 'third' }] });
    await expect(scarce.edit(long, ignore, never)).rejects.toMatchObject({ code: 'unsupported' });
    expect((await scarce.edit(tinyRequest(), ignore, never)).cachedTokens).toBe(6);
    await roomy.dispose();
    await scarce.dispose();
  });

  test('changes no byte outside the region and keeps the latent cells there', async () => {
    const { latent, pixels } = await edit({ regions: { drawn: tinyMask() } });
    const isOutside = (pixel: number): boolean => pixel % 64 >= 32;
    const earlier = tinyPicture(1);
    const changedOutside = pixels.data.filter(
      (value, index) => isOutside(Math.floor(index / 4)) && value !== earlier.data[index],
    );
    expect(changedOutside).toHaveLength(0);
    expect(pixels.data).not.toEqual(earlier.data);
    const other = await edit({ regions: { drawn: tinyMask() }, seed: 99 });
    const outsideCells = (values: Float32Array): Float32Array => values.filter((_, index) => index % 4 >= 2);
    expect(outsideCells(latent.data)).toEqual(outsideCells(other.latent.data));
    expect(latent.data).not.toEqual(other.latent.data);
  });

  test('makes a region of black and white, then a picture that changes only there', async () => {
    const knowing = createTinyEngine(withRoles(ports, tinyRoles), backend);
    await knowing.load(ignore);
    const ask = (changes: Partial<EditRequest>): Promise<EditResult> =>
      knowing.edit(tinyRequest(changes), ignore, never);
    const region = await ask({ target: 'region-now' });
    expect(new Set(region.mask?.data)).toEqual(new Set([0, 255]));
    expect(region.pixels).toEqual(maskToPixels(region.mask as MaskPixels));
    const now = tinyMask();
    const next = await ask({ target: 'region-next', regions: { now } });
    // The picture, the words, the role and the region were computed for nothing else than this turn.
    const { pixels, cachedTokens } = await ask({ regions: { now } });
    expect(cachedTokens).toBe(next.cachedTokens + next.computedTokens - 6 - roleTokens);
    await knowing.dispose();
    const earlier = tinyPicture(1);
    const changes = pixels.data.map((value, index) => (value === earlier.data[index] ? 0 : 1));
    expect(changes.filter((change, index) => change === 1 && now.data[index >> 2] === 0)).toHaveLength(0);
    expect(changes).toContain(1);
  });

  test('guides by the instruction alone: without words guidance changes nothing, with words it does', async () => {
    const region = { instruction: '', regions: { drawn: tinyMask() } };
    const [unguided, guided] = [
      await edit({ ...region, guidance: 1 }),
      await edit({ ...region, guidance: 3 }),
    ];
    expect(outcome(guided)).toEqual(outcome(unguided));
    expect((await edit({ guidance: 1 })).latent.data).not.toEqual((await edit({ guidance: 3 })).latent.data);
  });

  test('begins a session with words', async () => {
    const { latent, cachedTokens, computedTokens } = await edit({ history: [] });
    expect([latent.channels, latent.height, latent.width]).toEqual([8, 4, 4]);
    expect(latent.data.every(Number.isFinite)).toBe(true);
    expect(latent.data).not.toEqual(seededNoise(3, 128));
    expect([cachedTokens, computedTokens]).toEqual([0, 10]);
  });

  test('reports every stage from its start to its end, with previews of the frame size', async () => {
    const reports: EditProgress[] = [];
    await engine.edit(tinyRequest({ history: [], steps: 3 }), (report) => reports.push(report), never);
    expect(reports.map(({ stage, done, total }) => `${stage} ${done}/${total}`)).toEqual([
      'history 0/0',
      'text 0/0',
      'denoise 0/3',
      'denoise 1/3',
      'denoise 2/3',
      'denoise 3/3',
      'decode 0/1',
      'decode 1/1',
    ]);
    const previews = reports.flatMap(({ preview }) => preview ?? []);
    expect(previews.length).toBeGreaterThan(0);
    for (const { width, height, data } of previews)
      expect([width, height, data.length]).toEqual([64, 64, 16_384]);
  });

  test('stops before the next segment wherever it is cancelled, and the cache stays right', async () => {
    const request = (id: string) =>
      tinyRequest({ history: [{ ...opened, id }], regions: { drawn: tinyMask() } });
    const expected = outcome(await engine.edit(request('opened'), ignore, never));
    let segments = 0;
    beforeSegment = () => segments++;
    await engine.edit(request('counted'), ignore, never);
    const all = segments;
    for (const stopAt of [1, 2, 4, Math.floor(all / 2), all]) {
      const controller = new AbortController();
      segments = 0;
      beforeSegment = () => {
        segments++;
        if (segments === stopAt) controller.abort();
      };
      const stopped = engine.edit(request(`stopped at ${stopAt}`), ignore, controller.signal);
      await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
      expect(segments).toBe(stopAt);
      beforeSegment = ignore;
      expect(outcome(await engine.edit(request(`stopped at ${stopAt}`), ignore, never))).toEqual(expected);
    }
  });

  test('runs calls that come at once one after another', async () => {
    const expected = outcome(await edit());
    const picture = tinyPicture(7);
    const [first, fit, second] = await Promise.all([edit(), engine.checkPicture(picture), edit()]);
    expect([outcome(first), outcome(second)]).toEqual([expected, expected]);
    expect(fit.isKnownWorld).toBe(fit.psnrDb >= tinyManifest().pictureFit.minPsnrDb);
  });

  test('refuses a bad request as EngineError and goes on working', async () => {
    await expect(edit({ steps: 0 })).rejects.toMatchObject({ name: 'EngineError', code: 'bad-input' });
    await expect(engine.checkPicture({ ...tinyPicture(1), width: 1 })).rejects.toMatchObject({
      code: 'bad-input',
    });
    expect((await edit()).pixels.width).toBe(64);
  });

  test('knows which words the model does not know', async () => {
    expect(await engine.unknownWords('Add a wombat here, wombat quokka')).toEqual(['wombat', 'quokka']);
  });

  test('gives the same pictures after a restart', async () => {
    const before = outcome(await edit());
    const info = await engine.restart(ignore);
    expect(info.id).toBe('tiny');
    const after = await edit();
    expect(after.cachedTokens).toBe(0);
    expect(outcome(after)).toEqual(before);
  });

  test('asks to load the model first', async () => {
    const unloaded = createTinyEngine(ports, backend);
    await expect(unloaded.edit(tinyRequest(), ignore, never)).rejects.toMatchObject({
      code: 'bad-input',
      message: 'The model is not loaded yet. Load it first.',
    });
  });
}
