import { isDeepStrictEqual } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { EngineError } from './contract.ts';
import { createModelFiles } from './modelFiles.ts';
import { sha256Hex } from './ports.ts';
import { EchoDisk } from './testing/echoDisk.ts';
import type { Asked, Fault } from './testing/faultyServer.ts';
import { ALL_REQUESTS, content, hashOf, openTab, totalBytes } from './testing/faultyWorld.ts';
import { MemoryDisk } from './testing/memoryDisk.ts';
import { never, tiny } from './testing/tiny.ts';
import { VirtualClock } from './testing/virtualClock.ts';

/** This fault at the first request for the chunk that begins at byte 8, or at as many as said. */
function atSecondChunk(fault: Fault, times = 1): (asked: Asked) => Fault | undefined {
  let left = times;
  return ({ range }) => (range === 'bytes=8-15' && left-- > 0 ? fault : undefined);
}

test('fetches each chunk once, keeps it, and later reads everything from storage', async () => {
  const disk = new MemoryDisk();
  const cold = openTab({ disk });
  expect((await cold.load()).files).toEqual(content);
  expect(cold.requests()).toEqual(ALL_REQUESTS);
  const warm = openTab({ disk });
  const { files, progress } = await warm.load();
  expect(files).toEqual(content);
  expect(warm.requests()).toEqual([]);
  expect(progress).toEqual({
    verifiedBytes: totalBytes,
    receivedBytes: totalBytes,
    totalBytes,
    storage: 'kept',
    isWaiting: false,
  });
  expect(disk.openFiles).toBe(0);
});

test('asks for later chunks of a file on the condition that it has not changed', async () => {
  const tab = openTab();
  await tab.load();
  const later = tab.asked.filter(({ file, range }) => file === 'w.bin' && range !== 'bytes=0-7');
  expect(later.map(({ ifRange }) => ifRange)).toContain('"first"');
});

test('reports received bytes between verified ones, never more than there are and never fewer than verified', async () => {
  const tab = openTab({ faultOf: atSecondChunk('flipped') });
  await tab.load();
  const { reports } = tab;
  expect(reports.map(({ verifiedBytes }) => verifiedBytes)).toEqual(
    reports.map(({ verifiedBytes }) => verifiedBytes).toSorted((a, b) => a - b),
  );
  for (const { verifiedBytes, receivedBytes } of reports) {
    expect(receivedBytes).toBeGreaterThanOrEqual(verifiedBytes);
    expect(receivedBytes).toBeLessThanOrEqual(totalBytes);
  }
  expect(reports.at(-1)).toMatchObject({ verifiedBytes: totalBytes, receivedBytes: totalBytes });
});

test.each<Fault>([
  'unreachable',
  'silent',
  'stalls',
  'drops',
  'truncated',
  'flipped',
  'too long',
  'unavailable',
  'other tag',
  'no tag',
  'other range',
  'other size',
])('heals a chunk that comes once with the fault "%s" by one more request', async (fault) => {
  const tab = openTab({ faultOf: atSecondChunk(fault) });
  expect((await tab.load()).files).toEqual(content);
  expect(tab.asked).toHaveLength(ALL_REQUESTS.length + 1);
});

test.each<[Fault, string, number, number]>([
  ['unreachable', 'download-failed', 5, 15_000],
  ['silent', 'download-failed', 5, 115_000],
  ['stalls', 'download-failed', 5, 115_000],
  ['drops', 'download-failed', 5, 15_000],
  ['truncated', 'download-failed', 5, 15_000],
  ['unavailable', 'download-failed', 5, 15_000],
  ['other range', 'download-failed', 5, 15_000],
  ['other size', 'download-failed', 5, 15_000],
  ['flipped', 'integrity', 2, 0],
  ['too long', 'integrity', 2, 0],
  ['page', 'download-failed', 1, 0],
  ['missing', 'download-failed', 1, 0],
])('gives up on "%s" with %s after %i requests and %i ms, and keeps the rest', async (...row) => {
  const [fault, code, times, waitedMs] = row;
  const disk = new MemoryDisk();
  const tab = openTab({ disk, faultOf: atSecondChunk(fault, Number.POSITIVE_INFINITY) });
  await expect(tab.load()).rejects.toMatchObject({ name: 'EngineError', code });
  expect(tab.asked.filter(({ range }) => range === 'bytes=8-15')).toHaveLength(times);
  expect(tab.clock.now()).toBe(waitedMs);
  expect(disk.openFiles).toBe(0);
  // The journal lies behind the 30 bytes of the file, and the chunk itself was never written.
  const stored = disk.files.get(hashOf('w.bin')) ?? new Uint8Array();
  expect(stored[30 + 1]).toBe(0);
  expect(stored.subarray(8, 16)).toEqual(new Uint8Array(8));
});

