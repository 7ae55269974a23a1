import { readFile } from 'node:fs/promises';

import { expect, test, type Page } from '@playwright/test';

import { makeTurn, modelIsReady, shownPng } from './drive.ts';
import { readPng, writePng } from './pixels.ts';

/** A small untrained model that works on 96x72 and on 72x96, in place of the one that the page offers. */
const MODEL = new URL('../fixtures/oblong/', import.meta.url);

// A worker that keeps the page would answer in place of the test.
test.use({ serviceWorkers: 'block' });

async function open(page: Page, width: number, height: number): Promise<void> {
  const buffer = writePng(width, height, (x, y) => [(x * 255) / width, (y * 255) / height, 90]);
  const chosen = page.waitForEvent('filechooser');
  const direct = page.getByRole('button', { name: 'Open a picture' });
  if (!(await direct.first().isVisible()))
    await page.getByRole('button', { name: 'More', exact: true }).click();
  await direct.first().click();
  await (await chosen).setFiles({ name: `${width}.png`, mimeType: 'image/png', buffer });
}

async function shownSize(page: Page): Promise<readonly number[]> {
  const { width, height } = readPng(await shownPng(page));
  return [width, height];
}

test('opens an upright picture at the upright size of the model, edits it so, and says which size another is cut to', async ({
  page,
}) => {
  await page.route('**/models/nano/*', async (route) => {
    const name = new URL(route.request().url()).pathname.split('/').at(-1) ?? '';
    await route.fulfill({ body: await readFile(new URL(name, MODEL)) });
  });
  await page.goto('/?backend=wasm');
  await page.getByRole('button', { name: /^Load the model/ }).click();
  await modelIsReady(page);
  await open(page, 300, 400);
  const facts = page.locator('.facts-size');
  await expect(facts).toHaveText('72 × 96');
  expect(await shownSize(page)).toEqual([72, 96]);
  const start = await shownPng(page);
  await makeTurn(page, 1, 'make it night');
  await expect(facts).toHaveText('72 × 96');
  expect(await shownSize(page)).toEqual([72, 96]);
  expect(await shownPng(page)).not.toEqual(start);

  await open(page, 500, 300);
  const dialog = page.getByRole('dialog', { name: 'Fit the picture' });
  await expect(dialog).toContainText('500 × 300');
  await expect(dialog).toContainText('96 × 72');
  await dialog.getByRole('button', { name: 'Open the picture' }).click();
  await expect(facts).toHaveText('96 × 72');
  expect(await shownSize(page)).toEqual([96, 72]);
  await makeTurn(page, 1, 'make it night');
  expect(await shownSize(page)).toEqual([96, 72]);
});
