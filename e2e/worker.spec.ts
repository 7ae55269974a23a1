import { expect, test, type Page } from '@playwright/test';

import {
  keepSeed,
  loadModel,
  makeTurn,
  modelIsReady,
  setSteps,
  shownPng,
  startScene,
  words,
} from './drive.ts';
import { FIRST } from './test.ts';

/** Ends the thread of the model as a browser does that needs its memory: at once, and without telling the page. */
async function endEngine(page: Page): Promise<void> {
  for (const worker of page.workers()) {
    const name = await worker.evaluate(() => self.name);
    if (name !== 'engine') continue;
    const closed = worker.waitForEvent('close');
    await worker.evaluate(() => self.close()).catch(() => undefined);
    await closed;
    return;
  }
  throw new Error('The page runs no engine.');
}

test('says that the browser ended the model in the middle of a turn, keeps everything, and makes turns after a restart', async ({
  page,
}) => {
  // On the processor, where a turn takes seconds without a graphics card.
  await page.goto('/?backend=wasm');
  await loadModel(page);
  await startScene(page, FIRST.scene);
  await keepSeed(page, FIRST.seed);
  await setSteps(page, 8);
  await makeTurn(page, 1, FIRST.instruction);
  const first = await shownPng(page);

  await words(page).fill('make it night');
  await words(page).press('Control+Enter');
  await expect(page.getByRole('button', { name: /^Cancel/ }).first()).toBeVisible();
  await endEngine(page);
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('The browser ended the part of the page that runs the model');
  await expect(alert).toContainText('Turn 2 was not made; your words and all earlier turns are kept.');
  await expect(words(page)).toHaveValue('make it night');
  expect(await shownPng(page)).toEqual(first);

  await alert.getByRole('button', { name: 'Start the model again' }).click();
  await modelIsReady(page);
  await expect(alert).toBeHidden();
  // The turn that was not made stays where it was, to be tried again.
  await makeTurn(page, 2, 'make the picture sepia');
  expect(await shownPng(page)).not.toEqual(first);
});
