/** The tests' own `test`: a WebGPU session whose first turn is made once for all files that look at it. */
import { test as base, type Page } from '@playwright/test';

import { keepSeed, loadModel, makeTurn, shownPng, startScene } from './drive.ts';

export const FIRST = { scene: 'Morning at the bay', instruction: 'remove the cat', seed: 7 } as const;

interface Session {
  readonly page: Page;
  /** What the page said of the model when it was loaded. */
  readonly modelState: string;
  readonly start: Buffer;
  readonly firstFrame: Buffer;
}

/** Loads the model, opens the scene and makes the first turn, on whatever backend the address asks for. */
export async function makeFirstTurn(page: Page, address: string): Promise<Session> {
  await page.goto(address);
  const modelState = await loadModel(page);
  await startScene(page, FIRST.scene);
  const start = await shownPng(page);
  await keepSeed(page, FIRST.seed);
  await makeTurn(page, 1, FIRST.instruction);
  return { page, modelState, start, firstFrame: await shownPng(page) };
}

export const test = base.extend<object, { readonly session: Session }>({
  session: [
    async ({ browser }, use, { project }) => {
      const context = await browser.newContext({
        baseURL: project.use.baseURL ?? '',
        viewport: { width: 1440, height: 900 },
      });
      await use(await makeFirstTurn(await context.newPage(), '/'));
      await context.close();
    },
    { scope: 'worker', timeout: 600_000 },
  ],
});
