import { act, fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { ableRig, makeTurn, readyRig } from '../session/testing/editor.ts';
import { must } from '../session/testing/must.ts';
import { whileDiskIsFull } from '../session/testing/storage.ts';
import { openPage } from './testing/openPage.tsx';

describe('a report', () => {
  it('goes to the clipboard with the model and the recipe of the turn in sight, and without pictures', async () => {
    const rig = await readyRig();
    await makeTurn(rig, 'add a cup');
    const { user } = await openPage(rig);
    await user.keyboard('?');
    await user.click(screen.getByRole('button', { name: 'Copy report' }));
    expect(screen.getByText('Copied')).toBeTruthy();
    const text = await navigator.clipboard.readText();
    const turn = must(rig.document().turns[0]);
    expect(JSON.parse(text)).toMatchObject({
      failure: null,
      model: { status: 'ready' },
      session: { turns: 1, start: 'opened' },
      turn: { instruction: 'add a cup', seed: turn.seed, regions: [], status: 'done', model: turn.model },
    });
    expect(text.length).toBeLessThan(4000);
  });

  it('is shown to be copied by hand where the browser keeps the clipboard from the page', async () => {
    const { user } = await openPage(await readyRig());
    await user.keyboard('?');
    const { clipboard } = navigator;
    const refuse = (): Promise<void> => Promise.reject(new DOMException('No.', 'NotAllowedError'));
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText: refuse } });
    await user.click(screen.getByRole('button', { name: 'Copy report' }));
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: clipboard });
    const shown: HTMLTextAreaElement = await screen.findByRole('textbox', { name: 'Report, to be copied' });
    expect(JSON.parse(shown.value)).toMatchObject({ page: 'Palimpsest', turn: null });
  });
});

describe('leaving the page', () => {
  it('is asked about while a change is in memory only, until a session file holds it', async () => {
    const rig = await readyRig();
    const { user } = await openPage(rig);
    const asks = (): boolean => !fireEvent(window, new Event('beforeunload', { cancelable: true }));
    expect(asks()).toBe(false);
    await whileDiskIsFull(0, async () => {
      await act(async () => {
        rig.actions.setInstruction('add a cup');
        await rig.actions.settled();
      });
    });
    expect(rig.state.getState().saved.status).toBe('failed');
    expect(asks()).toBe(true);
    await user.keyboard('{Control>}s{/Control}');
    expect(asks()).toBe(false);
  });
});

describe('a picture that comes to the words', () => {
  it('is left to the page where words can speak of none', async () => {
    await openPage(await readyRig());
    const words = screen.getByRole('textbox', { name: 'What should change' });
    const files = [new File(['x'], 'cat.png', { type: 'image/png' })];
    expect(fireEvent.paste(words, { clipboardData: { files, types: ['Files'] } })).toBe(false);
    expect(await screen.findByRole('alert')).toBeTruthy();
  });

  it('is taken as one to speak of, and a text is pasted as ever', async () => {
    await openPage(await ableRig());
    const words = screen.getByRole('textbox', { name: 'What should change' });
    expect(fireEvent.paste(words, { clipboardData: { files: [], types: ['text/plain'] } })).toBe(true);
    const files = [new File(['x'], 'cat.png', { type: 'image/png' })];
    expect(fireEvent.paste(words, { clipboardData: { files, types: ['Files'] } })).toBe(false);
  });
});
