/** The branch told as a story: its film, its shots, and the clips between them. */
import { expect, test, type Locator, type Page } from '@playwright/test';
import { unzipSync } from 'fflate';

import { expectSound } from './axe.ts';
import { ABLE_ROLES, declare, exportFile, modelIsReady, openQuick } from './drive.ts';
import { videoPictures } from './video.ts';

// What the worker fetches is changed on the way, and a service worker would hide it from the test.
test.use({ serviceWorkers: 'block' });

const card = (page: Page, name: RegExp): Locator =>
  page.getByRole('region', { name: 'Shots' }).getByRole('button', { name });
const inSight = (page: Page): Locator => page.locator('[data-shot][aria-current=true]');
const film = (page: Page): Locator => page.getByRole('group', { name: 'Film' });

async function stays(page: Page, shot: RegExp, seconds: string): Promise<void> {
  await card(page, shot).click();
  const field = page.getByRole('textbox', { name: /how many seconds it stays$/ });
  await field.fill(seconds);
  await field.press('Enter');
}

test('plays from shot to shot, keeps times and what is left out, and goes out as frames and as a film', async ({
  page,
}) => {
  await openQuick(page);
  await page.keyboard.press('Escape');
  await page.getByRole('radio', { name: 'Story' }).check({ force: true });
  await expect(film(page)).toBeVisible();
  await page.locator('#words').fill('remove the cat');
  await page.locator('#words').press('Control+Enter');
  await modelIsReady(page);
  await expect(inSight(page)).toHaveAccessibleName(/^Shot 1: remove the cat, 2\.0\ss$/);

  // What the model cannot do stands there as a sentence, with nothing to press, and never both.
  const joins = await page.getByRole('button', { name: /^Make a clip between/ }).count();
  await expect(page.getByText('This model makes no clips between shots.')).toHaveCount(1 - joins);

  await stays(page, /^Shot 0/, '1');
  await stays(page, /^Shot 1/, '0.5');
  await page.locator('.strip h2').click();
  await page.keyboard.press('Home');
  await expect(inSight(page)).toHaveAccessibleName(/^Shot 0/);
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect(inSight(page)).toHaveAccessibleName(/^Shot 1/);
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  const place = page.getByRole('slider', { name: 'Place in the film' });
  await expect(place).toHaveAttribute('aria-valuetext', /^0:01\.5 of 0:01\.5, Shot 1/);

  const video = await videoPictures(page, await exportFile(page, 'MP4', 'Export MP4'), [0.5, 1.2]);
  expect(video.duration).toBeCloseTo(1.5, 1);
  const gif = await exportFile(page, 'GIF', 'Export GIF');
  expect(gif.subarray(0, 6).toString('latin1')).toBe('GIF89a');
  expect([gif.readUInt16LE(6), gif.readUInt16LE(8)]).toEqual([256, 256]);
  await card(page, /^Shot 0/).click();
  await page.getByRole('button', { name: 'Leave out' }).click();
  await expect(card(page, /^Shot 0.*left out$/)).toBeVisible();
  const zip = unzipSync(await exportFile(page, 'Frames', 'Export the frames'));
  expect(Object.keys(zip).filter((name) => name.endsWith('.png'))).toEqual([
    '001_remove-the-cat.png',
    'contact_sheet.png',
  ]);

  await page.reload();
  await page.getByRole('radio', { name: 'Story' }).check({ force: true });
  await expect(card(page, /^Shot 0: Original, 1\.0\ss, left out$/)).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(card(page, /^Shot 0: Original, 1\.0\ss$/)).toBeVisible();
});

test('makes the next scene and a clip between two shots where the model can, and shows it frame by frame', async ({
  page,
}) => {
  await declare(page, {
    roles: ABLE_ROLES,
    capabilities: ['next-image', 'story', 'clip-between', 'clip-edit'],
  });
  await openQuick(page);
  // Out of the field of the seed, so that a single key is no letter.
  await page.locator('.script-head').click();
  await page.keyboard.press('s');
  await page.getByRole('textbox', { name: 'What happens next' }).fill('next scene, a meadow');
  await page.getByRole('button', { name: /^Make next scene/ }).click();
  await modelIsReady(page);
  await expect(inSight(page)).toHaveAccessibleName(/^Shot 1: next scene, a meadow/);

  const join = page.getByRole('button', { name: 'Make a clip between shots 0 and 1' });
  await join.click();
  const panel = page.getByRole('group', { name: 'Make a clip between shots 0 and 1' });
  await panel.getByRole('textbox').fill('the cat goes to the meadow');
  await panel.getByRole('radio', { name: '4' }).check({ force: true });
  await panel.getByRole('button', { name: 'Make clip' }).click();
  await expect(panel).toBeHidden();
  const clip = card(page, /^Clip between 0 and 1: .*, 4\sframes$/);
  await expect(clip).toBeVisible({ timeout: 540_000 });
  await expect(join).toHaveCount(0);
  await expect(page.getByRole('alert')).toHaveCount(0);

  // Each step shows another picture of the clip, and its ends are those of the shots beside it.
  await card(page, /^Shot 0/).click();
  await page.locator('.strip h2').click();
  const pictures: (string | null)[] = [];
  for (let step = 0; step < 6; step += 1) {
    pictures.push(await film(page).locator('img').first().getAttribute('src'));
    await page.keyboard.press('ArrowRight');
  }
  expect(pictures[1]).toBe(pictures[0]);
  expect(pictures[5]).toBe(pictures[4]);
  expect(new Set(pictures).size).toBe(4);
});

for (const [device, viewport] of [
  ['a desk', { width: 1440, height: 900 }],
  ['a tablet', { width: 1024, height: 768 }],
  ['a phone', { width: 390, height: 844 }],
] as const) {
  test(`fits on ${device}, breaks no rule of accessibility, and has nothing too small to hit`, async ({
    page,
  }) => {
    await page.setViewportSize(viewport);
    await page.goto('/?backend=wasm');
    await page.getByRole('button', { name: 'Morning at the bay' }).click();
    await page.getByRole('radio', { name: 'Story' }).check({ force: true });
    await expect(film(page)).toBeVisible();
    await expectSound(page, 'story');
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth),
    ).toBe(true);
    const small = await page.evaluate(() =>
      [
        ...document.querySelectorAll(
          '.story-desk button, .strip button, .story-side button, .mode-switch label, .scrub',
        ),
      ]
        .map((part) => ({
          name: part.getAttribute('aria-label') ?? part.textContent,
          box: part.getBoundingClientRect(),
        }))
        .filter(({ box }) => box.width > 0 && Math.min(box.width, box.height) < 24)
        .map(({ name }) => name),
    );
    expect(small).toEqual([]);
    expect(await page.getByRole('button', { name: 'Play', exact: true }).count()).toBe(1);
  });
}
