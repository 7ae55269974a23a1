/** Moving a region to where it will be. The page offers it where the model's manifest says that it can follow. */
import { readFile } from 'node:fs/promises';

import { expect, test, type Page } from '@playwright/test';
import { unzipSync } from 'fflate';

import { declare, onScreen } from './drive.ts';
import { readPng } from './pixels.ts';

interface Move {
  readonly dx: number;
  readonly dy: number;
  readonly scale: number;
  readonly angle: number;
}

interface Moved {
  readonly move: Move;
  /** One byte per pixel. */
  readonly next: readonly number[];
}

async function open(page: Page): Promise<void> {
  await declare(page, { capabilities: ['next-image', 'drawn-region', 'dragged-region'] });
  await page.goto('/?backend=wasm');
  await page.getByRole('button', { name: 'Morning at the bay' }).click();
  await page.getByRole('button', { name: 'Rectangle', exact: true }).click();
  for (const [name, value] of Object.entries({ X: '40', Y: '160', Width: '60', Height: '60' })) {
    await page.getByRole('textbox', { name, exact: true }).fill(value);
    await page.getByRole('textbox', { name, exact: true }).press('Enter');
  }
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('button', { name: 'Move the region' }).click();
}

/** The region next from the session file; null when there is none. */
async function moved(page: Page): Promise<Moved | null> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Control+s')]);
  const entries = unzipSync(await readFile(await download.path()));
  const manifest = JSON.parse(new TextDecoder().decode(entries['manifest.json'])) as {
    session: { composer: { regions: { next: { mask: { hash: string }; move: Move } | null } } };
  };
  const { next } = manifest.session.composer.regions;
  if (next === null) return null;
  const { data } = readPng(entries[`blobs/${next.mask.hash}`] ?? new Uint8Array());
  const values = Array.from({ length: data.length / 4 }, (_, pixel) => data[pixel * 4] ?? 0);
  return { move: next.move, next: values };
}

async function pull(
  page: Page,
  from: readonly [number, number],
  to: readonly [number, number],
): Promise<void> {
  const [a, b] = [await onScreen(page, ...from), await onScreen(page, ...to)];
  await page.mouse.move(a.x, a.y);
  await page.mouse.down();
  await page.mouse.move(b.x, b.y, { steps: 6 });
  await page.mouse.up();
}

const box = (values: readonly number[]): readonly number[] => {
  const at = values.flatMap((value, pixel) => (value > 0 ? [pixel] : []));
  const [xs, ys] = [at.map((pixel) => pixel % 256), at.map((pixel) => Math.floor(pixel / 256))];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
};

test('is dragged, scaled by a corner, turned by its stalk, and put back step by step', async ({ page }) => {
  await open(page);
  await pull(page, [70, 190], [130, 110]);
  const first = await moved(page);
  expect(first?.move).toMatchObject({ dx: 60, dy: -80, scale: 1, angle: 0 });
  expect(box(first?.next ?? [])).toEqual([100, 80, 160, 140]);
  await expect(page.getByText('From here to there')).toBeVisible();

  await pull(page, [160, 140], [190, 170]);
  const second = await moved(page);
  expect(second?.move).toMatchObject({ dx: 60, dy: -80, scale: 2, angle: 0 });
  expect(box(second?.next ?? [])).toEqual([70, 50, 190, 170]);

  // The stalk stands 26 screen pixels above the box of a picture shown at 250 %.
  await pull(page, [130, 50 - 10.4], [190.4, 110]);
  expect((await moved(page))?.move).toMatchObject({ scale: 2, angle: 90 });
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  expect((await moved(page))?.move).toMatchObject({ dx: 60, dy: -80, scale: 1 });
  await page.keyboard.press('Control+z');
  expect(await moved(page)).toBeNull();
  await expect(page.getByText('In the region', { exact: true })).toBeVisible();
});

test('gives up a drag with Esc', async ({ page }) => {
  await open(page);
  const from = await onScreen(page, 70, 190);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 80, from.y, { steps: 4 });
  await page.keyboard.press('Escape');
  await page.mouse.up();
  expect(await moved(page)).toBeNull();
});

test('goes the same way with arrow keys and numbers', async ({ page }) => {
  await open(page);
  await page.getByRole('application', { name: 'Picture' }).focus();
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('ArrowUp');
  for (const [name, value] of Object.entries({ 'Scale %': '150', 'Turn °': '-30' })) {
    await page.getByRole('textbox', { name, exact: true }).fill(value);
    await page.getByRole('textbox', { name, exact: true }).press('Enter');
  }
  await page.getByRole('textbox', { name: 'Y', exact: true }).fill('100');
  await page.getByRole('textbox', { name: 'Y', exact: true }).press('Enter');
  expect((await moved(page))?.move).toMatchObject({ dx: 10, dy: -90, scale: 1.5, angle: -30 });
  await page.getByRole('button', { name: 'Put back' }).click();
  expect(await moved(page)).toBeNull();
});

test('is not there where the model cannot follow', async ({ page }) => {
  await declare(page, { capabilities: ['next-image', 'drawn-region'] });
  await page.goto('/?backend=wasm');
  await page.getByRole('button', { name: 'Morning at the bay' }).click();
  await expect(page.getByRole('button', { name: 'Brush', exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Move the region' })).toHaveCount(0);
});
