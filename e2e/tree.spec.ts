/** A long history as rows: found, walked, folded, read out, and cheap to scroll. */
import { expect, test, type Page } from '@playwright/test';

import { expectSound } from './axe.ts';
import { rowNames, turnRow } from './drive.ts';
import { makeTurns, openSession, sessionFile } from './history.ts';

const LENGTH = 200;
const instructions = Array.from({ length: LENGTH }, (_, index) =>
  index === 120 ? 'add a lighthouse' : `add a cup ${index + 1}`,
);

/** Rows that a screen reader is given. */
async function rowsReadOut(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  return nodes.filter((node) => node.role?.value === 'treeitem' && !node.ignored).length;
}

/** How often the browser laid out the page while the tree was scrolled, and over how many frames. */
async function layoutsWhileScrolling(
  page: Page,
): Promise<{ readonly layouts: number; readonly frames: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const count = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'LayoutCount')?.value ?? NaN;
  };
  const before = await count();
  const frames = await page.locator('.turn-scroll').evaluate(async (list) => {
    let passed = 0;
    for (let top = 0; top < list.scrollHeight - list.clientHeight; top += 90) {
      list.scrollTop = top;
      await new Promise(requestAnimationFrame);
      passed += 1;
    }
    return passed;
  });
  return { layouts: (await count()) - before, frames };
}

test('two hundred turns are read out in full and scroll without a new layout', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('/');
  await openSession(page, await sessionFile(async (rig) => makeTurns(rig, instructions)));
  await expect(page.getByRole('treeitem')).toHaveCount(LENGTH + 1);
  await expect(turnRow(page, LENGTH, `add a cup ${LENGTH}`)).toBeInViewport();
  expect(await rowsReadOut(page)).toBe(LENGTH + 1);
  const { layouts, frames } = await layoutsWhileScrolling(page);
  expect(frames).toBeGreaterThan(100);
  expect(layouts).toBeLessThan(frames / 10);

  await turnRow(page, LENGTH, `add a cup ${LENGTH}`).focus();
  await page.keyboard.press('Home');
  await expect(turnRow(page)).toBeFocused();
  await expect(turnRow(page)).toBeInViewport();
  await page.keyboard.press('End');
  await expect(turnRow(page, LENGTH, `add a cup ${LENGTH}`)).toBeInViewport();

  await page.getByRole('button', { name: 'Search turns' }).click();
  await page.getByRole('searchbox', { name: 'Search turns' }).fill('lighthouse');
  expect(await rowNames(page)).toEqual(['Turn 121: add a lighthouse']);
  await turnRow(page, 121, 'add a lighthouse').click();
  await page.getByRole('button', { name: 'Close the search' }).click();
  await expect(turnRow(page, 121, 'add a lighthouse')).toHaveAttribute('aria-current', 'true');
  await expect(turnRow(page, 121, 'add a lighthouse')).toBeInViewport();
});

test('names, stars, folds and the archive outlive a reload', async ({ page }) => {
  await page.goto('/');
  await openSession(
    page,
    await sessionFile(async (rig) => {
      for (const instruction of ['add a cup', 'add a dog', 'add a boat']) {
        rig.actions.goTo(null);
        await makeTurns(rig, [instruction]);
      }
    }),
  );
  const others = page.getByRole('treeitem', { name: /other branches/ });
  await expect(others).toHaveText(/2.other branches/);
  await others.click();
  expect(await rowNames(page)).toHaveLength(5);
  await expectSound(page, 'unfolded branches');

  await turnRow(page, 1, 'add a boat').focus();
  await page.keyboard.press('F2');
  await page.getByRole('textbox', { name: 'Name of turn 1' }).fill('Sail');
  await page.keyboard.press('Enter');
  await expect(turnRow(page, 1, 'Sail')).toBeFocused();
  await page.keyboard.press('Shift+F10');
  await expectSound(page, 'menu of a turn');
  await page.getByRole('menuitem', { name: 'Star' }).click();
  await turnRow(page, 1, 'add a dog').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await expect(page.getByRole('treeitem', { name: '1 put away' })).toBeVisible();
  await expect(page.getByText('Stored on this device')).toBeVisible();

  await page.reload();
  await expect
    .poll(async () => rowNames(page))
    .toEqual(['Original', 'Turn 1: add a cup', '1 put away', 'Turn 1: Sail, starred']);
});
