import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test, type Page } from '@playwright/test';

import { PAGE_HEADERS } from '../scripts/headers.ts';
import { staticFiles } from '../scripts/staticFiles.ts';
import { loadModel, makeTurn, modelIsReady, rowNames, shownPng, startScene, words } from './drive.ts';

const PROGRAM = 'vendor/ort/ort-wasm-simd-threaded.asyncify.wasm';

async function isKept(page: Page, path: string): Promise<boolean> {
  return page.evaluate(async (url) => (await caches.match(new URL(url, location.href))) !== undefined, path);
}

/** Whether a file that nothing keeps can be fetched. */
async function hasNetwork(): Promise<boolean> {
  return fetch('/NOTICE.txt', { cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  );
}

test('opens, goes on with a session and makes an edit in an aeroplane', async ({ page, context }) => {
  await page.goto('/?backend=wasm');
  await loadModel(page);
  await startScene(page, 'First snow');
  const start = await shownPng(page);
  await expect.poll(async () => isKept(page, PROGRAM)).toBe(true);
  await expect.poll(async () => isKept(page, 'models/nano/manifest.json')).toBe(true);
  // What was never used is not fetched on the chance that it will be.
  expect(await isKept(page, 'vendor/ffmpeg/ffmpeg-core.wasm')).toBe(false);

  await context.setOffline(true);
  const [worker] = context.serviceWorkers();
  expect(await Promise.all([page.evaluate(hasNetwork), worker?.evaluate(hasNetwork)])).toEqual([
    false,
    false,
  ]);

  await page.reload();
  expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
  await modelIsReady(page);
  expect(await shownPng(page)).toEqual(start);
  await makeTurn(page, 1, 'remove the penguin');
  const made = await shownPng(page);
  expect(made).not.toEqual(start);

  await page.getByRole('button', { name: 'Palimpsest, first page' }).click();
  await startScene(page, 'Lift-off');
  await page.goto('/?backend=wasm');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.locator('.menu').getByRole('button', { name: 'Sessions on this device' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^First snow/ })
    .click();
  await expect.poll(async () => rowNames(page)).toEqual(['Original', 'Turn 1: remove the penguin']);
  expect(await shownPng(page)).toEqual(made);
});

test('offers a newer build, loads it only when asked, and loses no word', async ({ page }) => {
  const folder = await mkdtemp(join(tmpdir(), 'palimpsest-'));
  await cp('dist', folder, { recursive: true, filter: (path) => !/\.(?:bin|onnx|wasm)$/.test(path) });
  const serve = staticFiles(folder, PAGE_HEADERS);
  const server = createServer((request, response) => {
    if (request.url === '/') request.url = '/index.html';
    serve(request, response, () => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, 'localhost', resolve);
  });
  try {
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
    await startScene(page, 'First snow');
    await words(page).fill('remove the penguin');
    await page.evaluate(async () => navigator.serviceWorker.ready);
    await expect
      .poll(async () => page.evaluate(() => navigator.serviceWorker.controller !== null))
      .toBe(true);

    const change = async (file: string, from: RegExp, to: string): Promise<void> => {
      const text = await readFile(join(folder, file), 'utf8');
      expect(text).toMatch(from);
      await writeFile(join(folder, file), text.replace(from, to));
    };
    await change('index.html', /<html /, '<html data-build="newer" ');
    await change('sw.js', /"version":"\w+"/, '"version":"newer"');
    await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
    const load = page.getByRole('button', { name: 'Load the new version' });
    await expect(load).toBeVisible();
    expect(await page.locator('html').getAttribute('data-build')).toBeNull();

    await load.click();
    await expect(page.locator('html')).toHaveAttribute('data-build', 'newer');
    await expect(words(page)).toHaveValue('remove the penguin');
    await expect(load).toBeHidden();
  } finally {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  }
});
