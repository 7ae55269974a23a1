/** What the page does for those who ask their system for stillness, for few colours or for large letters. */
import { expect, test, type Page } from '@playwright/test';

import { expectSound } from './axe.ts';
import { loadModel, startScene } from './drive.ts';

/** Parts that move or fade, by their classes. */
async function moving(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const lasts = (times: string) => times.split(',').some((time) => Number.parseFloat(time) > 0);
    const parts = [...document.querySelectorAll('*')].filter((part) => {
      const { transitionDuration, animationName, animationDuration } = getComputedStyle(part);
      return lasts(transitionDuration) || (animationName !== 'none' && lasts(animationDuration));
    });
    return [...parts.map((part) => part.className), ...document.getAnimations().map(String)].map(String);
  });
}

/** Parts that reach out of the page to the right and are in no row that scrolls by itself. */
async function outside(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const scrolls = (part: Element | null): boolean =>
      part !== null &&
      (/auto|scroll|hidden|clip/.test(getComputedStyle(part).overflowX) || scrolls(part.parentElement));
    const width = document.documentElement.clientWidth;
    const out = [...document.body.querySelectorAll('*')].filter((part) => {
      const box = part.getBoundingClientRect();
      return box.width > 0 && box.right > width + 0.5 && !scrolls(part.parentElement);
    });
    return [
      ...out.map((part) => `${part.tagName} ${part.className}`),
      ...(document.documentElement.scrollWidth > width ? ['the page itself'] : []),
    ];
  });
}

/** Goes through the screens of the page and calls `look` at each. */
async function everyScreen(page: Page, look: (screen: string) => Promise<void>): Promise<void> {
  await page.goto('/?backend=wasm');
  await expect(page.getByRole('button', { name: /^Load the model/ })).toBeVisible();
  await look('first page');
  await loadModel(page);
  await page.getByRole('button', { name: 'First snow' }).click();
  await page.getByRole('button', { name: 'Rectangle', exact: true }).click();
  await page.getByRole('application', { name: 'Picture' }).press('Enter');
  await look('region');
  await page.getByRole('textbox', { name: 'What should change' }).fill('remove the penguin');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('button', { name: 'Compare', exact: true })).toBeEnabled({ timeout: 540_000 });
  await look('turn');
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await look('comparison');
  await page.keyboard.press('Escape');
  for (const item of ['Sessions on this device', 'What the model knows', 'Keys and help']) {
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.locator('.menu').getByRole('button', { name: item, exact: true }).click();
    await look(item);
    await page.keyboard.press('Escape');
  }
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await look('Export');
}

test('scrolls nothing sideways at 320 pixels', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  const found: string[] = [];
  await everyScreen(page, async (screen) => {
    found.push(...(await outside(page)).map((part) => `${screen}: ${part}`));
  });
  expect(found).toEqual([]);
});

/** Parts to be pressed or filled in that cannot be brought into sight: cut off, or under something else wherever the page stands. */
async function outOfReach(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    // Under a dialog the page waits.
    const top = document.querySelector('dialog[open]') ?? document;
    const parts = [
      ...top.querySelectorAll('button, input, textarea, select, summary, a[href], [tabindex="0"]'),
    ];
    // A native choice is hidden under the word that is pressed, and a link to skip shows with the focus.
    const seen = (part: Element): Element =>
      part.matches('.segments input') ? (part.parentElement ?? part) : part;
    const hidden = parts.map(seen).filter((part) => {
      if (!part.checkVisibility({ checkVisibilityCSS: true }) || part.matches('.skip')) return false;
      part.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
      const box = part.getBoundingClientRect();
      if (box.width === 0) return false;
      const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      return hit === null || !(part.contains(hit) || hit.contains(part));
    });
    return hidden.map((part) => `${part.tagName} ${part.getAttribute('aria-label') ?? part.textContent}`);
  });
}

/** What a word of a control is cut off from without a sign, as where its box is too small for it. */
async function cutWords(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('button, label, h1, h2, h3, .facts > *')]
      .filter((part) => {
        const { overflowX, textOverflow } = getComputedStyle(part);
        const isCut = overflowX !== 'visible' && !part.matches('.spoken-only') && textOverflow !== 'ellipsis';
        return part.checkVisibility() && isCut && part.scrollWidth > part.clientWidth + 1;
      })
      .map((part) => `${part.tagName} ${part.textContent}`),
  );
}

// The CSS pixels that a screen has left: 1440 by 900 and 1024 by 768 at 200 %, 1280 by 1024 at 400 %.
for (const [zoom, width, height, scale] of [
  ['200 % of a large screen', 720, 450, 2],
  ['150 % of a large screen', 960, 600, 1.5],
  ['200 % of a small screen', 512, 384, 2],
  ['400 %', 320, 256, 4],
] as const) {
  test.describe(zoom, () => {
    test.use({ viewport: { width, height }, deviceScaleFactor: scale });

    test(`cuts nothing off at a zoom of ${zoom}`, async ({ page }) => {
      const found: string[] = [];
      const look = async (screen: string): Promise<void> => {
        const all = [...(await outside(page)), ...(await outOfReach(page)), ...(await cutWords(page))];
        found.push(...all.map((part) => `${screen}: ${part}`));
      };
      await page.goto('/?backend=wasm');
      await expect(page.getByRole('button', { name: /^Load the model/ })).toBeVisible();
      await look('first page');
      await page.getByRole('button', { name: /^One evening in four turns/ }).click();
      await expect(page.getByRole('application', { name: 'Picture' })).toBeVisible();
      await look('edit');
      await page.keyboard.press('Escape');
      await page.keyboard.press('c');
      await expect(page.getByRole('slider', { name: 'Before and after' })).toBeVisible();
      await look('compare');
      await page.getByRole('radio', { name: 'Story' }).check({ force: true });
      await expect(page.getByRole('group', { name: 'Film' })).toBeVisible();
      await look('story');
      await page.getByRole('button', { name: 'Export', exact: true }).click();
      await look('export');
      expect(found).toEqual([]);
    });
  });
}

test('moves nothing for those who ask for stillness', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const found: string[] = [];
  await everyScreen(page, async (screen) => {
    found.push(...(await moving(page)).map((part) => `${screen}: ${part}`));
  });
  expect(found).toEqual([]);
});

test('shows what is chosen and where the region lies in forced colours', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await page.goto('/?backend=wasm');
  await expect(page.getByRole('main')).toBeVisible();
  await expectSound(page, 'first page');
  await startScene(page, 'First snow');
  const tool = page.getByRole('button', { name: 'Rectangle', exact: true });
  const outline = async () => tool.evaluate((button) => getComputedStyle(button).outlineStyle);
  expect(await outline()).toBe('none');
  await tool.click();
  await page.getByRole('application', { name: 'Picture' }).press('Enter');
  expect(await outline()).toBe('solid');
  const line = page.locator('.region-overlay .line-light').first();
  expect(await line.evaluate((path) => getComputedStyle(path).stroke)).toBe('rgb(255, 255, 255)');
  await expectSound(page, 'region');
});
