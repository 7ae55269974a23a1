import { expect, test, type Page } from '@playwright/test';

import { loadModel, modelIsReady } from './drive.ts';

/** Requests for the files of models, but for what says which there are, from now on. */
function modelRequests(page: Page): readonly string[] {
  const urls: string[] = [];
  page.context().on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (/^\/models\/\w+\/(?!manifest\.json$)/.test(pathname)) urls.push(pathname);
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

/** Names in the storage of the site. */
async function keptNames(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const names: string[] = [];
    for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
    return names;
  });
}

test('pauses a load and goes on from there; totals what it keeps, and really deletes the model', async ({
  page,
  context,
}) => {
  const requests = modelRequests(page);
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let isHeld = true;
  await context.route('**/models/nano/*.bin', async (route) => {
    if (isHeld) await held;
    await route.continue().catch(() => undefined);
  });
  await page.goto('/?backend=wasm');
  await page.getByRole('button', { name: /^Load the model/ }).click();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByText(/^Paused at/)).toBeVisible();
  isHeld = false;
  letGo();
  await page.getByRole('button', { name: /^Go on loading/ }).click();
  await modelIsReady(page);
  const fetched = requests.length;

  await page.getByRole('button', { name: 'What it can do, with numbers' }).click();
  const stored = page.getByRole('region', { name: 'Kept in this browser' });
  expect(await keptNames(page)).toContain('models');
  await stored.getByRole('button', { name: 'Delete the kept model' }).click();
  await stored.getByRole('group').getByRole('button', { name: 'Delete' }).click();
  await expect(stored.getByText(/^The model is deleted/)).toBeFocused();
  expect(await keptNames(page)).not.toContain('models');

  await page.reload();
  await page.getByRole('button', { name: /^Load the model/ }).click();
  await modelIsReady(page);
  expect(requests.length).toBeGreaterThan(fetched);
});
