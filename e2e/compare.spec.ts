/** Two pictures held against each other in every way. The turn is made on the processor, once for all. */
import { expect, test as base, type Page } from '@playwright/test';
import { PNG } from 'pngjs';

import { loadModel, makeTurn, shownPng, startScene } from './drive.ts';
import { readPng, type Picture } from './pixels.ts';

const WORDS = 'remove the sailboat';

const test = base.extend<
  object,
  { readonly made: { readonly page: Page; readonly pictures: readonly Picture[] } }
>({
  made: [
    async ({ browser }, use, { project }) => {
      const context = await browser.newContext({
        baseURL: project.use.baseURL ?? '',
        viewport: { width: 1440, height: 900 },
      });
      const page = await context.newPage();
      await page.goto('/?backend=wasm');
      await loadModel(page);
      await startScene(page, 'Morning at the bay');
      const start = readPng(await shownPng(page));
      await page.keyboard.press('m');
      for (const [name, value] of Object.entries({ X: '150', Y: '70', Width: '106', Height: '100' })) {
        const field = page.getByRole('textbox', { name, exact: true });
        await field.fill(value);
        await field.press('Enter');
      }
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await makeTurn(page, 1, WORDS);
      await use({ page, pictures: [start, readPng(await shownPng(page))] });
      await context.close();
    },
    { scope: 'worker', timeout: 600_000 },
  ],
});

test.describe.configure({ mode: 'serial' });

/** What the screen shows at frame places, as RGB, in the comparison or the picture. */
async function coloursAt(page: Page, selector: string, places: readonly (readonly [number, number])[]) {
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error('The picture is not on the screen.');
  const png = PNG.sync.read(await page.screenshot({ clip: box }));
  return places.map(([x, y]) => {
    const at = (Math.round((y / 256) * png.height) * png.width + Math.round((x / 256) * png.width)) * 4;
    return [...png.data.subarray(at, at + 3)];
  });
}

const farApart = (a: readonly number[], b: readonly number[]): boolean =>
  a.some((value, channel) => Math.abs(value - (b[channel] ?? 0)) > 24);

/** A place where the turn changed the picture most. */
function mostChanged([before, after]: readonly Picture[]): readonly [number, number] {
  if (before === undefined || after === undefined) throw new Error('Two pictures are needed.');
  let [most, place] = [-1, 0];
  for (let pixel = 0; pixel < before.data.length / 4; pixel++) {
    const change = Math.abs((before.data[pixel * 4] ?? 0) - (after.data[pixel * 4] ?? 0));
    if (change > most) [most, place] = [change, pixel];
  }
  return [(place % 256) + 0.5, Math.floor(place / 256) + 0.5];
}

test('says that nothing changed outside the region, and shows the picture before while C is held', async ({
  made: { page, pictures },
}) => {
  await expect(page.locator('.facts')).toContainText(/0\spx changed outside the region/);
  await page.getByRole('application', { name: 'Picture' }).focus();
  const after = await shownPng(page);
  await page.keyboard.down('c');
  await expect
    .poll(async () =>
      Buffer.from(readPng(await shownPng(page)).data).equals(pictures[0]?.data ?? Buffer.of()),
    )
    .toBe(true);
  // Long enough for a hold, which is no tap that opens the comparison.
  await page.waitForTimeout(400);
  await page.keyboard.up('c');
  await expect.poll(async () => (await shownPng(page)).equals(after)).toBe(true);
  await page.getByRole('button', { name: 'Before', exact: true }).dispatchEvent('pointerdown');
  await expect.poll(async () => (await shownPng(page)).equals(after)).toBe(false);
  await page.getByRole('button', { name: 'Before', exact: true }).dispatchEvent('pointerup');
  await expect.poll(async () => (await shownPng(page)).equals(after)).toBe(true);
});

test('has a slider for the mouse and the keyboard', async ({ made: { page, pictures } }) => {
  const [x, y] = mostChanged(pictures);
  await page.keyboard.press('c');
  const slider = page.getByRole('slider', { name: 'Before and after' });
  await slider.focus();
  await page.keyboard.press('Home');
  const [before = []] = await coloursAt(page, '.compare', [[x, y]]);
  await page.keyboard.press('End');
  const [after = []] = await coloursAt(page, '.compare', [[x, y]]);
  expect(farApart(before, after)).toBe(true);
  const box = await page.locator('.compare').boundingBox();
  await page.mouse.click((box?.x ?? 0) + 0.25 * (box?.width ?? 0), (box?.y ?? 0) + 40);
  await expect(slider).toHaveAttribute('aria-valuenow', '25');
});

test('lays both side by side, equally large and through one viewport', async ({ made: { page } }) => {
  await page.keyboard.press('m');
  await expect(page.getByRole('radio', { name: 'Side by side' })).toBeChecked();
  const sizes = async () =>
    page.locator('.compare-half').evaluateAll((halves) =>
      halves.map((half) => {
        const { width, height, top } = half.getBoundingClientRect();
        return [width, height, top, half.querySelector<HTMLElement>('.picture-layer')?.style.transform];
      }),
    );
  const [left, right] = await sizes();
  expect(left).toEqual(right);
  await page.keyboard.press('Control+=');
  const [nearLeft, nearRight] = await sizes();
  expect(nearLeft).toEqual(nearRight);
  expect(nearLeft?.[3]).not.toEqual(left?.[3]);
  await page.keyboard.press('Control+0');
});

test('maps the difference: dark where nothing changed and bright where most did', async ({
  made: { page, pictures },
}) => {
  await page.keyboard.press('m');
  const [kept = [], changed = []] = await coloursAt(page, '.compare', [[20, 20], mostChanged(pictures)]);
  expect(kept).toEqual([0x10, 0x12, 0x12]);
  expect(farApart(kept, changed)).toBe(true);
  await expect(page.getByRole('complementary', { name: 'What changed' })).toContainText(/0\spx changed/);
});

test('lets the picture before show through, as much as one likes', async ({ made: { page, pictures } }) => {
  await page.keyboard.press('m');
  const place = mostChanged(pictures);
  const at = async (percent: string) => {
    await page.getByRole('slider', { name: 'Before', exact: true }).fill(percent);
    return (await coloursAt(page, '.compare', [place]))[0] ?? [];
  };
  const [after, half, before] = [await at('0'), await at('50'), await at('100')];
  for (const [channel, value] of half.entries()) {
    expect(Math.abs(value - ((after[channel] ?? 0) + (before[channel] ?? 0)) / 2)).toBeLessThanOrEqual(3);
  }
  expect(farApart(after, before)).toBe(true);
});

test('swaps the sides, takes any two pictures, and remembers the way', async ({ made: { page } }) => {
  await page.keyboard.press('Alt+c');
  const picked = page.getByRole('combobox');
  await expect(picked.first().locator('option:checked')).toHaveText(`1 ${WORDS}`);
  await page.getByRole('combobox', { name: 'Left picture' }).selectOption('0 Original');
  await page.getByRole('combobox', { name: 'Right picture' }).selectOption('0 Original');
  await expect(page.getByRole('complementary', { name: 'What changed' })).toContainText(/0\s%/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('c');
  await expect(page.getByRole('radio', { name: 'Show through' })).toBeChecked();
});
