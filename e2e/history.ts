/** Session files with as long a history as a test needs, painted in no time, to be opened by the page. */
import type { Page } from '@playwright/test';

// oxlint-disable-next-line no-restricted-imports -- paints the file only; the built page opens it as any other
import { leftMask, makeTurn, readyRig, type Rig } from '../src/session/testing/editor.ts';

/** The bytes of a session that `build` made, from a start picture called "bay". */
export async function sessionFile(build: (rig: Rig) => Promise<void>): Promise<Buffer> {
  const rig = await readyRig();
  await build(rig);
  await rig.actions.settled();
  const file = rig.actions.exportFile();
  if (file === null) throw new Error('There is no session to save.');
  return Buffer.from(file.bytes);
}

/** Turns one after another, each of the words that it is given; every fourth in a region. */
export async function makeTurns(rig: Rig, instructions: readonly string[]): Promise<void> {
  for (const [index, instruction] of instructions.entries()) {
    if (index % 4 === 3) rig.actions.setMask(leftMask(3));
    await makeTurn(rig, instruction);
  }
}

/** Opens a session file as a person does. */
export async function openSession(page: Page, buffer: Buffer): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Open a picture', exact: true }).click(),
  ]);
  await chooser.setFiles({ name: 'work.palimpsest', mimeType: 'application/zip', buffer });
  await page.getByRole('tree', { name: 'Turns' }).waitFor();
}
