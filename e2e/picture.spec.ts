import { expect, test, type Page } from '@playwright/test';

import { loadModel, shownPng, startScene, turnRow, words } from './drive.ts';
import { readPng, writePng } from './pixels.ts';

/** Rough light and dark patches with fine grain, as no drawn scene has them. */
function photograph(width: number, height: number): Buffer {
  let state = 1;
  const grain = (): number => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
  return writePng(width, height, (x, y) => {
    const light = 128 + 60 * Math.sin(x / 9) * Math.cos(y / 7);
    return [light, light * 0.8, 255 - light].map((value) => Math.round(value + 90 * (grain() - 0.5)));
  });
}

async function openFile(page: Page, name: string, mimeType: string, buffer: Buffer): Promise<void> {
  await page.getByRole('button', { name: 'More' }).click();
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Open a picture' }).click(),
  ]);
  await chooser.setFiles({ name, mimeType, buffer });
}

test('says so when a picture is unlike those the model knows, and loses nothing to a broken file', async ({
  page,
}) => {
  await page.goto('/?backend=wasm');
  await loadModel(page);
  await startScene(page, 'First snow');
  const strange = page
    .getByRole('status')
    .filter({ hasText: 'This picture is unlike those the model knows' });
  await expect(page.getByRole('complementary', { name: 'Start picture' })).toContainText('dB');
  await expect(strange).toBeHidden();

  await openFile(page, 'harbour.png', 'image/png', photograph(320, 300));
  const dialog = page.getByRole('dialog', { name: 'Fit the picture' });
  await expect(dialog).toContainText('320 × 300');
  await dialog.getByRole('radio', { name: 'Cut to the middle' }).check();
  await dialog.getByRole('button', { name: 'Open the picture' }).click();
  await expect(strange).toContainText(/changes it visibly \(\d+\.\d dB\)/);
  const shown = await shownPng(page);
  expect([readPng(shown).width, readPng(shown).height]).toEqual([256, 256]);

  await words(page).fill('add a rabbit on the left');
  await openFile(page, 'broken.png', 'image/png', Buffer.from('no picture at all'));
  const trouble = page.getByRole('alert');
  await expect(trouble).toContainText('This picture could not be read');
  await expect(trouble).toContainText('Nothing was changed. Choose a PNG, JPEG or WebP file.');
  await trouble.getByRole('button', { name: 'Close' }).click();
  expect(await shownPng(page)).toEqual(shown);
  await expect(words(page)).toHaveValue('add a rabbit on the left');
  await expect(turnRow(page)).toContainText('harbour.png');
});

test('names the words that the model does not know', async ({ page }) => {
  await page.goto('/?backend=wasm');
  await loadModel(page);
  await startScene(page, 'Home');
  await words(page).fill('add a zeppelin on the left');
  await expect(page.getByText('The model does not know “zeppelin”')).toBeVisible();
  await words(page).fill('add a cat on the left');
  await expect(page.getByText('The model does not know')).toBeHidden();
});
