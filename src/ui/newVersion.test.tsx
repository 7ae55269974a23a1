import { act, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { gate, readyRig } from '../session/testing/editor.ts';
import { whileDiskIsFull } from '../session/testing/storage.ts';
import { openPage } from './testing/openPage.tsx';

const LOAD = { name: 'Load the new version' };

async function withNewVersion() {
  const opened = await openPage(await readyRig());
  let loaded = 0;
  act(() => opened.page.view.setState({ loadNewVersion: () => (loaded += 1) }));
  return { ...opened, times: () => loaded };
}

describe('a newer build', () => {
  it('is offered once nothing is made, and loads when asked', async () => {
    const { user, rig, times } = await withNewVersion();
    const { passed, open } = gate();
    rig.engine.beforeStep = () => passed;
    await act(async () => {
      rig.actions.setInstruction('add a cup');
      rig.actions.makeEdit();
    });
    expect(screen.queryByRole('button', LOAD)).toBeNull();
    open();
    await act(() => rig.actions.settled());
    await user.click(screen.getByRole('button', LOAD));
    await act(() => rig.actions.settled());
    expect(times()).toBe(1);
  });

  it('does not load over work that could not be stored', async () => {
    const { user, rig, times } = await withNewVersion();
    await act(() => rig.actions.settled());
    await whileDiskIsFull(0, async () => {
      await act(async () => rig.actions.setInstruction('add a cup'));
      await user.click(screen.getByRole('button', LOAD));
      await act(() => rig.actions.settled());
      expect(times()).toBe(0);
    });
  });

  it('may wait for the next visit', async () => {
    const { user, times } = await withNewVersion();
    await user.click(screen.getByRole('button', { name: 'Close' }));
    expect([screen.queryByRole('button', LOAD), times()]).toEqual([null, 0]);
  });
});
