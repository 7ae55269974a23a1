import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';

import { gate, readyRig } from '../session/testing/editor.ts';
import { openPage } from './testing/openPage.tsx';

test('offers to wait on or to start the model again when it does not answer, and either can be chosen by keys', async () => {
  const rig = await readyRig();
  const begun = gate();
  const edit = rig.engine.edit.bind(rig.engine);
  let saySilent: (ms: number) => void = () => undefined;
  rig.engine.edit = async (request, onProgress, signal) => {
    saySilent = (silentForMs) => onProgress({ stage: 'denoise', done: 1, total: 4, silentForMs });
    begun.open();
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    return edit(request, onProgress, signal);
  };
  const { user } = await openPage(rig);
  rig.actions.setInstruction('add a cup');
  rig.actions.makeEdit();
  await begun.passed;
  saySilent(21_000);
  const title = /has not answered for 21\sseconds/;
  await screen.findByRole('heading', { name: title });
  screen.getByRole('button', { name: 'Wait on' }).focus();
  await user.keyboard('{Enter}');
  expect(screen.queryByRole('heading', { name: title })).toBe(null);

  saySilent(42_000);
  const again = await screen.findByRole('button', { name: 'Start the model again' });
  again.focus();
  await user.keyboard('{Enter}');
  await rig.actions.settled();
  expect(rig.state.getState()).toMatchObject({ run: { status: 'idle' }, model: { status: 'ready' } });
  expect(rig.document().composer.instruction).toBe('add a cup');
  expect(screen.queryByRole('heading', { name: /has not answered/ })).toBe(null);
});
