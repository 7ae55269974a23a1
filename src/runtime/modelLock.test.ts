import { expect, test } from 'vitest';

import type { Locks } from './modelLock.ts';
import { ALL_REQUESTS, content, openTab, totalBytes } from './testing/faultyWorld.ts';
import { MemoryDisk } from './testing/memoryDisk.ts';
import { createBrowserOfTabs } from './testing/tabLocks.ts';
import { VirtualClock } from './testing/virtualClock.ts';

test('lets the second tab wait, and then read what the first has stored', async () => {
  const [open, clock, disk] = [createBrowserOfTabs(), new VirtualClock(), new MemoryDisk()];
  const first = openTab({ disk, clock, locks: open() });
  const second = openTab({ disk, clock, locks: open() });
  const both = await clock.run(Promise.all([first.begin(), second.begin()]));
  expect(both.map(({ files }) => files)).toEqual([content, content]);
  expect(first.requests()).toEqual(ALL_REQUESTS);
  expect(second.requests()).toEqual([]);
  expect(second.reports.slice(0, 2).map(({ isWaiting }) => isWaiting)).toEqual([false, true]);
  expect(second.reports.at(-1)).toMatchObject({ isWaiting: false, verifiedBytes: totalBytes });
  expect(first.reports.some(({ isWaiting }) => isWaiting)).toBe(false);
});

test('takes over with the missing chunks when the first tab dies', async () => {
  const [open, clock, disk] = [createBrowserOfTabs(), new VirtualClock(), new MemoryDisk()];
  const dying = open();
  // Nothing moves the first tab's clock, so once its server is silent it does nothing more.
  const first = openTab({ disk, locks: dying, faultOf: (_, n) => (n >= 4 ? 'silent' : undefined) });
  void first.begin();
  const second = openTab({ disk, clock, locks: open() });
  const loading = second.begin();
  const death = clock.wait(1000, new AbortController().signal).then(() => {
    disk.die();
    dying.die();
  });
  expect((await clock.run(loading)).files).toEqual(content);
  await death;
  expect(second.asked).toHaveLength(ALL_REQUESTS.length - 4);
});

test('stops waiting when told to', async () => {
  const [open, clock] = [createBrowserOfTabs(), new VirtualClock()];
  void openTab({ locks: open(), faultOf: () => 'silent' }).begin();
  const stop = new AbortController();
  const second = openTab({ clock, locks: open() });
  const loading = second.begin(stop.signal);
  const stopping = clock.wait(1000, new AbortController().signal).then(() => stop.abort());
  await expect(clock.run(loading)).rejects.toMatchObject({ code: 'cancelled' });
  await stopping;
  expect(second.asked).toEqual([]);
});

test('lets the next tab try when the first fails', async () => {
  const [open, clock, disk] = [createBrowserOfTabs(), new VirtualClock(), new MemoryDisk()];
  const first = openTab({ disk, clock, locks: open(), faultOf: () => 'missing' });
  const second = openTab({ disk, clock, locks: open() });
  const both = await clock.run(Promise.allSettled([first.begin(), second.begin()]));
  expect(both).toMatchObject([
    { status: 'rejected', reason: { code: 'download-failed' } },
    { status: 'fulfilled', value: { files: content } },
  ]);
});

test('loads without a lock where the browser refuses locks', async () => {
  const locks = {
    request: () => Promise.reject(new DOMException('no', 'SecurityError')),
  } as unknown as Locks;
  expect((await openTab({ locks }).load()).files).toEqual(content);
});
