import { act, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { makeTurn, readyRig } from '../../session/testing/editor.ts';
import { openPage } from '../testing/openPage.tsx';

describe('a dialog', () => {
  it('begins at its first field, of a group of choices at the chosen one', async () => {
    const rig = await readyRig();
    await makeTurn(rig, 'add a cup');
    const { user, page } = await openPage(rig);
    await user.keyboard('{Control>}{Shift>}E{/Shift}{/Control}');
    expect(document.activeElement).toBe(screen.getByRole('radio', { name: /^Frames/ }));
    await act(async () => page.view.setState({ dialog: 'palette' }));
    expect(document.activeElement).toBe(screen.getByRole('combobox', { name: 'Command' }));
    await act(async () => page.view.setState({ dialog: 'help', wheel: 'mouse' }));
    expect(document.activeElement).toBe(screen.getByRole('radio', { name: 'Mouse' }));
  });
});

describe('the export of a picture', () => {
  it('carries words and settings, or none when the person wants it so', async () => {
    const rig = await readyRig();
    await makeTurn(rig, 'add a cup');
    const { user, saved } = await openPage(rig);
    await user.keyboard('{Control>}{Shift>}E{/Shift}{/Control}');
    await user.click(screen.getByRole('radio', { name: /^Picture/ }));
    await user.click(screen.getByRole('button', { name: 'Export PNG' }));
    await user.selectOptions(screen.getByRole('combobox', { name: 'In the file' }), 'the picture alone');
    await user.click(screen.getByRole('button', { name: 'Export PNG' }));
    const texts = saved.map(({ bytes }) => new TextDecoder().decode(bytes));
    expect(texts.map((text) => text.includes('add a cup'))).toEqual([true, false]);
    expect(texts.map((text) => text.includes('DigitalSourceType'))).toEqual([true, true]);
  });
});
