/** Draws `public/icons/` from `public/icon.svg`, for systems that take no vectors. Run it when the mark changes. */

import { readFile } from 'node:fs/promises';

import { chromium } from '@playwright/test';

import { requireChromium } from './chromium.ts';

/** A maskable icon may be cut to a circle of four fifths, so its mark is smaller and its ground fills the square. */
const ICONS = [
  { file: 'icon-192.png', size: 192, share: 1, ground: 'transparent' },
  { file: 'icon-512.png', size: 512, share: 1, ground: 'transparent' },
  { file: 'maskable-512.png', size: 512, share: 0.8, ground: '#f9faf9' },
];

const mark = await readFile('public/icon.svg', 'base64');
const browser = await chromium.launch({ executablePath: requireChromium(), args: ['--no-sandbox'] });
for (const { file, size, share, ground } of ICONS) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(
    `<body style="margin:0;height:100vh;display:grid;place-items:center;background:${ground}">` +
      `<img width="${size * share}" src="data:image/svg+xml;base64,${mark}">`,
  );
  await page.locator('img').evaluate(async (img: HTMLImageElement) => img.decode());
  await page.screenshot({ path: `public/icons/${file}`, omitBackground: true });
  await page.close();
}
await browser.close();
