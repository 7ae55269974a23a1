import { expect, test, type Page } from '@playwright/test';
import axe from 'axe-core';

import { modelIsReady, words } from './drive.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** A row of the tree is called by its turn; its time and its buttons are content and no part of that label. */
const isNamedRow = /^label-content-name-mismatch: <li [^>]*role="treeitem"/;

interface Results {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** The rules that the page breaks as it is now, each with the parts that break it. */
async function broken(page: Page): Promise<readonly string[]> {
  // As a string, because the content policy of the page allows no foreign script elements.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<Results>(
    `axe.run(document, { runOnly: ${JSON.stringify(RULES)} })`,
  );
  return violations
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`))
    .filter((line) => !isNamedRow.test(line));
}

/** Fails with all findings of both themes at once. */
async function expectSound(page: Page, screen: string): Promise<void> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    found.push(...(await broken(page)).map((line) => `${screen}, ${colorScheme}: ${line}`));
  }
  expect.soft(found).toEqual([]);
}

async function openDialog(page: Page, item: string, name: string): Promise<void> {
  await page.getByRole('button', { name: 'More' }).click();
  await page.locator('.menu').getByRole('button', { name: item, exact: true }).click();
  await expect(page.getByRole('dialog', { name })).toBeVisible();
}

for (const [device, viewport] of [
  ['a desk', { width: 1440, height: 900 }],
  ['a phone', { width: 390, height: 844 }],
] as const) {
  test(`breaks no rule of accessibility on ${device}, in either theme`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await page.goto('/?backend=wasm');
    await expect(page.getByRole('button', { name: /^Load the model/ })).toBeVisible();
    await expectSound(page, 'first page');
    await page.getByRole('button', { name: /^Load the model/ }).click();
    await modelIsReady(page);
    await page.getByRole('button', { name: 'First snow' }).click();
    await expect(page.getByRole('application', { name: 'Picture' })).toBeVisible();
    await expectSound(page, 'start picture');
    await page.getByRole('button', { name: 'Rectangle', exact: true }).click();
    await page.getByRole('application', { name: 'Picture' }).press('Enter');
    await expectSound(page, 'region');
    await words(page).fill('remove the penguin');
    await words(page).press('Control+Enter');
    await modelIsReady(page);
    await expectSound(page, 'turn');
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await expectSound(page, 'comparison');
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'More' }).click();
    await expectSound(page, 'menu');
    await page.keyboard.press('Escape');
    for (const [item, name] of [
      ['Sessions on this device', 'Sessions on this device'],
      ['What the model knows', 'What the model knows'],
      ['Keys and help', 'Keys and help'],
    ] as const) {
      await openDialog(page, item, name);
      await expectSound(page, name);
      await page.keyboard.press('Escape');
    }
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await expectSound(page, 'Export');
    await page.keyboard.press('Escape');

    await words(page).fill(Array.from({ length: 40 }, () => 'cat').join(' '));
    await words(page).press('Control+Enter');
    await expect(page.getByRole('alert')).toBeVisible();
    await expectSound(page, 'failed turn');
  });
}
