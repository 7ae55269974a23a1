import { act, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { leftMask, makeTurn, readyRig } from '../../session/testing/editor.ts';
import { openPage } from '../testing/openPage.tsx';

/** A session of two turns, the first with a region, and words begun for the third. */
async function opened() {
  const rig = await readyRig();
  rig.actions.setMask(leftMask(2));
  await makeTurn(rig, 'add a cup');
  await makeTurn(rig, 'make it night');
  const page = await openPage(rig);
  await act(async () => {
    rig.actions.setInstruction('add a dog');
    await rig.actions.settled();
  });
  return page;
}

const ribbon = (): HTMLElement => screen.getByRole('toolbar', { name: 'What the model sees, in order' });
const chips = (): readonly string[] =>
  [...ribbon().querySelectorAll('button')].map((chip) => chip.getAttribute('aria-label') ?? '');
const head = (): string => document.querySelector('.sees-head')?.textContent?.replaceAll('\u00a0', ' ') ?? '';

describe('the ribbon of what the model sees', () => {
  it('shows every earlier picture, its words and region in the order of the sequence', async () => {
    await opened();
    expect(chips()).toEqual([
      'Original',
      'add a cup',
      'Region of turn 1',
      'Picture 1',
      'make it night',
      'Picture 2, being edited, so always seen',
    ]);
    // Four frames and the target of 18 tokens each, and a token for each word and the end of each text.
    expect(head()).toMatch(/^The model sees 6 of 6\s*102 tokens, 52\.2 kB/);
  });

  it('is walked with the arrow keys, switches with Space and pins with P', async () => {
    const { user, rig } = await opened();
    ribbon().querySelector('button')?.focus();
    await user.keyboard('{ArrowRight} ');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('add a cup, not seen');
    expect(head()).toContain('The model sees 5 of 6');
    await user.keyboard('{End}{ArrowLeft}p');
    expect(chips()).toContain('make it night, pinned');
    await act(async () => {
      rig.actions.makeEdit();
      await rig.actions.settled();
    });
    const given = rig.engine.requests
      .at(-1)
      ?.history.flatMap((item) => (item.kind === 'text' ? [item.text] : []));
    expect(given).toEqual(['make it night']);
  });

  it('never lets go of the picture that is edited', async () => {
    const { user } = await opened();
    await user.click(screen.getByRole('button', { name: /^Picture 2/ }));
    expect(head()).toContain('The model sees 6 of 6');
    expect(screen.getByRole('button', { name: /^Picture 2/ }).getAttribute('aria-disabled')).toBe('true');
  });

  it('follows a preset but leaves what is pinned', async () => {
    const { user } = await opened();
    ribbon().querySelector<HTMLElement>('[aria-label="add a cup"]')?.focus();
    await user.keyboard('p');
    await user.click(screen.getByRole('radio', { name: /^The original/, hidden: true }));
    expect(chips().filter((name) => !name.includes('not seen'))).toEqual([
      'Original',
      'add a cup, pinned',
      'Picture 2, being edited, so always seen',
    ]);
    await user.click(screen.getByRole('radio', { name: 'Everything', hidden: true }));
    expect(head()).toContain('The model sees 6 of 6');
  });

  it('folds to its head line while nothing is written, and opens when its head is pressed', async () => {
    const { user, rig } = await opened();
    await act(async () => rig.actions.setInstruction(''));
    expect(screen.queryByRole('toolbar', { name: /^What the model sees/ })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'The model sees 6 of 6' }));
    expect(chips()).toHaveLength(6);
  });

  it('keeps the original in sight however long the history is', async () => {
    const { rig } = await opened();
    await act(async () => {
      for (let turn = 3; turn <= 9; turn += 1) await makeTurn(rig, `add a boat ${turn}`);
      rig.actions.setInstruction('add a dog');
    });
    expect(chips()[0]).toBe('Original');
    expect(
      document.querySelector('.ribbon-rest')?.contains(screen.getByRole('button', { name: 'Original' })),
    ).toBe(false);
  });
});
