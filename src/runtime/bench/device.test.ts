import { expect, test } from 'vitest';

import { createEngine } from '../engine.ts';
import { nodePorts } from '../node/host.ts';
import { ignore, tiny } from '../testing/tiny.ts';
import { benchDevice } from './device.ts';

test('measures an edit and late turns on a real engine, and ends at once when it is cancelled', async () => {
  const engine = createEngine(tiny.url, { backend: 'wasm' }, nodePorts(undefined));
  const info = await engine.load(ignore);
  const seen: (readonly [number, number])[] = [];
  const previews: unknown[] = [];
  const watched = {
    edit: async (...[request, onProgress, signal]: Parameters<typeof engine.edit>) =>
      engine.edit(
        request,
        (progress) => {
          if (progress.preview !== undefined) previews.push(progress);
          onProgress(progress);
        },
        signal,
      ),
  };
  const ports = { now: () => performance.now(), name: 'one', signal: new AbortController().signal };
  const report = await benchDevice(watched, info, {
    ...ports,
    onProgress: (done, total) => seen.push([done, total]),
  });
  const { frame, sampler } = tiny.manifest();
  expect(report).toMatchObject({ model: 'tiny', backend: 'wasm', memoryBytes: info.memory.peakBytes });
  expect(report.edit.steps).toHaveLength(sampler.steps);
  // Words and a picture more with every turn.
  expect(report.turns.map(({ turn, tokens }) => [turn, tokens])).toEqual(
    [1, 5, 20].map((turn) => [turn, turn * (wordTokens + frame.tokens) + frame.tokens]),
  );
  const times = [...Object.values(report.edit).flat(), ...report.turns.map(({ stepMs }) => stepMs)];
  expect(times.every((ms) => ms > 0)).toBe(true);
  expect(report.cached_turn20_over_turn1).toBe(
    (report.turns[2]?.stepMs ?? 0) / (report.turns[0]?.stepMs ?? 0),
  );
  expect(seen).toEqual(Array.from({ length: 7 }, (_, done) => [done, 6]));
  expect(previews).toEqual([]);

  const stop = new AbortController();
  const work = benchDevice(engine, info, {
    ...ports,
    name: 'two',
    signal: stop.signal,
    onProgress: (done) => {
      if (done === 1) stop.abort();
    },
  });
  await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  await engine.dispose();
});

/** "add a cat on the left" and the end mark. */
const wordTokens = 7;
