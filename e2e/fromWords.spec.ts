import { expect, test } from '@playwright/test';

import { loadModel, makeTurn, modelIsReady, rowNames, shownPng, turnIsMade, turnRow } from './drive.ts';
import { readPng } from './pixels.ts';

const DESCRIPTION = 'a beach with a cat on the left';
const EDIT = 'remove the cat';

test('begins with words where the model was trained for it, and offers that nowhere else', async ({
  page,
}) => {
  await page.goto('/?backend=wasm');
  const capabilities = await page.evaluate(async () => {
    const response = await fetch('models/nano/manifest.json');
    return ((await response.json()) as { readonly capabilities: readonly string[] }).capabilities;
  });
  const tile = page.getByRole('button', { name: 'What should the picture show?' });
  if (!capabilities.includes('text-to-image')) {
    await expect(page.getByRole('heading', { name: 'Or with your own' })).toBeVisible();
    await expect(tile).toBeHidden();
    return;
  }

  await loadModel(page);
  await tile.click();
  const description = page.getByRole('textbox', { name: 'What should the picture show' });
  await expect(description).toBeFocused();
  await expect(page.getByRole('button', { name: 'Brush' })).toBeDisabled();
  await page.getByRole('button', { name: DESCRIPTION }).click();
  await description.press('Control+Enter');
  await turnIsMade(page, 1, DESCRIPTION);
  const first = await shownPng(page);
  const { width, height, data } = readPng(first);
  expect([width, height]).toEqual([256, 256]);
  // A scene has a ground and a thing on it; one flat colour would be no picture.
  expect(new Set(data).size).toBeGreaterThan(64);

  await makeTurn(page, 2, EDIT);
  expect(await shownPng(page)).not.toEqual(first);
  await page.getByRole('treeitem', { name: 'Blank' }).click();
  await expect(page.getByText('Nothing is drawn yet')).toBeVisible();
  await page.reload();
  await modelIsReady(page);
  expect(await rowNames(page)).toEqual(['Blank', `Turn 1: ${DESCRIPTION}`, `Turn 2: ${EDIT}`]);
  await turnRow(page, 1, DESCRIPTION).click();
  await expect.poll(async () => shownPng(page)).toEqual(first);
});
