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
import { ignore, never, noisePixels, tinyRoles, withRoles } from './tiny.ts';
import type { Fixture } from './tiny.ts';

/** "remove" and the end mark; "add a cat", "make it night" or "remove the cat" and the end mark. */
const [roleTokens, wordTokens] = [2, 4];

export function openEngine(
  model: Fixture,
  ports: RuntimePorts,
  backend: EngineOptions['backend'],
  cache?: EngineOptions['cache'],
): Engine {
  return createEngine(model.url, { backend, ...(cache && { cache }) }, ports);
}

/** Bytes of the keys and values of `tokens` tokens. */
function cacheBytes(model: Fixture, tokens: number): number {
  const { layers, heads, headDim } = model.manifest().architecture;
  return tokens * 2 * layers * heads * headDim * 4;
}

/** What of a result does not depend on the clock. */
function outcome({ pixels, latent }: EditResult): Pick<EditResult, 'pixels' | 'latent'> {
  return { pixels, latent };
}

function madeItem(id: string, { pixels, latent }: EditResult): HistoryItem {
  return { kind: 'image', id, pixels, latent };
}

export function testEngineBehaviour(
  model: Fixture,
  openPorts: () => RuntimePorts,
  backend: EngineOptions['backend'],
): void {
  const { opened } = model;
  const { frame } = model.manifest();
  const { tokens: frameTokens } = frame;
  const [rows, columns] = [frame.height / frame.latentDownsample, frame.width / frame.latentDownsample];
  let ports: RuntimePorts;
  let engine: Engine;
  /** Runs before each graph segment of `engine`. */
  let beforeSegment: () => void = ignore;
  /** Runs while each graph of `engine` does. */
  let duringGraph: (name: string) => void = ignore;

  beforeAll(async () => {
    const base = openPorts();
    ports = {
      ...base,
      yieldToMessages: async () => {
        beforeSegment();
        await base.yieldToMessages();
      },
      async aroundGraph(name, run) {
        const outputs = run();
        duringGraph(name);
        return outputs;
      },
    };
    engine = openEngine(model, ports, backend);
    await engine.load(ignore);
  });
  afterAll(() => engine.dispose());

  const edit = (changes: Parameters<Fixture['request']>[0] = {}): Promise<EditResult> =>
    engine.edit(model.request(changes), ignore, never);

  test('repeats a picture for a seed, and the second time its context comes from the cache', async () => {
    const first = await edit();
    const again = await edit();
    const other = await edit({ seed: 4 });
    expect(outcome(again)).toEqual(outcome(first));
    expect([again.cachedTokens, again.computedTokens]).toEqual([frameTokens + wordTokens, frameTokens]);
    expect(other.latent.data).not.toEqual(first.latent.data);
  });

  test('gives the same pictures from the cache as without it, over turns, branches and left-out frames', async () => {
    const turn1 = await edit({ regions: { drawn: model.mask() } });
    const instruction: HistoryItem = { kind: 'text', id: 't1', text: 'add a cat' };
    const mask: HistoryItem = { kind: 'mask', id: 'm1', mask: model.mask() };
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
    expect(cached.map(({ cachedTokens }) => cachedTokens)).toEqual([
      2 * frameTokens + wordTokens,
      frameTokens + wordTokens,
      0,
      3 * frameTokens + 2 * wordTokens,
      2 * (frameTokens + wordTokens),
    ]);
    expect(cached.slice(3).map(({ computedTokens }) => computedTokens)).toEqual([frameTokens, frameTokens]);
    // Under names of its own every history is computed anew, and in other slots.
    const renamed = (history: readonly HistoryItem[], suffix: number): readonly HistoryItem[] =>
      history.map((item) => ({ ...item, id: `${item.id} ${suffix}` }));
    for (const [index, history] of histories.entries()) {
      const uncached = await edit({ history: renamed(history, index), instruction: 'remove the cat' });
      expect(uncached.cachedTokens).toBe(0);
      expect(outcome(cached[index] as EditResult)).toEqual(outcome(uncached));
    }
    const fresh = openEngine(model, openPorts(), backend);
    await fresh.load(ignore);
    const [history = []] = histories;
    const request = model.request({ history, instruction: 'remove the cat' });
    const uncached = await fresh.edit(request, ignore, never);
    await fresh.dispose();
    expect(uncached.cachedTokens).toBe(0);
    expect(outcome(cached[0] as EditResult)).toEqual(outcome(uncached));
  });

  test('forgets the oldest branch where memory is scarce, and the pictures stay the same', async () => {
    const roomy = openEngine(model, ports, backend);
    // Enough for the opened picture, one branch and the target.
    const maxTokens = 2 * (frameTokens + wordTokens);
    const maxBytes = cacheBytes(model, maxTokens);
    const scarce = openEngine(model, ports, backend, { maxBytes });
    const info = await scarce.load(ignore);
    await roomy.load(ignore);
    expect(info.cache).toMatchObject({ maxTokens, maxBytes, precision: 'float32' });
    const tokens: (readonly number[])[] = [];
    for (const instruction of ['add a cat', 'add a dog', 'add a cat', 'add a cat']) {
      const request = model.request({ instruction });
      const [kept, evicted] = [
        await roomy.edit(request, ignore, never),
        await scarce.edit(request, ignore, never),
      ];
      expect(outcome(evicted)).toEqual(outcome(kept));
      tokens.push([kept.cachedTokens, evicted.cachedTokens]);
    }
    expect(tokens).toEqual([
      [0, 0],
      [frameTokens, frameTokens],
      [frameTokens + wordTokens, frameTokens + wordTokens],
      [frameTokens + wordTokens, frameTokens + wordTokens],
    ]);
    const long = model.request({ history: [opened, { ...opened, id: 'other' }, { ...opened, id: 'third' }] });
    await expect(scarce.edit(long, ignore, never)).rejects.toMatchObject({ code: 'unsupported' });
    expect((await scarce.edit(model.request(), ignore, never)).cachedTokens).toBe(frameTokens);
    await roomy.dispose();
    await scarce.dispose();
  });

  test('changes no byte outside the region and keeps the latent cells there', async () => {
    const { latent, pixels } = await edit({ regions: { drawn: model.mask() } });
    const isOutside = (pixel: number): boolean => pixel % frame.width >= frame.width / 2;
    const earlier = model.picture(1);
    const changedOutside = pixels.data.filter(
      (value, index) => isOutside(Math.floor(index / 4)) && value !== earlier.data[index],
    );
    expect(changedOutside).toHaveLength(0);
    expect(pixels.data).not.toEqual(earlier.data);
    const other = await edit({ regions: { drawn: model.mask() }, seed: 99 });
    const outsideCells = (values: Float32Array): Float32Array =>
      values.filter((_, index) => index % columns >= columns / 2);
    expect(outsideCells(latent.data)).toEqual(outsideCells(other.latent.data));
    expect(latent.data).not.toEqual(other.latent.data);
  });

  test('makes a region of black and white, then a picture that changes only there', async () => {
    const knowing = openEngine(model, withRoles(ports, tinyRoles), backend);
    await knowing.load(ignore);
    const ask = (changes: Partial<EditRequest>): Promise<EditResult> =>
      knowing.edit(model.request(changes), ignore, never);
    const region = await ask({ target: 'region-now' });
    expect(new Set(region.mask?.data)).toEqual(new Set([0, 255]));
    expect(region.pixels).toEqual(maskToPixels(region.mask as MaskPixels));
    const now = model.mask();
    const next = await ask({ target: 'region-next', regions: { now } });
    // The picture, the words, the role and the region were computed for nothing else than this turn.
    const { pixels, cachedTokens } = await ask({ regions: { now } });
    expect(cachedTokens).toBe(next.cachedTokens + next.computedTokens - frameTokens - roleTokens);
    await knowing.dispose();
    const earlier = model.picture(1);
    const changes = pixels.data.map((value, index) => (value === earlier.data[index] ? 0 : 1));
    expect(changes.filter((change, index) => change === 1 && now.data[index >> 2] === 0)).toHaveLength(0);
    expect(changes).toContain(1);
  });

  test('guides by the instruction alone: without words guidance changes nothing, with words it does', async () => {
    const region = { instruction: '', regions: { drawn: model.mask() } };
    const [unguided, guided] = [
      await edit({ ...region, guidance: 1 }),
      await edit({ ...region, guidance: 3 }),
    ];
    expect(outcome(guided)).toEqual(outcome(unguided));
    expect((await edit({ guidance: 1 })).latent.data).not.toEqual((await edit({ guidance: 3 })).latent.data);
  });

  test.each(model.manifest().frames ?? [])(
    'works at $width x $height as well, in turn with its own size and as if there were no other',
    async (size) => {
      const upright: HistoryItem = { kind: 'image', id: 'upright', pixels: noisePixels(size, 8) };
      const data = Uint8Array.from({ length: size.width * size.height }, (_, pixel) =>
        pixel % size.width < size.width / 2 ? 255 : 0,
      );
      const drawn = { ...size, data };
      const ask = (at: Engine, history: readonly HistoryItem[]): Promise<EditResult> =>
        at.edit(model.request({ history, regions: { drawn } }), ignore, never);
      await edit();
      const first = await ask(engine, [upright]);
      const own = await edit();
      const made = madeItem('made upright', first);
      const second = await ask(engine, [upright, made]);
      expect([first.pixels.width, first.pixels.height]).toEqual([size.width, size.height]);
      expect([first.latent.channels, first.latent.height, first.latent.width]).toEqual([
        frame.latentChannels,
        size.height / frame.latentDownsample,
        size.width / frame.latentDownsample,
      ]);
      const kept = first.pixels.data.filter((_, index) => data[index >> 2] === 0);
      expect(kept).toEqual(upright.pixels.data.filter((_, index) => data[index >> 2] === 0));
      expect(first.pixels.data).not.toEqual(upright.pixels.data);
      expect([second.cachedTokens > 0, (await edit()).latent.data]).toEqual([true, own.latent.data]);
      expect((await engine.checkPicture(upright.pixels)).psnrDb).toBeGreaterThan(0);
      const fresh = openEngine(model, openPorts(), backend);
      await fresh.load(ignore);
      expect(outcome(await ask(fresh, [upright, made]))).toEqual(outcome(second));
      await fresh.dispose();
      const mixed = engine.edit(model.request({ history: [upright, opened] }), ignore, never);
      await expect(mixed).rejects.toMatchObject({ code: 'bad-input', reason: 'size-wrong' });
    },
  );

  test('begins a session with words', async () => {
    const { latent, cachedTokens, computedTokens } = await edit({ history: [] });
    expect([latent.channels, latent.height, latent.width]).toEqual([frame.latentChannels, rows, columns]);
    expect(latent.data.every(Number.isFinite)).toBe(true);
    expect(latent.data).not.toEqual(seededNoise(3, latent.data.length));
    expect(latent.data).toHaveLength(frame.latentChannels * rows * columns);
    expect([cachedTokens, computedTokens]).toEqual([0, wordTokens + frameTokens]);
  });

  test.each(model.manifest().frames ?? [])(
    'begins a session with words at $width x $height, and goes on at that size',
    async (size) => {
      const first = await edit({ history: [], size });
      expect([first.pixels.width, first.pixels.height]).toEqual([size.width, size.height]);
      expect(first.latent.data).not.toEqual((await edit({ history: [] })).latent.data);
      const next = await edit({ history: [madeItem('made of words', first)] });
      expect([next.pixels.width, next.pixels.height]).toEqual([size.width, size.height]);
      const foreign = edit({ history: [], size: { width: size.width, height: size.width } });
      await expect(foreign).rejects.toMatchObject({ code: 'bad-input', reason: 'size-wrong' });
    },
  );

  test('reports every stage from its start to its end, with previews of the frame size', async () => {
    const reports: EditProgress[] = [];
    await edit({ history: [] });
    await engine.edit(model.request({ history: [], steps: 3 }), (report) => reports.push(report), never);
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
      expect([width, height, data.length]).toEqual([
        frame.width,
        frame.height,
        frame.width * frame.height * 4,
      ]);
  });

  test('stops before the next segment wherever it is cancelled, and the cache stays right', async () => {
    const request = (id: string) =>
      model.request({ history: [{ ...opened, id }], regions: { drawn: model.mask() } });
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

  test('begins no graph once it is cancelled, in whatever graph that is, and leaves no trace', async () => {
    const request = (id: string): EditRequest =>
      model.request({ history: [{ ...opened, id }], regions: { drawn: model.mask() } });
    const all: string[] = [];
    duringGraph = (name) => void all.push(name);
    const expected = outcome(await engine.edit(request('every graph'), ignore, never));
    // Middle segments are alike; of every other graph the first run and the last, which is another stage of the turn.
    const names = [...new Set(all)].filter((name) => !/^segment_0[12]$/.test(name));
    const ends = new Set(names.flatMap((name) => [all.indexOf(name), all.lastIndexOf(name)]));
    for (const stopAt of ends) {
      const controller = new AbortController();
      let runs = 0;
      duringGraph = () => {
        if (runs === stopAt) controller.abort();
        runs++;
      };
      const id = `cancelled in graph ${stopAt}`;
      const stopped = engine.edit(request(id), ignore, controller.signal);
      await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
      expect(runs).toBe(stopAt + 1);
      duringGraph = ignore;
      expect(outcome(await engine.edit(request(id), ignore, never))).toEqual(expected);
    }
  });

  test('never shows numbers that are none, and forgets whatever they came from', async () => {
    const expected = outcome(await edit({ steps: 3 }));
    const broken = new Float32Array(frame.latentChannels * rows * columns).fill(Number.NaN, 0, 1);
    const latent = { channels: frame.latentChannels, height: rows, width: columns, data: broken };
    const named = { ...opened, id: 'broken once' };
    const shown: EditProgress[] = [];
    const request = model.request({ history: [{ ...named, latent } as HistoryItem], steps: 3 });
    const failed = engine.edit(request, (progress) => shown.push(progress), never);
    await expect(failed).rejects.toMatchObject({
      name: 'EngineError',
      code: 'internal',
      message: expect.stringContaining('numbers that are none') as string,
    });
    expect(shown.filter(({ preview }) => preview !== undefined)).toEqual([]);
    expect(outcome(await edit({ history: [named], steps: 3 }))).toEqual(expected);
  });

  test('runs calls that come at once one after another', async () => {
    const expected = outcome(await edit());
    const picture = model.picture(7);
    const [first, fit, second] = await Promise.all([edit(), engine.checkPicture(picture), edit()]);
    expect([outcome(first), outcome(second)]).toEqual([expected, expected]);
    expect(fit.isKnownWorld).toBe(fit.psnrDb >= model.manifest().pictureFit.minPsnrDb);
  });

  test('refuses a bad request as EngineError and goes on working', async () => {
    await expect(edit({ steps: 0 })).rejects.toMatchObject({ name: 'EngineError', code: 'bad-input' });
    await expect(engine.checkPicture({ ...model.picture(1), width: 1 })).rejects.toMatchObject({
      code: 'bad-input',
    });
    expect((await edit()).pixels.width).toBe(frame.width);
  });

  test('knows which words the model does not know, and how many tokens a text has', async () => {
    expect(await engine.unknownWords('Add a wombat here, wombat quokka')).toEqual(['wombat', 'quokka']);
    const [one, two, long] = await engine.countTokens(['cat', 'add a cat', 'cat '.repeat(100)]);
    expect([(two ?? 0) - (one ?? 0), (long ?? 0) - (one ?? 0)]).toEqual([2, 99]);
  });

  test('gives the same pictures after a restart', async () => {
    const before = outcome(await edit());
    const info = await engine.restart(ignore);
    expect(info.id).toBe(model.name);
    const after = await edit();
    expect(after.cachedTokens).toBe(0);
    expect(outcome(after)).toEqual(before);
  });

  test('asks to load the model first', async () => {
    const unloaded = openEngine(model, ports, backend);
    await expect(unloaded.edit(model.request(), ignore, never)).rejects.toMatchObject({
      code: 'bad-input',
      message: 'The model is not loaded yet. Load it first.',
    });
  });
}
