import { readFile } from 'node:fs/promises';

import { expect, test, type CDPSession, type Locator, type Page } from '@playwright/test';
import { unzipSync } from 'fflate';

import { exportFile, modelIsReady, onScreen, shownPng, turnIsMade, turnRow, words } from './drive.ts';
import { largestDifference, outside, readPng, regionOf, type Region } from './pixels.ts';

/** Presses Tab until `target` has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`The Tab key does not lead to ${String(target)}.`);
}

/** The frames from the Export dialog, without a pointer. */
async function exportWithKeys(page: Page): Promise<Buffer> {
  await page.keyboard.press('Control+Shift+e');
  const dialog = page.getByRole('dialog', { name: 'Export' });
  await expect(dialog.getByRole('radio', { name: 'Frames' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(dialog.getByRole('button', { name: 'Export MP4' })).toBeVisible();
  await page.keyboard.press('ArrowUp');
  await tabTo(page, dialog.getByRole('button', { name: 'Export the frames' }));
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  return readFile(await download.path());
}

/** The region of the first turn, from a zip of its frames in which everything outside it stayed as it was. */
function expectOnlyRegionChanged(zip: Buffer): Region {
  const entries = unzipSync(zip);
  const [start, made, mask] = ['000_original.png', '001_remove-the-fox.png', 'masks/001_now.png'].map(
    (name) => readPng(entries[name] ?? new Uint8Array()),
  );
  if (start === undefined || made === undefined || mask === undefined) throw new Error('The zip is empty.');
  const region = regionOf(mask);
  expect(largestDifference(start, made, outside(region))).toBe(0);
  expect(largestDifference(start, made, region)).toBeGreaterThan(0);
  return region;
}

test('makes a turn in a region with the keyboard alone', async ({ page }) => {
  await page.goto('/?backend=wasm');
  await tabTo(page, page.getByRole('button', { name: /^Load the model/ }));
  await page.keyboard.press('Enter');
  await modelIsReady(page);
  await tabTo(page, page.getByRole('button', { name: 'A walk in the meadow' }));
  await page.keyboard.press('Enter');
  await expect(turnRow(page)).toHaveAttribute('aria-current', 'true');
  const start = await shownPng(page);

  await page.keyboard.press('m');
  await tabTo(page, page.getByRole('textbox', { name: 'X', exact: true }));
  await page.keyboard.type('8');
  for (const value of ['120', '88', '120']) {
    await page.keyboard.press('Tab');
    await page.keyboard.type(value);
  }
  await tabTo(page, page.getByRole('application', { name: 'Picture' }));
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.getByText('In the region', { exact: true })).toBeVisible();

  await page.keyboard.press('/');
  await expect(words(page)).toBeFocused();
  await page.keyboard.type('remove the fox');
  await page.keyboard.press('Control+Enter');
  await turnIsMade(page, 1, 'remove the fox');
  const region = expectOnlyRegionChanged(await exportWithKeys(page));
  const isInRectangle = (x: number, y: number) => x >= 18 && x < 106 && y >= 120 && y < 240;
  const wrong = region.findIndex((isIn, i) => isIn !== isInRectangle(i % 256, Math.floor(i / 256)));
  expect(wrong).toBe(-1);

  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(turnRow(page)).toHaveAttribute('aria-current', 'true');
  expect(await shownPng(page)).toEqual(start);
  await page.keyboard.press('Alt+ArrowRight');
  await expect(turnRow(page, 1, 'remove the fox')).toHaveAttribute('aria-current', 'true');
});

async function drag(
  page: Page,
  touch: CDPSession,
  points: readonly (readonly [number, number])[],
): Promise<void> {
  const places = await Promise.all(points.map(async ([x, y]) => onScreen(page, x, y)));
  for (const [i, place] of places.entries()) {
    const type = i === 0 ? 'touchStart' : 'touchMove';
    await touch.send('Input.dispatchTouchEvent', { type, touchPoints: [place] });
  }
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('makes a turn in a region with a finger', async ({ page, context }) => {
    await page.goto('/?backend=wasm');
    await page.getByRole('button', { name: /^Load the model/ }).tap();
    await modelIsReady(page);
    await page.getByRole('button', { name: 'A walk in the meadow' }).tap();
    await page.getByRole('button', { name: 'Brush' }).tap();
    await drag(page, await context.newCDPSession(page), [
      [24, 190],
      [70, 200],
      [70, 230],
      [24, 230],
    ]);
    await expect(page.getByText('In the region', { exact: true })).toBeVisible();
    // A tap right after a quick stroke may only end the fling that the browser saw in it, so tap again.
    await expect(async () => {
      await words(page).tap();
      await expect(words(page)).toBeFocused({ timeout: 2000 });
    }).toPass();
    await page.keyboard.type('remove the fox');
    const make = page.getByRole('button', { name: 'Make edit' });
    await expect(make).toBeEnabled({ timeout: 540_000 });
    await make.tap();
    await modelIsReady(page);
    await expect(page.getByRole('button', { name: 'Turn 1' })).toHaveAttribute('aria-current', 'true');
    const region = expectOnlyRegionChanged(await exportFile(page, 'Frames', 'Export the frames'));
    expect([region[190 * 256 + 24], region[230 * 256 + 50], region[60 * 256 + 128]]).toEqual([
      true,
      true,
      false,
    ]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });
});
