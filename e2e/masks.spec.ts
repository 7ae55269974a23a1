/** Regions drawn by every tool and every kind of pointer, read back from the session file. No model is needed. */
import { expect, test, type CDPSession, type Locator, type Page } from '@playwright/test';
import { PNG } from 'pngjs';

import { drawnMask, onScreen } from './drive.ts';
import { writePng } from './pixels.ts';

type Place = readonly [x: number, y: number];

const picture = (page: Page): Locator => page.getByRole('application', { name: 'Picture' });
const option = (page: Page, name: string): Locator => page.getByRole('slider', { name, exact: true });

async function open(page: Page): Promise<void> {
  await page.goto('/?backend=wasm');
  await page.getByRole('button', { name: 'Morning at the bay' }).click();
  await expect(picture(page)).toBeVisible();
}

async function choose(page: Page, tool: string): Promise<void> {
  await page.getByRole('button', { name: tool, exact: true }).click();
}

async function dragMouse(
  page: Page,
  places: readonly Place[],
  button: 'left' | 'right' = 'left',
): Promise<void> {
  const [first, ...rest] = await Promise.all(places.map(async ([x, y]) => onScreen(page, x, y)));
  if (first === undefined) return;
  await page.mouse.move(first.x, first.y);
  await page.mouse.down({ button });
  for (const { x, y } of rest) await page.mouse.move(x, y, { steps: 8 });
  await page.mouse.up({ button });
}

async function click(page: Page, [x, y]: Place): Promise<void> {
  const at = await onScreen(page, x, y);
  await page.mouse.click(at.x, at.y);
}

/** Weights of the region at frame places, 0 to 255; zeros when there is none. */
async function weights(page: Page, ...places: readonly Place[]): Promise<readonly number[]> {
  const mask = await drawnMask(page);
  return places.map(([x, y]) => mask?.[y * 256 + x] ?? 0);
}

