import { expect, test, type Page } from '@playwright/test';

import { expectSound } from './axe.ts';
import { modelIsReady, words } from './drive.ts';

async function openDialog(page: Page, item: string, name: string): Promise<void> {
  await page.getByRole('button', { name: 'More', exact: true }).click();
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
    await page.getByRole('button', { name: 'Show the region of the turn' }).click();
    await expect(page.getByText('Region of turn 1: remove the penguin')).toBeVisible();
    await expectSound(page, 'region of the turn');
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await expectSound(page, 'comparison');
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'More', exact: true }).click();
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
