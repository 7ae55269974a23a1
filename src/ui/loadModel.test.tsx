import { act, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { createRig, gate } from '../session/testing/editor.ts';
import { openPage } from './testing/openPage.tsx';

describe('a loaded model', () => {
  it.each([
    ['kept', /is kept in this browser/],
    ['refused', /in memory only: this browser gives no storage/],
    ['full', /in memory only: there is too little room/],
  ] as const)('says where its files are when storage is %s', async (storage, words) => {
    const rig = createRig();
    rig.engine.storage = storage;
    const { user } = await openPage(rig);
    await user.click(screen.getByRole('button', { name: /^Load the model/ }));
    expect(await screen.findByText(words)).toBeTruthy();
  });

  it('waits in words while another tab loads it, and goes on by itself', async () => {
    const { rig, user } = await openPage();
    const other = gate();
    rig.engine.otherTab = other.passed;
    await user.click(screen.getByRole('button', { name: /^Load the model/ }));
    expect(await screen.findByText(/Another tab is loading it/)).toBeTruthy();
    await act(async () => other.open());
    expect(await screen.findByText(/is kept in this browser/)).toBeTruthy();
  });
});