test.describe('the mouse', () => {
  test('paints, goes on straight with Shift, and erases with the right button', async ({ page }) => {
    await open(page);
    await choose(page, 'Brush');
    await option(page, 'Size').fill('20');
    await dragMouse(page, [
      [40, 40],
      [80, 40],
    ]);
    await page.keyboard.down('Shift');
    await click(page, [80, 160]);
    await page.keyboard.up('Shift');
    await dragMouse(
      page,
      [
        [60, 30],
        [60, 50],
      ],
      'right',
    );
    const places: readonly Place[] = [
      [45, 40],
      [80, 100],
      [60, 40],
      [120, 100],
    ];
    expect(await weights(page, ...places)).toEqual([255, 255, 0, 0]);
    await page.keyboard.press('Control+z');
    expect(await weights(page, ...places)).toEqual([255, 255, 255, 0]);
  });

  test('gives up the stroke with Esc and leaves the region as it was', async ({ page }) => {
    await open(page);
    await choose(page, 'Brush');
    await dragMouse(page, [
      [40, 40],
      [60, 40],
    ]);
    const before = await drawnMask(page);
    const from = await onScreen(page, 150, 150);
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x + 60, from.y, { steps: 4 });
    await page.keyboard.press('Escape');
    await page.mouse.move(from.x + 90, from.y, { steps: 4 });
    await page.mouse.up();
    expect(await drawnMask(page)).toEqual(before);
  });

  test('paints with a soft edge that is half on the ring', async ({ page }) => {
    await open(page);
    await choose(page, 'Brush');
    await option(page, 'Size').fill('40');
    await option(page, 'Soft').fill('50');
    await dragMouse(page, [
      [60, 128],
      [200, 128],
    ]);
    const [middle = 0, inner = 0, ring = 0, outer = 0, out = 0] = await weights(
      page,
      [128, 128],
      [128, 115],
      [128, 108],
      [128, 101],
      [128, 96],
    );
    expect([middle, out]).toEqual([255, 0]);
    expect(inner).toBeGreaterThan(ring);
    expect(Math.abs(ring - 128)).toBeLessThan(24);
    expect(outer).toBeGreaterThan(0);
    expect(outer).toBeLessThan(ring);
  });

  test('draws a lasso by dragging, and one by corners that closes on the first', async ({ page }) => {
    await open(page);
    await choose(page, 'Lasso');
    await dragMouse(page, [
      [20, 20],
      [100, 20],
      [100, 100],
      [20, 100],
    ]);
    for (const corner of [
      [140, 140],
      [220, 140],
      [220, 220],
      [140, 140],
    ] as const) {
      await click(page, corner);
    }
    expect(await weights(page, [60, 60], [200, 160], [160, 200], [120, 120])).toEqual([255, 255, 0, 0]);
  });

  test('takes away with Alt, inverts, grows, feathers and clears', async ({ page }) => {
    await open(page);
    await choose(page, 'Rectangle');
    await dragMouse(page, [
      [64, 64],
      [192, 192],
    ]);
    await page.keyboard.down('Alt');
    await dragMouse(page, [
      [100, 100],
      [150, 150],
    ]);
    await page.keyboard.up('Alt');
    expect(await weights(page, [80, 80], [125, 125], [30, 30])).toEqual([255, 0, 0]);
    await page.keyboard.press('Control+Shift+i');
    expect(await weights(page, [80, 80], [125, 125], [30, 30])).toEqual([0, 255, 255]);
    await page.keyboard.press('Control+Shift+i');

    await page.getByRole('button', { name: 'Refine' }).click();
    await option(page, 'By').fill('10');
    await page.getByRole('button', { name: 'Grow' }).click();
    expect(await weights(page, [58, 128], [50, 128])).toEqual([255, 0]);
    await page.getByRole('button', { name: 'Shrink' }).click();
    expect(await weights(page, [58, 128], [70, 80])).toEqual([0, 255]);
    await page.getByRole('button', { name: 'Feather' }).click();
    const [inside = 0, edge = 0, outside = 0] = await weights(page, [84, 84], [64, 80], [40, 80]);
    expect([inside > 200, edge > 90 && edge < 165, outside]).toEqual([true, true, 0]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+a');
    expect(await weights(page, [0, 0], [128, 128], [255, 255])).toEqual([255, 255, 255]);
    await page.keyboard.press('Delete');
    await expect(page.getByText('Whole picture', { exact: true })).toBeVisible();
    expect(await drawnMask(page)).toBeNull();
  });

  test('zooms about the pointer with the wheel and pans with Space', async ({ page }) => {
    await open(page);
    const before = await onScreen(page, 64, 64);
    await page.mouse.move(before.x, before.y);
    await page.mouse.wheel(0, -240);
    await expect(page.getByRole('button', { name: 'Fit', exact: true })).toBeEnabled();
    await choose(page, 'Brush');
    await option(page, 'Size').fill('8');
    await page.mouse.click(before.x, before.y);
    expect(await weights(page, [64, 64])).toEqual([255]);
    await page.keyboard.down('Space');
    await page.mouse.down();
    await page.mouse.move(before.x + 100, before.y, { steps: 3 });
    await page.mouse.up();
    await page.keyboard.up('Space');
    await page.mouse.click(before.x, before.y);
    const [old = 0, moved = 0] = await weights(page, [64, 64], [50, 64]);
    expect(old).toBe(255);
    expect(moved).toBe(0);
    await page.mouse.click(before.x + 100, before.y);
    expect((await drawnMask(page))?.filter((value) => value > 0).length).toBeLessThan(160);
    await page.keyboard.press('Control+1');
    await expect(page.getByRole('button', { name: '100 %, show at 100 %' })).toBeVisible();
  });
});