test('goes on after a broken connection with exactly the chunks that are missing', async () => {
  for (let broken = 0; broken < ALL_REQUESTS.length; broken++) {
    const disk = new MemoryDisk();
    const first = openTab({ disk, faultOf: (_, n) => (n >= broken ? 'unreachable' : undefined) });
    await expect(first.load()).rejects.toMatchObject({ code: 'download-failed' });
    const second = openTab({ disk });
    expect((await second.load()).files).toEqual(content);
    expect(second.asked).toHaveLength(ALL_REQUESTS.length - broken);
  }
});

test('goes on from memory in the same tab where the browser refuses storage', async () => {
  let isBroken = true;
  const tab = openTab({
    disk: 'refused',
    faultOf: (_, n) => (isBroken && n >= 3 ? 'unreachable' : undefined),
  });
  await expect(tab.load()).rejects.toMatchObject({ code: 'download-failed' });
  isBroken = false;
  const before = tab.asked.length;
  const { files, progress } = await tab.load();
  expect(files).toEqual(content);
  expect(tab.asked).toHaveLength(before + ALL_REQUESTS.length - 3);
  expect(progress.storage).toBe('refused');
});

test('stops in the middle when told to, and goes on with the rest later', async () => {
  const disk = new MemoryDisk();
  const stop = new AbortController();
  const first = openTab({
    disk,
    faultOf: (_, n) => {
      if (n === 4) stop.abort();
      return undefined;
    },
  });
  await expect(first.load(stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
  const verified = first.reports.at(-1)?.verifiedBytes ?? 0;
  expect(disk.openFiles).toBe(0);
  const second = openTab({ disk });
  expect((await second.load()).files).toEqual(content);
  expect(verified).toBeGreaterThan(0);
  expect(second.asked.length).toBeGreaterThan(0);
  expect(second.asked.length).toBeLessThan(ALL_REQUESTS.length);
});

test('stops at once while it waits for another attempt', async () => {
  const stop = new AbortController();
  const tab = openTab({ faultOf: () => 'unreachable' });
  const loading = tab.begin(stop.signal);
  const stopping = tab.clock.wait(500, stop.signal).then(() => stop.abort());
  await expect(tab.clock.run(loading)).rejects.toMatchObject({ code: 'cancelled' });
  await stopping;
  expect(tab.clock.now()).toBe(500);
});

test('takes the whole file when the server says that it is not the one that was begun', async () => {
  const tab = openTab({ faultOf: ({ range }) => (range === 'bytes=16-23' ? 'other tag' : undefined) });
  expect((await tab.load()).files).toEqual(content);
  expect(tab.asked.find(({ range }) => range === 'bytes=16-23')?.ifRange).toBe('"first"');
});

test('reads each file once from a server without ranges', async () => {
  const tab = openTab({ faultOf: () => 'without ranges' });
  expect((await tab.load()).files).toEqual(content);
  // The second chunk is asked for before the first is answered; its answer is dropped.
  expect(tab.asked.map(({ file }) => file).toSorted()).toEqual(['a.bin', 'b.bin', 'w.bin', 'w.bin']);
  expect(tab.sentBytes()).toBeLessThanOrEqual(totalBytes + 3);
});

const FAULTS: readonly (Fault | undefined)[] = [
  ...([undefined, undefined, undefined, 'unreachable', 'silent', 'stalls', 'drops', 'truncated'] as const),
  ...(['flipped', 'too long', 'page', 'unavailable', 'missing', 'without ranges', 'other tag'] as const),
  ...(['no tag', 'other range', 'other size'] as const),
];

test('ends with the right bytes or a clear error, whatever goes wrong in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          faults: fc.array(fc.constantFrom(...FAULTS), { maxLength: 25 }),
          writes: fc.option(fc.nat(12)),
          flips: fc.array(fc.tuple(fc.constantFrom('a.bin', 'w.bin', 'b.bin'), fc.nat(34)), { maxLength: 3 }),
          stopAt: fc.option(fc.nat(12)),
        }),
        { maxLength: 4 },
      ),
      async (visits) => {
        const disk = new MemoryDisk();
        for (const { faults, writes, flips, stopAt } of visits) {
          disk.writesLeft = writes ?? Number.POSITIVE_INFINITY;
          for (const [path, at] of flips) {
            if (at < (disk.files.get(hashOf(path))?.length ?? 0)) disk.flip(hashOf(path), at);
          }
          const stop = new AbortController();
          const tab = openTab({
            disk,
            faultOf: (_, n) => {
              if (n === stopAt) stop.abort();
              return faults[n];
            },
          });
          const outcome = await tab.load(stop.signal).then(
            ({ files }) => (isDeepStrictEqual(files, content) ? 'right bytes' : 'wrong bytes'),
            (error: unknown) => (error instanceof EngineError ? error.code : String(error)),
          );
          expect(['right bytes', 'download-failed', 'integrity', 'cancelled']).toContain(outcome);
          expect(disk.openFiles).toBe(0);
        }
        disk.writesLeft = Number.POSITIVE_INFINITY;
        expect((await openTab({ disk }).load()).files).toEqual(content);
      },
    ),
    { numRuns: 200 },
  );
});

