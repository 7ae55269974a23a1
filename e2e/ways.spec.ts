/** Several ways of one turn beside each other, while they are made and when they are chosen from. */
import { expect, test, type Locator, type Page } from '@playwright/test';

import { keepSeed, loadModel, setSteps, startScene, words } from './drive.ts';

async function open(page: Page, steps: number): Promise<void> {
  await page.goto('/?backend=wasm');
  await startScene(page, 'Morning at the bay');
  await loadModel(page);
  await setSteps(page, steps);
}

async function states(page: Page): Promise<readonly string[]> {
  const tiles = await page.getByRole('button', { name: /^Way \w, seed/ }).all();
  const names = await Promise.all(tiles.map((tile) => tile.getAttribute('aria-label')));
  return names.map((name) => name?.replace(/^Way (\w), seed \d+, /, '$1 ') ?? '');
}

const way = (page: Page, letter: string): Locator =>
  page.getByRole('button', { name: new RegExp(`^Way ${letter}, seed`) });
const picture = (page: Page): Locator => page.getByRole('application', { name: 'Picture' });

test('shows each step as large as the picture, and gives the words and the focus back', async ({ page }) => {
  // A preview comes once decoding it costs little beside the steps so far.
  await open(page, 100);
  const before = await picture(page).boundingBox();
  await words(page).fill('remove the cat');
  await words(page).press('Control+Enter');
  const preview = picture(page).getByRole('img', { name: 'Preview of the edit' });
  await expect(preview).toBeVisible();
  expect(await preview.boundingBox()).toEqual(await picture(page).locator('.picture-layer').boundingBox());
  expect(await picture(page).boundingBox()).toEqual(before);
  const cancel = page.getByRole('button', { name: /^Cancel/ });
  await cancel.click();
  await expect(words(page)).toBeFocused();
  await expect(words(page)).toHaveValue('remove the cat');
});

test('are walked, discarded, taken back and kept by keys, and the picture stays where it is', async ({
  page,
}) => {
  await open(page, 2);
  await keepSeed(page, 5);
  const place = await picture(page).boundingBox();
  await page.getByRole('radio', { name: '4', exact: true }).check({ force: true });
  await words(page).fill('remove the cat');
  await words(page).press('Control+Enter');
  await expect(way(page, 'D')).toBeVisible();
  expect((await states(page))[3]).toBe('D waits');
  // Between two ways the model is ready for a moment, so the last of them tells the end.
  await expect(way(page, 'D')).toHaveAccessibleName(/ready$/, { timeout: 540_000 });
  expect(await states(page)).toEqual(['A ready', 'B ready', 'C ready', 'D ready']);
  await expect(page.locator('.way-item .seed')).toHaveText(['5', '6', '7', '8']);

  const boxes = await Promise.all(['A', 'B', 'C', 'D'].map((letter) => way(page, letter).boundingBox()));
  await way(page, 'A').focus();
  await page.keyboard.press('ArrowRight');
  await expect(way(page, 'B')).toBeFocused();
  await expect(way(page, 'B')).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('Delete');
  await expect(way(page, 'B')).toHaveAccessibleName(/discarded$/);
  await expect(way(page, 'A')).toBeFocused();
  await page.getByRole('button', { name: 'Take way B back' }).click();
  await way(page, 'C').click();
  await page.keyboard.press('Enter');
  expect(await states(page)).toEqual(['A discarded', 'B discarded', 'C kept', 'D discarded']);
  expect(await Promise.all(['A', 'B', 'C', 'D'].map((letter) => way(page, letter).boundingBox()))).toEqual(
    boxes,
  );
  expect(await picture(page).boundingBox()).toEqual(place);
  await page.keyboard.press('Control+z');
  expect(await states(page)).toEqual(['A ready', 'B ready', 'C ready', 'D ready']);
  await page.getByRole('button', { name: 'Discard other 3' }).click();

  await page.reload();
  await expect(way(page, 'C')).toHaveAccessibleName(/kept$/);
  await expect(way(page, 'C')).toHaveAttribute('aria-pressed', 'true');
});
