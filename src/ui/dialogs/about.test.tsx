import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';

import { createRig } from '../../session/testing/editor.ts';
import { must } from '../../session/testing/must.ts';
import { everyCapability } from '../../session/testing/paint.ts';
import { en } from '../messages/en.ts';
import { openPage } from '../testing/openPage.tsx';

it('names every size of frame and, in words, everything that the model can do', async () => {
  const rig = createRig();
  rig.engine.capabilities = everyCapability;
  const { manifest } = await rig.engine.load(() => undefined);
  const frames = [
    { width: 16, height: 8 },
    { width: 8, height: 16 },
  ];
  const { user } = await openPage(rig, { offer: { ...manifest, frames } });
  await user.click(screen.getByRole('button', { name: 'More' }));
  await user.click(screen.getByRole('button', { name: 'What the model knows' }));
  const rows = within(screen.getByRole('dialog')).getAllByRole('term');
  const said = (name: string): string | null | undefined =>
    must(rows.find((term) => term.textContent === name)).nextElementSibling?.textContent;
  expect(said('Other frames')).toBe('16\u00a0×\u00a08, 8\u00a0×\u00a016');
  const words: Readonly<Record<string, string>> = en.about.capabilities;
  expect(everyCapability.filter((name) => words[name] === undefined)).toEqual([]);
  expect(said('Can do')).toBe(everyCapability.map((name) => words[name]).join(', '));
});
