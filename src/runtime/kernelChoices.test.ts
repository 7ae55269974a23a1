import { expect, test } from 'vitest';

import { createKernelChoices } from './kernelChoices.ts';
import { MemoryDisk } from './testing/memoryDisk.ts';

test('keeps a choice by name over visits, and the last one counts', async () => {
  const disk = new MemoryDisk();
  await createKernelChoices(disk.openFolder).write('card / 64', 'a long name');
  await createKernelChoices(disk.openFolder).write('card / 64', 'short');
  const nextVisit = createKernelChoices(disk.openFolder);
  expect(await nextVisit.read('card / 64')).toBe('short');
  expect(await nextVisit.read('card / 128')).toBe('');
  expect(disk.openFiles).toBe(0);
});

test('remembers nothing where storage is refused, full or taken, and does not fail', async () => {
  const refused = createKernelChoices(async () => Promise.reject(new Error('private window')));
  await refused.write('card', 'split');
  expect(await refused.read('card')).toBeUndefined();
  const disk = new MemoryDisk();
  disk.writesLeft = 0;
  const full = createKernelChoices(disk.openFolder);
  await full.write('card', 'split');
  expect(await full.read('card')).not.toBe('split');
  const file = await (await disk.openFolder()).open('card');
  expect(await full.read('card')).toBeUndefined();
  file.close();
});
