import { expect, test, type Page, type Worker } from '@playwright/test';

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

async function engineOf(page: Page): Promise<Worker> {
  for (const worker of page.workers()) {
    if ((await worker.evaluate(() => self.name)) === 'engine') return worker;
  }
  throw new Error('The page runs no engine.');
}

/** Ends the thread of the model as a browser does that needs its memory: at once, and without telling the page. */
async function endEngine(page: Page): Promise<void> {
  const worker = await engineOf(page);
  const closed = worker.waitForEvent('close');
  await worker.evaluate(() => self.close()).catch(() => undefined);
  await closed;
}

/** On the processor, where a turn takes seconds without a graphics card. */
async function startSlowly(page: Page): Promise<void> {
  await page.goto('/?backend=wasm');
  await loadModel(page);
  await startScene(page, FIRST.scene);
  await keepSeed(page, FIRST.seed);
  await setSteps(page, 8);
}

/** The thread of the model goes round in a loop, between two of its graphs, and lets nothing else in. */
function hang(worker: Worker): void {
  void worker
    .evaluate(() => {
      for (;;);
    })
    .catch(() => undefined);
}

test('says that the browser ended the model in the middle of a turn, keeps everything, and makes turns after a restart', async ({
  page,
}) => {
  await startSlowly(page);
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

test('notices a model that hangs in the middle of a turn, cancels that turn at once, and makes it after a restart', async ({
  page,
}) => {
  await startSlowly(page);
  const start = await shownPng(page);

  await words(page).fill(FIRST.instruction);
  await words(page).press('Control+Enter');
  await expect(page.getByRole('progressbar').first()).toHaveAttribute('aria-valuenow', /[1-7]/);
  hang(await engineOf(page));
  const silent = page.getByRole('status').filter({ hasText: /has not answered for \d+\sseconds/ });
  await expect(silent).toContainText('your words and all earlier turns are kept');
  await silent.getByRole('button', { name: 'Wait on' }).click();
  await expect(silent).toBeHidden();

  // The thread takes no message any more, so this shows that a cancel waits for none.
  await page.keyboard.press('Escape');
  await expect(words(page)).toHaveValue(FIRST.instruction);
  expect(await shownPng(page)).toEqual(start);

  await words(page).press('Control+Enter');
  await expect(silent).toBeVisible();
  await silent.getByRole('button', { name: 'Start the model again' }).click();
  await expect(silent).toBeHidden();
  await modelIsReady(page);
  await expect(words(page)).toHaveValue(FIRST.instruction);
  await makeTurn(page, 1, FIRST.instruction);
  expect(await shownPng(page)).not.toEqual(start);
});
