import { act, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import type { DeviceReport } from '../runtime/contract.ts';
import { createRig, flatPicture, gate } from '../session/testing/editor.ts';
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

  it('pauses where it is, says what is kept, and goes on when asked', async () => {
    const { rig, user } = await openPage();
    const half = gate();
    rig.engine.beforeRest = () => half.passed;
    await user.click(screen.getByRole('button', { name: /^Load the model/ }));
    await user.click(await screen.findByRole('button', { name: 'Pause' }));
    await act(async () => half.open());
    expect((await screen.findByText(/^Paused at/)).textContent).toMatch(/^Paused at 500.kB of 1\.0.MB\./);
    await user.click(screen.getByRole('button', { name: /^Go on loading/ }));
    expect(await screen.findByText(/is kept in this browser/)).toBeTruthy();
  });
});

const onCard: DeviceReport = {
  backend: 'webgpu',
  detail: 'Test adapter',
  reason: null,
  downloadBytes: 62e6,
  graphicsBytes: 180e6,
};

describe('the trial of a device', () => {
  it.each([
    [onCard, /62\.0.MB; edits then run on the graphics card \(Test adapter\), which gave 180.MB/],
    [
      { ...onCard, backend: 'wasm', reason: 'little-memory' },
      /run on the processor and take longer, because the graphics card gave too little memory\./,
    ],
    [
      { ...onCard, backend: null, reason: 'no-device' },
      /cannot run here, because it needs a graphics card and the browser gives no graphics card\./,
    ],
  ] as const)('says in one sentence what loading will do: %o', async (report, sentence) => {
    await openPage(createRig(), { tryDevice: async () => report });
    expect((await screen.findByText(sentence)).textContent).toMatch(/^[^.]+(\.\d[^.]*)*\.$/);
  });

  it('says nothing when it could not be made, and nothing once the model is loaded', async () => {
    const { user } = await openPage(createRig(), { tryDevice: async () => Promise.reject(new Error('no')) });
    await user.click(screen.getByRole('button', { name: /^Load the model/ }));
    await screen.findByText(/is kept in this browser/);
    expect(screen.queryByText(/Trying what|Loading fetches/)).toBeNull();
  });
});

describe('what is kept in the browser', () => {
  const openStored = async (change: Parameters<typeof openPage>[1], rig = createRig()) => {
    const opened = await openPage(rig, change);
    await act(async () => opened.page.view.setState({ dialog: 'about' }));
    const section = within(screen.getByRole('region', { name: 'Kept in this browser' }));
    /** Can be pressed once something was counted. */
    const pressable = async (name: string): Promise<HTMLElement> => {
      const button = await section.findByRole('button', { name });
      await waitFor(() => expect(button).toHaveProperty('disabled', false));
      return button;
    };
    return { ...opened, section, pressable };
  };

  it('totals the model and the sessions', async () => {
    const { section } = await openStored({ measureStored: async () => ({ models: 62e6, sessions: 1.5e6 }) });
    expect(await section.findByText(/^63\.5.MB$/)).toBeTruthy();
    expect(section.getByText(/^62\.0.MB$/)).toBeTruthy();
  });

  it('asks before it deletes the model, and measures again', async () => {
    let models = 62e6;
    const { section, pressable, user } = await openStored({
      measureStored: async () => ({ models, sessions: 0 }),
      deleteModels: async () => {
        models = 0;
        return true;
      },
    });
    const remove = await pressable('Delete the kept model');
    await user.click(remove);
    expect(document.activeElement?.textContent).toBe('Keep it');
    await user.keyboard('{Enter}');
    expect(models).toBe(62e6);
    await user.click(remove);
    await user.click(section.getByRole('button', { name: 'Delete' }));
    expect(await section.findByText(/The model is deleted/)).toBe(document.activeElement);
    expect(models).toBe(0);
    expect(remove).toHaveProperty('disabled', true);
  });

  it('says so when a tab is loading the model', async () => {
    const { section, pressable, user } = await openStored({ deleteModels: async () => false });
    await user.click(await pressable('Delete the kept model'));
    await user.click(section.getByRole('button', { name: 'Delete' }));
    expect(await section.findByText(/Pause there, then try again/)).toBeTruthy();
  });

  it('really empties the sessions', async () => {
    const rig = createRig();
    await rig.actions.openPicture(flatPicture(3), 'A picture');
    await rig.actions.settled();
    expect(await rig.repository.measure()).toBeGreaterThan(0);
    const { section, pressable, user } = await openStored({}, rig);
    await user.click(await pressable('Delete all sessions'));
    await user.click(section.getByRole('button', { name: 'Delete' }));
    await section.findByText('All sessions are deleted.');
    expect(await rig.repository.measure()).toBe(0);
    expect(await rig.repository.list()).toEqual([]);
  });
});
