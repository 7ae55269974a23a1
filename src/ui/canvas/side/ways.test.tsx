import { act, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { gate, readyRig } from '../../../session/testing/editor.ts';
import { must } from '../../../session/testing/must.ts';
import { openPage } from '../../testing/openPage.tsx';
import { letterOf } from './letterOf.ts';

const tiles = (): HTMLElement[] =>
  within(screen.getByRole('list', { name: /ways$/ })).getAllByRole('button', { name: /^Way / });
/** "A ready" for each tile, and which one is in sight. */
const states = (): string[] =>
  tiles().map((tile) => {
    const [, letter, state] = /^Way (\w+), seed \d+, (.*)$/.exec(tile.getAttribute('aria-label') ?? '') ?? [];
    return `${letter} ${state}${tile.getAttribute('aria-pressed') === 'true' ? ', here' : ''}`;
  });
const press = (name: string | RegExp): HTMLElement => screen.getByRole('button', { name });

async function fourWays() {
  const opened = await openPage(await readyRig());
  const { rig } = opened;
  await act(async () => {
    rig.actions.setInstruction('add a red cup');
    rig.actions.makeEdit(4);
    await rig.actions.settled();
  });
  return opened;
}

describe('the ways of a turn', () => {
  it('stand beside the picture with letter and seed, and arrows look from one to the next', async () => {
    const { user, rig } = await fourWays();
    expect(states()).toEqual(['A ready, here', 'B ready', 'C ready', 'D ready']);
    const { turns } = rig.document();
    expect(document.querySelector('.way-item .seed')?.textContent).toBe(String(turns[0]?.seed));
    act(() => must(tiles()[0]).focus());
    await user.keyboard('{ArrowRight}{ArrowRight}{ArrowLeft}');
    expect(states()).toEqual(['A ready', 'B ready, here', 'C ready', 'D ready']);
    expect(document.activeElement).toBe(tiles()[1]);
    expect(rig.document().current).toBe(turns[1]?.id);
  });

  it('are discarded with Del, stay in their place, and come back', async () => {
    const { user, rig } = await fourWays();
    act(() => must(tiles()[0]).focus());
    await user.keyboard('{ArrowRight}{ArrowRight}{Delete}');
    expect(states()).toEqual(['A ready, here', 'B ready', 'C discarded', 'D ready']);
    expect(rig.document().turns.map(({ isDiscarded }) => isDiscarded)).toEqual([false, false, true, false]);
    await user.click(press('Take way C back'));
    expect(states()).toEqual(['A ready, here', 'B ready', 'C ready', 'D ready']);
    await user.click(press('Discard way A (Del)'));
    await user.keyboard('{Control>}z{/Control}');
    expect(states()).toEqual(['A ready, here', 'B ready', 'C ready', 'D ready']);
  });

  it('keep one with Enter, and all others can be taken back', async () => {
    const { user, rig } = await fourWays();
    act(() => must(tiles()[0]).focus());
    await user.keyboard('{ArrowRight}{Enter}');
    expect(states()).toEqual(['A discarded', 'B kept, here', 'C discarded', 'D discarded']);
    expect(screen.getByRole('status', { name: 'What happens' }).textContent).toBe('Way B is kept.');
    await user.click(press('Take others back'));
    expect(states()).toEqual(['A ready', 'B ready, here', 'C ready', 'D ready']);
    await user.click(press('Discard way C (Del)'));
    await user.click(press('Discard other 2'));
    expect(rig.document().turns.map(({ isDiscarded }) => isDiscarded)).toEqual([true, false, true, true]);
  });

  it('grow by one, and neither the place nor the line being written changes', async () => {
    const { user, rig } = await fourWays();
    await act(async () => rig.actions.setInstruction('make it night'));
    const { current } = rig.document();
    await user.click(press('More ways'));
    await act(() => rig.actions.settled());
    expect(states()).toEqual(['A ready, here', 'B ready', 'C ready', 'D ready', 'E ready']);
    expect(rig.document()).toMatchObject({ current, composer: { instruction: 'make it night' } });
  });

  it('say which is being made, which waits, and which was not made', async () => {
    const { user, rig } = await openPage(await readyRig());
    const { passed, open } = gate();
    rig.engine.beforeStep = (stage, done) => (stage === 'denoise' && done === 2 ? passed : undefined);
    await act(async () => {
      rig.actions.setInstruction('add a red cup');
      rig.actions.makeEdit(3);
    });
    await screen.findByText('Step 2 of 4', { selector: '.facts span' });
    expect(states()).toEqual(['A being made, here', 'B waits', 'C waits']);
    // The others of the group are in the strip already.
    expect(screen.queryByRole('region', { name: 'Next' })).toBeNull();
    const waiting = rig.document().turns[2];
    await act(async () => rig.actions.cancel(must(waiting).id));
    open();
    await act(() => rig.actions.settled());
    expect(states()).toEqual(['A ready, here', 'B ready', 'C not made']);
    await user.click(press('Make it'));
    await act(() => rig.actions.settled());
    expect(states()).toEqual(['A ready', 'B ready', 'C ready, here']);
  });
});

describe('the letters of ways', () => {
  it('go on after Z', () => {
    expect([0, 3, 25, 26, 27, 52].map(letterOf)).toEqual(['A', 'D', 'Z', 'AA', 'AB', 'BA']);
  });
});
