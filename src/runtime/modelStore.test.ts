import { expect, test } from 'vitest';

import { ALL_REQUESTS, content, hashOf, openTab, totalBytes } from './testing/faultyWorld.ts';
import { MemoryDisk } from './testing/memoryDisk.ts';

async function filledDisk(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await openTab({ disk }).load();
  return disk;
}

test('writes each file in place under its hash, with a journal of its chunks behind it', async () => {
  const disk = await filledDisk();
  const expected = [...content].map(([path, bytes]) => {
    const journal = new Uint8Array(path === 'w.bin' ? 4 : 1).fill(1);
    return [hashOf(path), Uint8Array.of(...bytes, ...journal)];
  });
  expect(disk.files).toEqual(new Map(expected as [string, Uint8Array][]));
});

test.each([0, 9, 17, 29])(
  'heals a bit of byte %i that flipped in storage by fetching its chunk alone',
  async (at) => {
    const disk = await filledDisk();
    disk.flip(hashOf('w.bin'), at);
    const tab = openTab({ disk });
    expect((await tab.load()).files).toEqual(content);
    expect(tab.requests()).toEqual([ALL_REQUESTS.find((request) => isAt(request, at))]);
    const next = openTab({ disk });
    expect((await next.load()).files).toEqual(content);
    expect(next.requests()).toEqual([]);
  },
);

function isAt(request: string, at: number): boolean {
  const [, from, to] = /=(\d+)-(\d+)$/.exec(request) ?? [];
  return at >= Number(from) && at <= Number(to);
}

test('fetches anew a file that was cut short in storage', async () => {
  const disk = await filledDisk();
  disk.files.set(hashOf('w.bin'), content.get('w.bin')?.slice(0, 20) ?? new Uint8Array());
  const tab = openTab({ disk });
  expect((await tab.load()).files).toEqual(content);
  expect(tab.requests()).toEqual(ALL_REQUESTS.filter((request) => request.startsWith('w.bin')));
});

test('removes the files of an earlier version and keeps those that the new one shares', async () => {
  const disk = await filledDisk();
  disk.files.set('0'.repeat(64), Uint8Array.of(1, 2, 3));
  const tab = openTab({ disk });
  await tab.load();
  expect([...disk.files.keys()].toSorted()).toEqual([...content.keys()].map(hashOf).toSorted());
  expect(tab.requests()).toEqual([]);
});

// Each chunk takes two writes: its bytes, and its byte of the journal.
for (let writes = 0; writes <= 2 * ALL_REQUESTS.length; writes++) {
  test.each([false, true])(
    `loads from the network when storage is full after ${writes} writes (partly: %s), and says so`,
    async (writesPartly) => {
      const disk = new MemoryDisk();
      disk.writesLeft = writes;
      disk.writesPartly = writesPartly;
      const { files, progress } = await openTab({ disk }).load();
      expect(files).toEqual(content);
      expect(progress.storage).toBe(writes < 2 * ALL_REQUESTS.length ? 'full' : 'kept');
      expect(disk.openFiles).toBe(0);
      const next = openTab({ disk });
      expect((await next.load()).files).toEqual(content);
      expect(next.asked.length).toBeLessThanOrEqual(ALL_REQUESTS.length - Math.floor(writes / 2) + 1);
    },
  );
}

test('loads without storage where the browser refuses it, and says so', async () => {
  const tab = openTab({ disk: 'refused' });
  const { files, progress } = await tab.load();
  expect(files).toEqual(content);
  expect(progress).toMatchObject({ storage: 'refused', verifiedBytes: totalBytes });
  expect(tab.requests()).toEqual(ALL_REQUESTS);
});

test('goes on without storage when its files are open elsewhere', async () => {
  const disk = await filledDisk();
  const folder = await disk.openFolder();
  await folder.open(hashOf('w.bin'));
  const { files, progress } = await openTab({ disk }).load();
  expect(files).toEqual(content);
  expect(progress.storage).toBe('refused');
});
