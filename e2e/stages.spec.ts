/** A turn in stages: the region as it is, the region as it will be, the picture. */
import { expect, test, type Locator, type Page } from '@playwright/test';

import { ABLE_ROLES, declare, modelIsReady, onScreen, openQuick, words } from './drive.ts';

// What the worker fetches is changed on the way, and a service worker would hide it from the test.
test.use({ serviceWorkers: 'block' });

/** The role texts and tasks that a model trained for stages declares. */
const ABLE = {
  roles: ABLE_ROLES,
  capabilities: ['next-image', 'drawn-region', 'region-now', 'region-next', 'dragged-region', 'chain'],
};

const card = (page: Page, name: string): Locator =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: false }) });

test('finds a region from the words, has it corrected with the brush, and goes on from there', async ({
  page,
}) => {
  await declare(page, ABLE);
  await openQuick(page);
  await expect(page.getByText(/^Write what should change, and/)).toBeVisible();
  await words(page).fill('move the cat to the right');
  await words(page).press('Escape');
  await page.keyboard.press('w');
  const now = card(page, 'Region now');
  await expect(now).toBeVisible();
  await modelIsReady(page);
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(now.getByText('Found from the words')).toBeVisible();
  await expect(page.getByRole('treeitem')).toHaveCount(1);

  await now.getByRole('button', { name: 'Correct' }).click();
  await expect(page.getByRole('button', { name: 'Brush', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  const from = await onScreen(page, 120, 200);
  const to = await onScreen(page, 160, 220);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 5 });
  await page.mouse.up();
  await expect(now.getByText('Drawn by you')).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(now.getByText('Found from the words')).toBeVisible();
  await now.getByRole('button', { name: 'Done' }).click();

  await words(page).fill('move the cat to the left');
  await expect(now.getByText('Out of date')).toBeVisible();
  await card(page, 'Picture').getByRole('button', { name: 'Make' }).click();
  await modelIsReady(page);
  await expect(page.getByRole('treeitem')).toHaveCount(2);
  await expect(page.getByText(/^0\s+px changed outside the region$/)).toBeVisible();
});

test('where the model finds no regions there is a sentence, and nothing to press', async ({ page }) => {
  await declare(page, { roles: undefined, capabilities: ['next-image', 'drawn-region'] });
  await openQuick(page);
  await words(page).fill('move the cat to the right');
  await expect(page.getByText(/^This model does not find regions from words/)).toBeVisible();
  await expect(page.getByRole('button', { name: /Find the region/ })).toHaveCount(0);
});
