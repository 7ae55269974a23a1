import { expect, test, type Page } from '@playwright/test';

import { loadModel, modelIsReady } from './drive.ts';

/** Requests for the model's files, but for its manifest, from now on. */
function modelRequests(page: Page): readonly string[] {
  const urls: string[] = [];
  page.context().on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/models/') && !pathname.endsWith('manifest.json')) urls.push(pathname);
  });
  return urls;
}

/** Flips a bit in the middle of the largest stored file. */
async function damageStorage(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await (await root.getDirectoryHandle('models')).getDirectoryHandle('nano');
    const files: { handle: FileSystemFileHandle; file: File }[] = [];
    for await (const handle of folder.values()) {
      if (handle instanceof FileSystemFileHandle) files.push({ handle, file: await handle.getFile() });
    }
    const [largest] = files.toSorted((a, b) => b.file.size - a.file.size);
    if (largest === undefined) throw new Error('Nothing is stored.');
    const position = Math.floor(largest.file.size / 2);
    const [byte = 0] = new Uint8Array(await largest.file.slice(position, position + 1).arrayBuffer());
    const stream = await largest.handle.createWritable({ keepExistingData: true });
    await stream.write({ type: 'write', position, data: Uint8Array.of(byte ^ 1) });
    await stream.close();
  });
}

test('keeps the model in the browser, reads it from there, and fetches again what went bad', async ({
  page,
}) => {
  const requests = modelRequests(page);
  await page.goto('/?backend=wasm');
  await loadModel(page);
  const cold = requests.length;
  expect(cold).toBeGreaterThan(0);

  await page.reload();
  await modelIsReady(page);
  expect(requests).toHaveLength(cold);

  // The address of an icon has the same storage and no engine that holds the files open.
  await page.goto('/icon.svg');
  await damageStorage(page);
  await page.goto('/?backend=wasm');
  await modelIsReady(page);
  expect(requests).toHaveLength(cold + 1);
});
