import { act, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { ableRig, gate, leftMask, readyRig, type Rig } from '../../../session/testing/editor.ts';
import { must } from '../../../session/testing/must.ts';
import { setRegion } from '../../commands.ts';
import { openPage } from '../../testing/openPage.tsx';

const card = (name: string): HTMLElement =>
  must(
    screen
      .getAllByRole('listitem')
      .find((item) => within(item).queryByRole('heading', { name: new RegExp(`${name}$`) })),
  );
const stateOf = (name: string): string | null | undefined =>
  card(name).querySelector('.stage-state')?.textContent;
const button = (name: string, label: string): HTMLElement =>
  within(card(name)).getByRole('button', { name: label });
const words = (): HTMLElement => screen.getByRole('textbox', { name: 'What should change' });
const maskIn = (rig: Rig, stage: 'now' | 'next') => {
  const region = rig.document().composer.regions[stage];
  return region === null ? null : rig.actions.maskOf(region.mask.hash);
};

async function found() {
  const opened = await openPage(await ableRig());
  await opened.user.type(words(), 'move the cat');
  await opened.user.click(
    within(screen.getByRole('complementary', { name: 'Start picture' })).getByRole('button', {
      name: /^Find the region/,
    }),
  );
  await act(() => opened.rig.actions.settled());
  return opened;
}

describe('the stages of a turn', () => {
  it('begin with the region that the words speak of, before any picture is made', async () => {
    const { rig } = await found();
    expect(stateOf('Region now')).toBe('Found from the words');
    expect(within(card('Region next')).getByText('Not made yet')).toBeTruthy();
    expect(within(card('Picture')).getByText('Not made yet')).toBeTruthy();
    expect(rig.document().turns).toEqual([]);
  });

  it('are found one after the other, and the picture is made from both', async () => {
    const { user, rig } = await found();
    await user.click(button('Region next', 'Find'));
    await act(() => rig.actions.settled());
    expect(stateOf('Region next')).toBe('Found by the model');
    expect(stateOf('Picture')).toBe('Both places are painted anew');
    const { regions } = rig.document().composer;
    await user.click(button('Picture', 'Make'));
    await act(() => rig.actions.settled());
    expect(rig.document().turns[0]).toMatchObject({ regions, state: { status: 'done' } });
    expect(screen.queryByRole('heading', { name: /Region now$/ })).toBeNull();
  });

  it('tell what is out of date, and each is made anew alone', async () => {
    const { user, rig } = await found();
    await user.click(button('Region next', 'Find'));
    await act(() => rig.actions.settled());
    const next = maskIn(rig, 'next');
    await user.type(words(), ' away');
    expect([stateOf('Region now'), stateOf('Region next')]).toEqual(['Out of date', 'Out of date']);
    await user.click(button('Region now', 'Redo'));
    await act(() => rig.actions.settled());
    expect([stateOf('Region now'), stateOf('Region next')]).toEqual(['Found from the words', 'Out of date']);
    expect(maskIn(rig, 'next')).toEqual(next);
    await user.click(button('Region next', 'Take away: Region next'));
    expect(maskIn(rig, 'next')).toBeNull();
  });

  it('are corrected with the brush on that region alone, in steps that undo takes back', async () => {
    const { user, rig, page } = await found();
    const before = maskIn(rig, 'now');
    page.view.setState({ tool: 'hand' });
    await user.click(button('Region now', 'Correct'));
    expect(page.view.getState()).toMatchObject({ tool: 'brush', stage: 'now' });
    expect(document.activeElement).toBe(screen.getByRole('application', { name: 'Picture' }));
    act(() => setRegion(page, leftMask(3)));
    expect([stateOf('Region now'), rig.document().composer.regions.drawn]).toEqual(['Drawn by you', null]);
    expect(maskIn(rig, 'now')).toEqual(leftMask(3));
    await user.keyboard('{Control>}z{/Control}');
    expect(maskIn(rig, 'now')).toEqual(before);
    await user.click(button('Region now', 'Done'));
    expect(page.view.getState().stage).toBeNull();
    await user.click(button('Region now', 'Region now: show it alone on the picture'));
    await user.keyboard('{Escape}');
    expect(page.view.getState().stage).toBeNull();
  });

  it('stop looking when one cancels, with the words and the focus in the line', async () => {
    const { user, rig } = await openPage(await ableRig());
    const { passed, open } = gate();
    rig.engine.beforeStep = (stage, done) => (stage === 'denoise' && done === 2 ? passed : undefined);
    await user.type(words(), 'move the cat');
    act(() => words().blur());
    await user.keyboard('w');
    expect(await screen.findByText('Step 2 of 4', { selector: '.stage-state' })).toBeTruthy();
    expect(screen.getByRole('progressbar', { name: 'Region now' }).getAttribute('aria-valuenow')).toBe('2');
    await user.keyboard('{Escape}');
    open();
    await act(() => rig.actions.settled());
    expect(rig.document().composer).toMatchObject({ instruction: 'move the cat', regions: { now: null } });
    expect(document.activeElement).toBe(words());
    expect(screen.queryByRole('heading', { name: /Region now$/ })).toBeNull();
  });
});

describe('where regions cannot be found', () => {
  it('a sentence says so, and no button is there to press', async () => {
    const { user } = await openPage(await readyRig());
    await user.type(words(), 'move the cat');
    expect(screen.getByText(/does not find regions from words/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: /Find the region/ })).toBeNull();
  });

  it('for want of words, a sentence says what to write', async () => {
    const { user } = await openPage(await ableRig());
    expect(screen.getByText(/^Write what should change, and/)).toBeTruthy();
    await user.type(words(), 'move the cat');
    expect(screen.queryByText(/^Write what should change, and/)).toBeNull();
  });

  it('the place after is left to the person', async () => {
    const { rig } = await openPage(
      await readyRig(undefined, ['next-image', 'drawn-region', 'dragged-region']),
    );
    await act(async () => {
      rig.actions.setMask(leftMask(2));
      rig.actions.moveRegion({ dx: 2 });
      rig.actions.setRegion('next', null);
    });
    expect(within(card('Region next')).getByText(/does not say where things will be/)).toBeTruthy();
    expect(
      within(card('Region next'))
        .getAllByRole('button')
        .map(({ textContent }) => textContent),
    ).toEqual(['Draw']);
  });
});