test('the keyboard draws with the brush and the lasso, changes their size and is told where the region lies', async ({
  page,
}) => {
  await open(page);
  await picture(page).focus();
  await page.keyboard.press('b');
  await page.keyboard.press(']');
  await page.keyboard.press('Shift+]');
  await expect(option(page, 'Size')).toHaveValue('27');
  await expect(option(page, 'Soft')).toHaveValue('10');
  await page.keyboard.press('d');
  await expect(option(page, 'Size')).toHaveValue('24');
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Enter');
  for (let times = 0; times < 5; times++) await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+Enter');
  expect(await weights(page, [118, 128], [118, 150], [118, 178], [150, 128])).toEqual([255, 255, 255, 0]);
  await expect(picture(page)).toHaveAccessibleDescription(
    /the region covers .*%, lower middle|in the centre/,
  );

  await page.keyboard.press('l');
  for (const keys of [[], ['Shift+ArrowRight', 'Shift+ArrowRight'], ['Shift+ArrowUp', 'Shift+ArrowUp'], []]) {
    for (const key of keys) await page.keyboard.press(key);
    await page.keyboard.press('Enter');
  }
  expect(await weights(page, [134, 174])).toEqual([255]);
});

test.describe('touch and pen', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  const finger = async (
    touch: CDPSession,
    type: string,
    ...points: readonly { x: number; y: number; id: number }[]
  ) =>
    touch.send('Input.dispatchTouchEvent', {
      type: type as 'touchStart',
      touchPoints: points.map(({ x, y, id }) => ({ x, y, id })),
    });

  test('one finger draws; a second one turns the stroke into a zoom that draws nothing', async ({
    page,
    context,
  }) => {
    await open(page);
    await choose(page, 'Brush');
    const touch = await context.newCDPSession(page);
    const [a, b, c] = [
      await onScreen(page, 40, 60),
      await onScreen(page, 200, 60),
      await onScreen(page, 230, 60),
    ];
    await finger(touch, 'touchStart', { ...a, id: 0 });
    await finger(touch, 'touchMove', { ...b, id: 0 });
    await finger(touch, 'touchEnd');
    expect(await weights(page, [120, 60])).toEqual([255]);
    const before = await drawnMask(page);

    await finger(touch, 'touchStart', { ...a, id: 0 });
    await finger(touch, 'touchStart', { ...a, id: 0 }, { ...b, id: 1 });
    await finger(touch, 'touchMove', { x: a.x - 20, y: a.y, id: 0 }, { ...c, id: 1 });
    await finger(touch, 'touchEnd');
    expect(await drawnMask(page)).toEqual(before);
    await expect(page.locator('.picture-layer')).toHaveAttribute('style', /scale\(1\.\d+\)/);
  });

  test('a pen draws as thick as it is pressed, and a palm beside it moves nothing in', async ({
    page,
    context,
  }) => {
    await open(page);
    await choose(page, 'Brush');
    await option(page, 'Size').fill('40');
    const pen = await context.newCDPSession(page);
    const stroke = async (y: number, force: number) => {
      const [from, to] = [await onScreen(page, 60, y), await onScreen(page, 200, y)];
      const base = { button: 'left', pointerType: 'pen', force, clickCount: 1 } as const;
      await pen.send('Input.dispatchMouseEvent', { type: 'mousePressed', ...from, ...base });
      await pen.send('Input.dispatchMouseEvent', { type: 'mouseMoved', ...to, ...base, buttons: 1 });
      await pen.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...to, ...base });
    };
    await stroke(60, 1);
    await stroke(180, 0.2);
    // Thin: a quarter of the radius and a fifth of the rest.
    expect(await weights(page, [128, 75], [128, 180], [128, 195])).toEqual([255, 255, 0]);
    const before = await drawnMask(page);
    const [a, b] = [await onScreen(page, 30, 120), await onScreen(page, 220, 120)];
    await finger(pen, 'touchStart', { ...a, id: 0 });
    await finger(pen, 'touchMove', { ...b, id: 0 });
    await finger(pen, 'touchEnd');
    expect(await drawnMask(page)).toEqual(before);
  });
});

