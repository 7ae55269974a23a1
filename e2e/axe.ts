/** Checks the page as it is now against the rules of accessibility. */
import { expect, type Page } from '@playwright/test';
import axe from 'axe-core';

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
export async function expectSound(page: Page, screen: string): Promise<void> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    found.push(...(await broken(page)).map((line) => `${screen}, ${colorScheme}: ${line}`));
  }
  expect.soft(found).toEqual([]);
}
