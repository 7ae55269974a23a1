import { act, cleanup, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { gate, readyRig } from '../../../session/testing/editor.ts';
import { must } from '../../../session/testing/must.ts';
import { openPage } from '../../testing/openPage.tsx';

const strip = (): HTMLElement => screen.getByRole('region', { name: 'Next' });
const waiting = (): (string | null)[] =>
  within(strip())
    .getAllByRole('listitem')
    .map((row) => row.getAttribute('aria-label'));
const row = (name: string): HTMLElement => screen.getByRole('listitem', { name });
const words = (): HTMLElement => screen.getByRole('textbox', { name: 'What should change' });

/** One turn is being made and three wait: two from the start, and the last from the one before it. */
async function held() {
  const opened = await openPage(await readyRig());
  const { rig } = opened;
  const { passed, open } = gate();
  rig.engine.beforeStep = (stage, done) => (stage === 'denoise' && done === 2 ? passed : undefined);
  await act(async () => {
    for (const [instruction, place] of [
      ['add a cup', null],
      ['make it night', null],
      ['add a dog', null],
      ['add a hat', 'last'],
    ] as const) {
      if (place === null) rig.actions.goTo(null);
      rig.actions.setInstruction(instruction);
      rig.actions.makeEdit();
    }
  });
  await screen.findAllByText('Step 2 of 4');
  return { ...opened, open };
}

describe('the queue', () => {
  it('shows what is made now and what comes next, and after which turn', async () => {
    await held();
    expect(screen.getByRole('complementary', { name: 'Making now' }).textContent).toContain('add a cup');
    expect(waiting()).toEqual(['1. make it night', '2. add a dog', '3. add a hat']);
    expect(row('3. add a hat').textContent).toContain('after 1');
    expect(row('1. make it night').textContent).toContain('after the start');
  });

  it('is put in another order with Shift and arrows or with buttons, never before what a turn is made from', async () => {
    const { user, rig } = await held();
    act(() => row('1. make it night').focus());
    await user.keyboard('{Shift>}{ArrowDown}{/Shift}');
    expect(waiting()).toEqual(['1. add a dog', '2. make it night', '3. add a hat']);
    expect(document.activeElement).toBe(row('2. make it night'));
    expect(screen.getByRole('status', { name: 'What happens' }).textContent).toBe('Now 2 of 3 in the queue.');
    await user.click(screen.getByRole('button', { name: 'Make "add a hat" sooner' }));
    expect(waiting()).toEqual(['1. add a dog', '2. add a hat', '3. make it night']);
    expect(screen.queryByRole('button', { name: 'Make "add a hat" sooner' })).toBeNull();
    expect(screen.queryByRole('button', { name: 'Make "add a dog" later' })).toBeNull();
    const made = rig.state
      .getState()
      .queue.map((id) => must(rig.document().turns.find((turn) => turn.id === id)));
    expect(made.map(({ instruction }) => instruction)).toEqual(['add a dog', 'add a hat', 'make it night']);
  });

  it('lets one go with Del and moves the focus to the next, and with the last one to the words', async () => {
    const { user } = await held();
    act(() => row('1. make it night').focus());
    await user.keyboard('{Delete}');
    expect(waiting()).toEqual(['1. add a dog', '2. add a hat']);
    expect(document.activeElement).toBe(row('1. add a dog'));
    // With a turn goes what was to be made from it.
    await user.keyboard('{Delete}');
    expect(screen.queryByRole('region', { name: 'Next' })).toBeNull();
    expect(document.activeElement).toBe(words());
  });

  it('is cleared at once, and what runs goes on', async () => {
    const { user, rig, open } = await held();
    await user.click(within(strip()).getByRole('button', { name: 'Clear' }));
    expect(rig.state.getState().queue).toEqual([]);
    expect(document.activeElement).toBe(words());
    open();
    await act(() => rig.actions.settled());
    expect(rig.document().turns.map(({ state }) => state.status)).toEqual([
      'done',
      'cancelled',
      'cancelled',
      'cancelled',
    ]);
  });
});

describe('stopping an edit', () => {
  it('puts the focus where the words came back to, by button and by Esc', async () => {
    for (const how of ['button', 'key'] as const) {
      const { user, rig, open } = await held();
      await act(async () => rig.actions.clearQueue());
      act(() => screen.getByRole('application', { name: 'Picture' }).focus());
      await act(async () => rig.actions.goTo(must(rig.document().turns[0]).id));
      if (how === 'key') await user.keyboard('{Escape}');
      else await user.click(screen.getByRole('button', { name: /^Cancel/ }));
      expect(document.activeElement).toBe(words());
      open();
      await act(() => rig.actions.settled());
      cleanup();
    }
  });
});
