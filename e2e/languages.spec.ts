import { expect, test, type CDPSession, type Page } from '@playwright/test';

import { expectSound } from './axe.ts';
import { modelIsReady, turnRow, words } from './drive.ts';

const HAN = /\p{Script=Han}/u;

async function chooseLanguage(page: Page, more: string, language: string): Promise<void> {
  await page.getByRole('button', { name: more, exact: true }).click();
  await page.getByRole('radio', { name: language, exact: true }).check();
  await page.keyboard.press('Escape');
}

test.describe('for someone who reads Chinese', () => {
  test.use({ locale: 'zh-CN' });

  test('speaks Chinese from the first sentence, and another language when it is chosen', async ({ page }) => {
    await page.goto('/?backend=wasm');
    await expect(page.locator('html')).toHaveAttribute('lang', 'zh-Hans');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(HAN);
    await chooseLanguage(page, '更多', 'English');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(/one\ssentence at a time/);
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('lang', 'en-GB');
  });

  for (const [device, viewport] of [
    ['a desk', { width: 1440, height: 900 }],
    ['a tablet', { width: 1024, height: 768 }],
    ['a phone', { width: 390, height: 844 }],
  ] as const) {
    test(`fits on ${device} and breaks no rule of accessibility in Chinese`, async ({ page }) => {
      const fits = async () =>
        page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
      await page.setViewportSize(viewport);
      await page.goto('/?backend=wasm');
      await expect(page.getByRole('button', { name: /^加载模型/ })).toBeVisible();
      await expectSound(page, 'first page');
      expect(await fits()).toBe(true);
      await page.getByRole('button', { name: 'First snow' }).click();
      await expect(page.locator('.picture-window')).toBeVisible();
      await expectSound(page, 'start picture');
      expect(await fits()).toBe(true);
      for (const item of ['本设备上的会话', '模型认识什么', '按键与帮助']) {
        await page.getByRole('button', { name: '更多', exact: true }).click();
        await page.locator('.menu').getByRole('button', { name: item, exact: true }).click();
        await expectSound(page, item);
        expect(await fits()).toBe(true);
        await page.keyboard.press('Escape');
      }
      await page.getByRole('button', { name: '导出', exact: true }).click();
      await expectSound(page, '导出');
      await page.keyboard.press('Escape');
    });
  }
});

/** Types with an input method: the letters stand in the field, underlined, until they are taken over. */
async function compose(input: CDPSession, text: string): Promise<void> {
  await input.send('Input.imeSetComposition', {
    text,
    selectionStart: text.length,
    selectionEnd: text.length,
  });
}

/** A key as a browser tells it while an input method holds it; `modifiers` 2 is Ctrl. */
async function pressComposing(input: CDPSession, key: string, modifiers = 0): Promise<void> {
  for (const type of ['rawKeyDown', 'keyUp'] as const)
    await input.send('Input.dispatchKeyEvent', {
      type,
      key,
      code: key,
      windowsVirtualKeyCode: 229,
      modifiers,
    });
}

test('leaves Enter to the input method until the word is taken over', async ({ page, context }) => {
  const input = await context.newCDPSession(page);
  await page.goto('/?backend=wasm');
  await page.getByRole('button', { name: /^Load the model/ }).click();
  await modelIsReady(page);
  await page.getByRole('button', { name: 'First snow' }).click();

  await page.getByRole('button', { name: 'Rename the session' }).click();
  const name = page.getByRole('textbox', { name: 'Name of the session' });
  await name.fill('');
  await compose(input, 'chuxue');
  await pressComposing(input, 'Enter');
  await expect(name).toBeFocused();
  await input.send('Input.insertText', { text: '初雪' });
  await name.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: '初雪' })).toBeVisible();

  await words(page).fill('remove the ');
  await compose(input, 'penguin');
  await expect(words(page)).toHaveValue('remove the penguin');
  await pressComposing(input, 'Enter');
  await pressComposing(input, 'Enter', 2);
  await expect(turnRow(page, 1, 'remove the penguin')).toBeHidden();
  await expect(words(page)).toHaveValue('remove the penguin');
  await input.send('Input.insertText', { text: 'penguin' });
  await words(page).press('Control+Enter');
  await expect(turnRow(page, 1, 'remove the penguin')).toBeVisible();
});
