/** What a person does on the page, by the names that the page shows. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import { expect, type Locator, type Page } from '@playwright/test';
import { unzipSync } from 'fflate';

import { readPng } from './pixels.ts';

/** The software GPU shares its few cores with the browser, so a turn takes minutes where a card takes a second. */
const MODEL_MS = 540_000;

/** Lets the model's manifest say something else, from the next load on. A service worker would hide this: block it. */
export async function declare(page: Page, change: object): Promise<void> {
  await page.route('**/manifest.json', async (route) => {
    const response = await route.fetch();
    const manifest = (await response.json()) as object;
    await route.fulfill({ response, json: { ...manifest, ...change } });
  });
}

const GOLDEN = JSON.parse(readFileSync('fixtures/golden/golden.json', 'utf8')) as {
  readonly cases: { readonly tasks: { readonly roles: object } };
};

/** The role texts that a model trained for regions, references and clips declares. */
export const ABLE_ROLES = GOLDEN.cases.tasks.roles;

export function words(page: Page): Locator {
  return page.getByRole('textbox', { name: 'What should change' });
}

/** The row of a turn by its place in its branch and its words; without words, that of the start. */
export function turnRow(page: Page, number = 0, instruction = ''): Locator {
  const name = number === 0 ? 'Original' : `Turn ${number}: ${instruction}`;
  return page.getByRole('treeitem', { name, exact: true });
}

/** Names of the rows from top to bottom. */
export async function rowNames(page: Page): Promise<readonly (string | null)[]> {
  return Promise.all((await page.getByRole('treeitem').all()).map((row) => row.getAttribute('aria-label')));
}

/** Waits for the end of loading or working and says on what the model runs. */
export async function modelIsReady(page: Page): Promise<string> {
  const state = page.getByRole('button', { name: /, ready|^Model stopped/ });
  await expect(state).toBeVisible({ timeout: MODEL_MS });
  const text = await state.innerText();
  expect(text, await page.getByRole('alert').allInnerTexts().then(String)).toMatch(/, ready/);
  return text;
}

/** Resolves with the page's words for it once all bytes of the model have arrived and matched their hashes. */
async function allBytesChecked(page: Page): Promise<string | null> {
  return page.evaluate(
    async () =>
      new Promise<string | null>((resolve) => {
        const observer = new MutationObserver(() => {
          const bar = document.querySelector('[role=progressbar][aria-label="Loading the model"]');
          if (bar?.getAttribute('aria-valuenow') !== '100') return;
          observer.disconnect();
          resolve(bar.getAttribute('aria-valuetext'));
        });
        observer.observe(document.body, { subtree: true, childList: true, attributes: true });
      }),
  );
}

export async function loadModel(page: Page): Promise<string> {
  const checked = allBytesChecked(page);
  await page.getByRole('button', { name: /^Load the model/ }).click();
  expect(await checked).toMatch(/^([\d.]+\sMB) of \1 checked$|^Preparing/);
  return modelIsReady(page);
}

export async function startScene(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: title }).click();
  await expect(turnRow(page)).toHaveAttribute('aria-current', 'true');
}

export async function keepSeed(page: Page, seed: number): Promise<void> {
  const field = page.getByRole('textbox', { name: 'Seed', exact: true });
  await field.fill(String(seed));
  await field.press('Enter');
}

/** A turn of few steps is made sooner. */
export async function setSteps(page: Page, steps: number): Promise<void> {
  await page.getByRole('button', { name: 'Preset' }).click();
  const field = page.getByRole('textbox', { name: 'Steps', exact: true });
  await field.fill(String(steps));
  await field.press('Enter');
  await page.keyboard.press('Escape');
}

/** Waits until turn `number` stands in the tree with its picture. */
export async function turnIsMade(page: Page, number: number, instruction: string): Promise<void> {
  const row = turnRow(page, number, instruction);
  await expect(row).toHaveAttribute('aria-current', 'true');
  // The row and the working model appear at once, so readiness from here on is that of the end.
  await modelIsReady(page);
  await expect(row).not.toContainText(/Not made|Cancelled/);
}

export async function makeTurn(page: Page, number: number, instruction: string): Promise<void> {
  await words(page).fill(instruction);
  await words(page).press('Control+Enter');
  await turnIsMade(page, number, instruction);
}

/** The bytes of the picture in sight, as the page itself was given them. */
export async function shownPng(page: Page): Promise<Buffer> {
  const picture = page.getByRole('application', { name: 'Picture' }).locator('img');
  const bytes = await picture.evaluate(async (img: HTMLImageElement) => {
    const response = await fetch(img.src);
    return [...new Uint8Array(await response.arrayBuffer())];
  });
  return Buffer.from(bytes);
}

/** Uses the Export dialog and gives back the saved file. */
export async function exportFile(page: Page, format: string, act: string): Promise<Buffer> {
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Export' });
  await dialog.getByRole('radio', { name: format }).check();
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: MODEL_MS }),
    dialog.getByRole('button', { name: act }).click(),
  ]);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  return readFile(await download.path());
}

/** Frame pixels to a point on the screen, while the picture is fitted to its window. */
export async function onScreen(page: Page, x: number, y: number): Promise<{ x: number; y: number }> {
  const box = await page.getByRole('application', { name: 'Picture' }).boundingBox();
  if (box === null) throw new Error('The picture is not on the screen.');
  return { x: box.x + (x / 256) * box.width, y: box.y + (y / 256) * box.height };
}

interface SessionManifest {
  readonly session: {
    readonly composer: { readonly regions: { readonly drawn: { readonly hash: string } | null } };
  };
}

/** The region of the line being written, one byte per pixel, from the session file; null when there is none. */
export async function drawnMask(page: Page): Promise<readonly number[] | null> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Control+s')]);
  const entries = unzipSync(await readFile(await download.path()));
  const manifest = JSON.parse(new TextDecoder().decode(entries['manifest.json'])) as SessionManifest;
  const { drawn } = manifest.session.composer.regions;
  if (drawn === null) return null;
  const { data } = readPng(entries[`blobs/${drawn.hash}`] ?? new Uint8Array());
  return Array.from({ length: data.length / 4 }, (_, pixel) => data[pixel * 4] ?? 0);
}

/** A scene with the model loaded, two steps a turn and a seed that stays. */
export async function openQuick(page: Page): Promise<void> {
  await page.goto('/?backend=wasm');
  await startScene(page, 'Morning at the bay');
  await loadModel(page);
  await setSteps(page, 2);
  await keepSeed(page, 5);
}
