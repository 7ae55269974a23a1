import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { expect, test } from 'vitest';

import type { Bytes } from '../blobs.ts';
import { ableRig, flatPicture, gate, readyRig } from '../testing/editor.ts';
import { must } from '../testing/must.ts';
import { encodePng } from './png.ts';
import { type Ffmpeg, type LoadFfmpeg, VideoError, type VideoFrame, encodeVideo } from './video.ts';

interface Core {
  ret: number;
  FS: {
    writeFile(path: string, data: Uint8Array): void;
    readFile(path: string, options: object): Uint8Array;
  };
  exec(...args: string[]): void;
  reset(): void;
  setLogger(listener: (event: { message: string }) => void): void;
  setProgress(listener: (event: { progress: number }) => void): void;
}

const require = createRequire(import.meta.url);

/** The same ffmpeg as in the page, without the worker around it: its core takes Node for one. */
async function loadCore(): Promise<Core> {
  Object.assign(globalThis, { self: { location: { href: import.meta.url } } });
  const createCore = require('@ffmpeg/core') as (options: { wasmBinary: Uint8Array }) => Promise<Core>;
  return createCore({ wasmBinary: readFileSync(require.resolve('@ffmpeg/core/wasm')) });
}

const loadInNode: LoadFfmpeg = async () => {
  const core = await loadCore();
  const ffmpeg: Ffmpeg = {
    writeFile: async (path, data) => {
      core.FS.writeFile(path, data);
    },
    exec: async (args) => {
      core.exec(...args);
      return core.ret;
    },
    readFile: async (path) => core.FS.readFile(path, {}),
    on: (event: 'progress' | 'log', listener: (event: { progress: number; message: string }) => void) => {
      if (event === 'log') core.setLogger(({ message }) => listener({ message, progress: 0 }));
      else core.setProgress(({ progress }) => listener({ message: '', progress }));
    },
    terminate: () => undefined,
  };
  return ffmpeg;
};

/** Every frame of a video as `[red, green, blue]` of its middle pixel, and the log of reading it. */
async function middlesOf(video: Bytes, width: number, height: number) {
  const core = await loadCore();
  const log: string[] = [];
  core.setLogger(({ message }) => log.push(message));
  core.FS.writeFile('in.mp4', video);
  core.exec('-i', 'in.mp4', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'out.rgb');
  const raw = core.FS.readFile('out.rgb', {});
  const middle = ((height >> 1) * width + (width >> 1)) * 3;
  const middles = Array.from({ length: raw.length / (width * height * 3) }, (_, i) => {
    const at = i * width * height * 3 + middle;
    return Array.from(raw.subarray(at, at + 3));
  });
  return { middles, log: log.join('\n') };
}

function flat(width: number, height: number, colour: readonly number[], seconds: number): VideoFrame {
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => colour[i % 4] ?? 255);
  return { png: encodePng({ width, height, channels: 4, data }), seconds };
}

const never = new AbortController().signal;
const ignore = (): void => undefined;

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof VideoError) return error.code;
    throw error;
  }
  return 'done';
}

