/** What the page is good for before any weights have arrived: finished examples, scenes and prompts. */
import { readFile } from 'node:fs/promises';

import { expect, test, type Page } from '@playwright/test';
import { unzipSync } from 'fflate';

import { expectSound } from './axe.ts';
import { exportFile, shownPng, startScene, turnRow, words } from './drive.ts';
import { readPng } from './pixels.ts';

interface Example {
  readonly file: string;
  readonly title: string;
  readonly turns: number;
}

interface Frame {
  readonly frame: { readonly hash: string };
}

/** The part of a session file that says which pictures were stored. */
interface SessionManifest {
  readonly session: { readonly root: Partial<Frame> };
  readonly turns: readonly { readonly instruction: string; readonly state: { readonly result: Frame } }[];
}

async function examplesOf(page: Page): Promise<readonly Example[]> {
  const response = await page.request.get('/starters/sessions.json');
  return (await response.json()) as readonly Example[];
}

/** The stored pictures in the order of their turns, the start picture first where there is one. */
function storedIn(file: Uint8Array): {
  readonly instructions: readonly string[];
  readonly pictures: readonly Buffer[];
} {
  const entries = unzipSync(file);
  const { session, turns } = JSON.parse(
    new TextDecoder().decode(entries['manifest.json']),
  ) as SessionManifest;
  const frames = [session.root.frame, ...turns.map(({ state }) => state.result.frame)];
  return {
    instructions: turns.map(({ instruction }) => instruction),
    pictures: frames.flatMap((frame) =>
      frame === undefined ? [] : [Buffer.from(entries[`blobs/${frame.hash}`] ?? new Uint8Array())],
    ),
  };
}

async function openExample(page: Page, { title }: Example): Promise<void> {
  await page.getByRole('button', { name: title }).click();
  await page.getByRole('tree', { name: 'Turns' }).waitFor();
  // A story opens as a film.
  await page.getByRole('radio', { name: 'Edit', exact: true }).check();
}

test('finished examples show their stored pictures, are walked by keyboard and saved, while no model can be had', async ({
  page,
}) => {
  await page.route('**/models/**', (route) => route.abort());
  await page.goto('/');
  const examples = await examplesOf(page);
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) {
    await page.goto('/');
    const response = await page.request.get(`/starters/${example.file}`);
    const stored = storedIn(await response.body());
    expect(stored.instructions).toHaveLength(example.turns);
    await page.getByRole('button', { name: 'Palimpsest, first page' }).click();
    await openExample(page, example);

    const last = example.turns;
    await expect(turnRow(page, last, stored.instructions.at(-1))).toHaveAttribute('aria-current', 'true');
    for (const [back, picture] of stored.pictures.toReversed().entries()) {
      if (back > 0) await page.keyboard.press('Alt+ArrowLeft');
      await expect.poll(async () => (await shownPng(page)).equals(picture)).toBe(true);
    }

    expect(readPng(await exportFile(page, 'Picture', 'Export PNG'))).toEqual(readPng(await shownPng(page)));
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Control+s')]);
    const saved = storedIn(await readFile(await download.path()));
    expect(saved).toEqual(stored);
  }
});

test('an example is a session of its own: it takes a new line at once, and is there after a reload', async ({
  page,
}) => {
  await page.route('**/models/**/*.{bin,onnx}', (route) => route.abort());
  await page.goto('/');
  const [example] = await examplesOf(page);
  if (example === undefined) throw new Error('There is no example.');
  await openExample(page, example);
  await page.keyboard.press('Alt+ArrowLeft');
  await words(page).fill('make it smaller');
  await expect(page.getByRole('button', { name: /^Load the model/ })).toBeVisible();
  await expect(page.getByText('Stored on this device')).toBeVisible();
  await page.reload();
  await expect(words(page)).toHaveValue('make it smaller');
  await expect(page.getByRole('treeitem')).toHaveCount(example.turns + 1);
});

test('a prompt fills the box, on the first page and on a picture that was just opened, and runs nothing', async ({
  page,
}) => {
  await page.goto('/');
  const tries = page.getByRole('group', { name: /^Examples; each opens its scene/ }).getByRole('button');
  const prompt = (await tries.first().textContent()) ?? '';
  await tries.first().click();
  await expect(words(page)).toHaveValue(prompt);
  await expect(page.getByRole('treeitem')).toHaveCount(1);

  await page.getByRole('button', { name: 'Palimpsest, first page' }).click();
  await startScene(page, 'First snow');
  const own = page.getByRole('group', { name: /Examples/ }).getByRole('button');
  const other = (await own.last().textContent()) ?? '';
  await own.last().click();
  await expect(words(page)).toHaveValue(other);
  await expect(words(page)).toBeFocused();
});

test('examples are kept for visits without a network', async ({ page, context }) => {
  await page.goto('/');
  const [example] = await examplesOf(page);
  if (example === undefined) throw new Error('There is no example.');
  await page.evaluate(async () => navigator.serviceWorker.ready);
  await expect.poll(async () => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  await context.setOffline(true);
  await page.reload();
  await openExample(page, example);
  await expect(page.getByRole('treeitem')).toHaveCount(example.turns + 1);
});

for (const [device, width, height] of [
  ['a desk', 1440, 900],
  ['a tablet', 1024, 768],
  ['a phone', 390, 844],
] as const) {
  test(`the first page is sound on ${device}, with all its words unfolded`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await page.goto('/');
    await page.getByText('All the words it knows').click();
    await expect(page.getByText(/^Backgrounds, \d+/)).toBeVisible();
    await expectSound(page, `first page on ${device}`);
  });
}
