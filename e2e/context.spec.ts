/** What the model sees of the history, chosen by chips and counted by the model's own tokenizer. */
import { expect, test, type Page } from '@playwright/test';

import { expectSound } from './axe.ts';
import { loadModel, words } from './drive.ts';
import { makeTurns, openSession, sessionFile } from './history.ts';

const FRAME_TOKENS = 66;

async function tokens(page: Page): Promise<number> {
  const cost = page.locator('.cost');
  await expect(cost).toHaveText(/tokens/);
  return Number((await cost.innerText()).replace(/\D*([\d,]+).*/s, '$1').replace(',', ''));
}

test('chips switch what is seen with the keyboard, and the tokens follow', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('/?backend=wasm');
  await loadModel(page);
  await openSession(
    page,
    await sessionFile(async (rig) => makeTurns(rig, ['add a cup', 'make it night', 'add a dog'])),
  );
  const ribbon = page.getByRole('toolbar', { name: /^What the model sees/ });
  await expect(ribbon).toBeHidden();
  await words(page).fill('remove the cat');
  await expect(ribbon.getByRole('button')).toHaveCount(7);
  await expectSound(page, 'ribbon');
  const all = await tokens(page);

  await words(page).press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(ribbon.getByRole('button', { name: 'Original' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await expect(ribbon.getByRole('button', { name: 'Picture 1, not seen' })).toBeFocused();
  await expect(page.getByRole('button', { name: 'The model sees 6 of 7' })).toBeVisible();
  expect(await tokens(page)).toBe(all - FRAME_TOKENS);

  await page.keyboard.press('End');
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'The model sees 6 of 7' })).toBeVisible();

  await page.getByRole('button', { name: 'Preset' }).click();
  await page.getByRole('radio', { name: /^The original/ }).check();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'The model sees 2 of 7' })).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('button', { name: 'The model sees 6 of 7' })).toBeVisible();

  await words(page).fill('');
  await expect(ribbon).toBeHidden();
});
