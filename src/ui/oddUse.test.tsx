import { act, fireEvent, screen } from '@testing-library/react';
import { expect, it } from 'vitest';

import { createRig, flatPicture, gate, readyRig } from '../session/testing/editor.ts';
import { openPage } from './testing/openPage.tsx';

const words = (): HTMLTextAreaElement => screen.getByRole('textbox', { name: 'What should change' });

it('opens one session for a double press on a description', async () => {
  const { user, rig } = await openPage(createRig());
  await user.dblClick(screen.getByRole('button', { name: 'a beach with a cat on the left' }));
  await act(() => rig.actions.settled());
  expect(rig.state.getState().sessions).toHaveLength(1);
  expect(rig.document().composer.instruction).toBe('a beach with a cat on the left');
});

it('reads a scene once for a double press, and again after it failed', async () => {
  const asked: string[] = [];
  const { passed, open } = gate();
  const { user } = await openPage(createRig(), {
    starters: [{ url: 'bay.png', title: 'The bay', prompts: [] }],
    fetchStarter: async (url) => {
      asked.push(url);
      await passed;
      throw new Error('The scene could not be fetched.');
    },
  });
  await user.dblClick(screen.getByRole('button', { name: /The bay/ }));
  open();
  expect((await screen.findByRole('alert')).textContent).toContain('The scene could not be fetched.');
  const before = asked.length;
  await user.click(screen.getByRole('button', { name: /The bay/ }));
  expect([before, asked.length]).toEqual([1, 2]);
});

it('makes one turn when Make is pressed twice, with the pointer or with the keys', async () => {
  const { user, rig } = await openPage(await readyRig());
  await user.type(words(), 'add a cup');
  await user.dblClick(screen.getByRole('button', { name: /^Make edit/ }));
  await act(() => rig.actions.settled());
  await user.type(words(), 'make it night{Control>}{Enter}{Enter}{/Control}');
  await act(() => rig.actions.settled());
  expect(rig.engine.requests.map(({ instruction }) => instruction)).toEqual(['add a cup', 'make it night']);
});

it('refuses several files at once in words, and changes nothing', async () => {
  const { rig } = await openPage(await readyRig());
  const before = rig.document();
  const files = ['a.png', 'b.png'].map((name) => new File(['x'], name, { type: 'image/png' }));
  fireEvent.drop(document.querySelector('.page') as HTMLElement, { dataTransfer: { files } });
  expect((await screen.findByRole('alert')).textContent).toContain('one after the other');
  expect(rig.document()).toBe(before);
});

it('leaves pasted text to the field, and takes its lines and tabs as one line', async () => {
  const { user, rig } = await openPage(await readyRig());
  words().focus();
  await user.paste('add a cup\non the\tleft');
  expect(words().value).toBe('add a cup on the left');
  expect(rig.document().root).toMatchObject({ kind: 'opened', name: 'bay' });
});

it('branches from an earlier turn while a later one is made, and finishes both', async () => {
  const { user, rig } = await openPage(await readyRig());
  const { passed, open } = gate();
  rig.engine.beforeStep = (stage) => (stage === 'denoise' ? passed : undefined);
  await user.type(words(), 'add a cup{Control>}{Enter}{/Control}');
  await user.click(screen.getByRole('treeitem', { name: 'Original' }));
  await user.type(words(), 'make it night{Control>}{Enter}{/Control}');
  open();
  await act(() => rig.actions.settled());
  expect(rig.document().turns.map(({ parentId, state }) => [parentId, state.status])).toEqual([
    [null, 'done'],
    [null, 'done'],
  ]);
});

it('gives up an unfinished turn when another picture is opened, and keeps it in its own session', async () => {
  const { user, rig } = await openPage(await readyRig());
  const { passed, open } = gate();
  rig.engine.beforeStep = (stage) => (stage === 'denoise' ? passed : undefined);
  await user.type(words(), 'add a cup{Control>}{Enter}{/Control}');
  const first = rig.document().id;
  await act(async () => {
    const opened = rig.actions.openPicture(flatPicture(7), 'other');
    open();
    expect(await opened).toBe(true);
    await rig.actions.settled();
  });
  expect(screen.getAllByRole('treeitem')).toHaveLength(1);
  await act(async () => expect(await rig.actions.openSession(first)).toBe(true));
  expect(rig.document().turns.map(({ state }) => state.status)).toEqual(['cancelled']);
});