test('tools come back as they were left, and so do changed keys', async ({ page }) => {
  await open(page);
  await choose(page, 'Eraser');
  await option(page, 'Size').fill('33');
  await option(page, 'Soft').fill('40');
  await page.getByRole('button', { name: 'Overlay' }).click();
  await page.getByRole('radio', { name: 'Green' }).check();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('button', { name: 'Lasso: L' }).click();
  await page.keyboard.press('b');
  await expect(page.getByRole('alert')).toContainText('B is “Brush”');
  await page.getByRole('button', { name: 'Take it' }).click();
  await expect(page.getByRole('button', { name: 'Brush: no key' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByText('Stored on this device')).toBeVisible();

  await page.reload();
  await expect(page.getByRole('button', { name: 'Eraser', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await expect(option(page, 'Size')).toHaveValue('33');
  await expect(option(page, 'Soft')).toHaveValue('40');
  await page.keyboard.press('b');
  await expect(page.getByRole('button', { name: 'Lasso', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await page.getByRole('button', { name: 'Overlay' }).click();
  await expect(page.getByRole('radio', { name: 'Green' })).toBeChecked();
});

test('every command is found by its name', async ({ page }) => {
  await open(page);
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Command' });
  await expect(field).toBeFocused();
  await field.fill('invert');
  await page.keyboard.press('Enter');
  await expect(page.getByText('In the region', { exact: true })).toBeVisible();
  await expect(picture(page)).toHaveAccessibleDescription(/covers 100/);
});

/** Relative luminance of the Web Content Accessibility Guidelines. */
function luminance(rgb: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: readonly number[], b: readonly number[]): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((one, other) => other - one);
  return (light + 0.05) / (dark + 0.05);
}

const BACKGROUNDS: Readonly<Record<string, (x: number, y: number) => number[]>> = {
  black: () => [0, 0, 0],
  white: () => [255, 255, 255],
  grey: () => [128, 128, 128],
  'the colour of the region': () => [255, 90, 43],
  blue: () => [47, 109, 255],
  checks: (x, y) => Array<number>(3).fill((Math.floor(x / 8) + Math.floor(y / 8)) % 2 === 0 ? 255 : 0),
};

for (const [name, colourAt] of Object.entries(BACKGROUNDS)) {
  test(`the border of a region stands out on ${name}, in every pattern`, async ({ page }) => {
    await page.goto('/?backend=wasm');
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('main').getByRole('button', { name: 'Open a picture' }).click(),
    ]);
    const buffer = writePng(256, 256, colourAt);
    await chooser.setFiles({ name: `${name}.png`, mimeType: 'image/png', buffer });
    await picture(page).focus();
    await page.keyboard.press('m');
    await page.keyboard.press('Enter');
    await choose(page, 'Hand');
    for (const pattern of ['Stripes', 'Fill', 'Line only']) {
      await choose(page, 'Brush');
      await page.getByRole('button', { name: 'Overlay' }).click();
      await page.getByRole('radio', { name: pattern }).check();
      await page.keyboard.press('Escape');
      const box = await picture(page).boundingBox();
      if (box === null) throw new Error('The picture is not on the screen.');
      const png = PNG.sync.read(await page.screenshot({ clip: box }));
      const at = (x: number, y: number): number[] => [
        ...png.data.subarray((y * png.width + x) * 4, (y * png.width + x) * 4 + 3),
      ];
      const scale = png.width / 256;
      // Across the left border, at each of some rows: one of the two tones against what lies beside it.
      for (const row of [90, 122, 154]) {
        const [border, y] = [Math.round(64 * scale), Math.round(row * scale)];
        const beside = at(border - 8, y);
        const across = Array.from({ length: 9 }, (_, i) => contrast(at(border - 4 + i, y), beside));
        expect.soft(Math.max(...across), `${pattern}, row ${row}`).toBeGreaterThan(3);
      }
    }
  });
}