test('holds only the chunks that are on their way of a model that the disk keeps', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const [chunkBytes, count] = [2 ** 20, 80];
  const chunk = new Uint8Array(chunkBytes).fill(7);
  const sha256 = await sha256Hex(chunk);
  const chunks = Array.from({ length: count }, () => sha256);
  const file = { path: 'w.bin', bytes: chunkBytes * count, sha256: 'w', chunks };
  const disk = new EchoDisk(chunk, file.bytes, count);
  let most = 0;
  let reports = 0;
  const measure = (): void => {
    // Each collection costs as much as several chunks.
    if (++reports % 5 !== 0) return;
    collect();
    most = Math.max(most, process.memoryUsage().arrayBuffers);
  };
  const { now, wait } = new VirtualClock();
  const files = createModelFiles('https://example.org/', {
    now,
    wait,
    sha256: sha256Hex,
    locks: undefined,
    openFolder: disk.openFolder,
    fetch: async (_, init) => {
      const range = new Headers(init?.headers).get('range')?.slice('bytes='.length);
      const headers = { 'Content-Range': `bytes ${range}/${file.bytes}`, ETag: '"w"' };
      return new Response(chunk.slice(), { status: 206, headers });
    },
  });
  const manifest = { ...tiny.manifest(), chunkBytes, files: [file] };
  collect();
  const before = process.memoryUsage().arrayBuffers;
  for (const visit of ['first', 'second']) {
    await files.load(manifest, new Set(['w.bin']), measure, never, async (_, { storage }) => {
      expect([visit, storage]).toEqual([visit, 'kept']);
    });
  }
  expect(disk.written).toBe(file.bytes);
  // Each of the four on its way is in pieces of the answer, as the chunk, and as what is hashed; some of those that
  // are done are not collected yet.
  expect((most - before) / chunkBytes).toBeLessThan(count / 2);
});

test('refuses to hold more of a model in memory than it may, in words, and keeps what the disk took', async () => {
  const disk = new MemoryDisk();
  disk.writesLeft = 4;
  const full = openTab({ disk, maxHeldBytes: 16 });
  await expect(full.load()).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('too large to be held in memory') as string,
  });
  expect(disk.openFiles).toBe(0);
  disk.writesLeft = Number.POSITIVE_INFINITY;
  const roomy = openTab({ disk, maxHeldBytes: 16 });
  expect((await roomy.load()).files).toEqual(content);
  // Two chunks of the first visit were written, each with its mark in the journal.
  expect(roomy.asked).toHaveLength(ALL_REQUESTS.length - 2);
  const small = openTab({ disk: 'refused', maxHeldBytes: totalBytes });
  expect((await small.load()).files).toEqual(content);
});