test('shows each picture in its own colour for its own time, at even size, as plain H.264', async () => {
  const colours = [
    [200, 30, 30],
    [30, 200, 30],
    [30, 30, 200],
  ];
  const frames = colours.map((colour, i) => flat(33, 31, colour, i === 2 ? 0.4 : 0.8));
  const bytesBefore = frames.map(({ png }) => png.length);
  const fractions: number[] = [];
  const video = await encodeVideo(
    { format: 'mp4', frames, width: 33, height: 31 },
    loadInNode,
    (fraction) => fractions.push(fraction),
    never,
  );
  const { middles, log } = await middlesOf(video, 32, 30);
  expect(log).toMatch(/h264 .*yuv420p\(tv, bt709.*32x30.*25 fps/);
  expect(middles.length).toBe(50);
  middles.forEach((middle, i) => {
    const expected = must(colours[Math.floor(i / 20)]);
    // 8-bit limited-range YUV cannot hold every RGB value; two steps of rounding on the way in and out.
    const worst = Math.max(...middle.map((value, c) => Math.abs(value - must(expected[c]))));
    expect(worst).toBeLessThanOrEqual(4);
  });
  expect(fractions.at(-1)).toBe(1);
  expect(frames.map(({ png }) => png.length)).toEqual(bytesBefore);
});

/** Hundredths of a second that each picture of a GIF stays. */
function gifDelays(gif: Bytes): readonly number[] {
  const at = (place: number): number => must(gif[place]);
  const tableBytes = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  const delays: number[] = [];
  let place = 13 + tableBytes(at(10));
  while (at(place) !== 0x3b) {
    if (at(place) === 0x21 && at(place + 1) === 0xf9) delays.push(at(place + 4) + 256 * at(place + 5));
    place += at(place) === 0x21 ? 2 : 11 + tableBytes(at(place + 9));
    while (at(place) !== 0) place += 1 + at(place);
    place += 1;
  }
  return delays;
}

/** The same of an animated PNG. */
function apngDelays(png: Bytes): readonly number[] {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const delays: number[] = [];
  for (let place = 8; place < png.length; place += 12 + view.getUint32(place)) {
    if (String.fromCharCode(...png.subarray(place + 4, place + 8)) !== 'fcTL') continue;
    delays.push((100 * view.getUint16(place + 28)) / view.getUint16(place + 30));
  }
  return delays;
}

test.each([
  ['gif', gifDelays],
  ['apng', apngDelays],
] as const)(
  'makes a %s that shows each picture in its own colour for its own time',
  async (format, delays) => {
    const colours = [
      [200, 30, 30],
      [30, 200, 30],
      [30, 30, 200],
    ];
    const frames = colours.map((colour, i) => flat(33, 31, colour, must([0.8, 0.4, 1.2][i])));
    const made = await encodeVideo({ format, frames, width: 33, height: 31 }, loadInNode, ignore, never);
    expect(delays(made)).toEqual([80, 40, 120]);
    const { middles, log } = await middlesOf(made, 33, 31);
    expect(log).toMatch(new RegExp(`Video: ${format}.* 33x31`));
    const seen = [...new Set(middles.map(String))];
    expect(seen).toHaveLength(3);
    seen.forEach((middle, i) => {
      const worst = Math.max(
        ...middle.split(',').map((value, c) => Math.abs(Number(value) - must(must(colours[i])[c]))),
      );
      // A palette made from the picture holds a flat colour but for its rounding.
      expect(worst).toBeLessThanOrEqual(format === 'apng' ? 0 : 2);
    });
  },
);

test('says what ffmpeg said when it cannot read a picture', async () => {
  const frames = [{ png: Uint8Array.of(1, 2, 3), seconds: 1 }];
  const failing = encodeVideo({ format: 'mp4', frames, width: 8, height: 8 }, loadInNode, ignore, never);
  await expect(failing).rejects.toMatchObject({
    code: 'encode-failed',
    log: expect.stringContaining('Invalid PNG signature') as string,
  });
});

test('refuses an empty, tiny or timeless video before anything is loaded', async () => {
  const load: LoadFfmpeg = () => Promise.reject(new Error('It was loaded.'));
  const frames = [flat(4, 4, [1, 2, 3], 1)];
  const slow = [flat(4, 4, [1, 2, 3], Number.NaN)];
  for (const options of [
    { frames: [], width: 4, height: 4 },
    { frames, width: 1, height: 4 },
    { frames: slow, width: 4, height: 4 },
  ]) {
    expect(await codeOf(encodeVideo({ format: 'mp4', ...options }, load, ignore, never))).toBe('bad-input');
  }
  expect(await codeOf(encodeVideo({ format: 'gif', frames, width: 4, height: 4 }, load, ignore, never))).toBe(
    'load-failed',
  );
});

test('stops when it is cancelled, before or while ffmpeg is loaded', async () => {
  const options = { format: 'mp4' as const, frames: [flat(4, 4, [1, 2, 3], 1)], width: 4, height: 4 };
  const before = new AbortController();
  before.abort();
  expect(await codeOf(encodeVideo(options, loadInNode, ignore, before.signal))).toBe('cancelled');
  const during = new AbortController();
  const reached = gate();
  const load: LoadFfmpeg = (signal) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new DOMException('Aborted.', 'AbortError')));
      reached.open();
    });
  const work = codeOf(encodeVideo(options, load, ignore, during.signal));
  await reached.passed;
  during.abort();
  expect(await work).toBe('cancelled');
});

test('the store hands out a video of the way to the current place, or says why not', async () => {
  const rig = await ableRig(loadInNode);
  rig.actions.setInstruction('one');
  rig.actions.makeEdit();
  await rig.actions.settled();
  const file = must(await rig.actions.exportVideo('mp4', 0.2));
  expect(file.name).toMatch(/^bay_\d{8}-\d{6}\.mp4$/);
  const { middles, log } = await middlesOf(file.bytes, 8, 8);
  expect(middles.length).toBe(10);
  expect(rig.state.getState().video).toEqual({ status: 'idle' });
  // A player shows what the file says of itself.
  expect(log).toMatch(/title +: bay\n[^]*comment +: With pictures that an AI model made/);
  expect(must(middles[0]).every((value) => Math.abs(value - must(flatPicture(90).data[0])) <= 4)).toBe(true);

  // A clip is there with all its frames, the last of them where the session began.
  rig.actions.setTask({ kind: 'clip-between', to: null, count: 4 });
  rig.actions.makeEdit();
  await rig.actions.settled();
  const longer = await middlesOf(must(await rig.actions.exportVideo('mp4', 0.2)).bytes, 8, 8);
  // The clip keeps a pace of its own, a quarter of a second a frame.
  expect(longer.middles.length).toBe(35);
  expect(longer.middles.slice(0, 5)).toEqual(middles.slice(0, 5));
  const [first, made, half, last] = [0, 7, 22, 34].map((at) => Number(longer.middles[at]?.[0]));
  expect(Math.abs(must(last) - must(first))).toBeLessThanOrEqual(4);
  expect(Math.sign(must(half) - must(first))).toBe(Math.sign(must(made) - must(first)));

  const without = await readyRig();
  expect(await without.actions.exportVideo('mp4')).toBe(null);
  expect(without.state.getState().video).toMatchObject({
    status: 'failed',
    failure: { code: 'video-failed', safe: 'All pictures are kept.', next: 'retry-video' },
  });
});
