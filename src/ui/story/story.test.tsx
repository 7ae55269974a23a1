import { act, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import type { TurnId } from '../../session/document.ts';
import { ableRig, gate, makeTurn, readyRig, type Rig } from '../../session/testing/editor.ts';
import { must } from '../../session/testing/must.ts';
import { openPage, type OpenPage } from '../testing/openPage.tsx';

/** A part of a browser that the tests' document lacks. */
HTMLElement.prototype.hidePopover = function hidePopover() {};

const cards = (): readonly string[] =>
  [...document.querySelectorAll('[data-shot]')].map((card) => card.getAttribute('aria-label') ?? '');
const inSight = (): string | null | undefined =>
  document.querySelector('[data-shot][aria-current=true]')?.getAttribute('aria-label');
const button = (name: string | RegExp): HTMLElement => screen.getByRole('button', { name });
const seconds = (): HTMLElement => screen.getByRole('textbox', { name: /how many seconds it stays$/ });

async function openStory(
  rig: Rig,
  ...instructions: readonly string[]
): Promise<OpenPage & { ids: readonly TurnId[] }> {
  const ids: TurnId[] = [];
  for (const words of instructions) ids.push(await makeTurn(rig, words));
  const opened = await openPage(rig, { offer: (await rig.engine.load(() => undefined)).manifest });
  await opened.user.click(screen.getByRole('radio', { name: 'Story' }));
  return { ...opened, ids };
}

describe('the story', () => {
  it('shows a shot for each turn with its words and its time, and is left again the way it came', async () => {
    const { user } = await openStory(await readyRig(), 'add a cat', 'add a dog');
    expect(cards()).toEqual([
      'Shot 0: Original, 2.0\u00a0s',
      'Shot 1: add a cat, 2.0\u00a0s',
      'Shot 2: add a dog, 2.0\u00a0s',
    ]);
    expect(screen.queryByRole('application', { name: 'Picture' })).toBeNull();
    await user.click(screen.getByRole('radio', { name: 'Edit' }));
    expect(screen.getByRole('application', { name: 'Picture' })).toBeTruthy();
    expect(cards()).toEqual([]);
  });

  it('is reached by a key and by name, and tools wait while it is open', async () => {
    const { user, page } = await openPage(await readyRig());
    await user.keyboard('s');
    expect(screen.getByRole('group', { name: 'Film' })).toBeTruthy();
    const { tool } = page.view.getState();
    await user.keyboard('l');
    expect(page.view.getState().tool).toBe(tool);
    await user.keyboard('{Control>}k{/Control}');
    await user.type(screen.getByRole('combobox', { name: 'Command' }), 'story or edit{Enter}');
    expect(screen.queryByRole('group', { name: 'Film' })).toBeNull();
  });

  it('opens at the turn one stands on, and plays from the start from there', async () => {
    const { user, rig, ids } = await openStory(await readyRig(), 'add a cat', 'add a dog');
    expect(inSight()).toMatch(/^Shot 2: add a dog/);
    await user.click(button('Play'));
    await user.click(button('Pause'));
    expect(inSight()).toMatch(/^Shot 0/);
    await user.click(screen.getByRole('radio', { name: 'Edit' }));
    await act(async () => rig.actions.goTo(must(ids[0])));
    await user.click(screen.getByRole('radio', { name: 'Story' }));
    expect(inSight()).toMatch(/^Shot 1: add a cat/);
  });

  it('is walked with the keys of a player, and does not begin by itself', async () => {
    const { user, page } = await openStory(await readyRig(), 'add a cat', 'add a dog');
    expect(page.view.getState().player.isPlaying).toBe(false);
    // The choice of the view keeps its own arrows and no other keys.
    expect(screen.getByRole('radio', { name: 'Story' })).toBe(document.activeElement);
    await user.keyboard('{Control>}z{/Control}');
    expect(page.editor.state.getState().redoLabel).not.toBeNull();
    await user.keyboard('{Control>}{Shift>}z{/Shift}{/Control}');
    (document.activeElement as HTMLElement | null)?.blur();
    await user.keyboard('{Home}{ArrowRight}');
    expect(inSight()).toMatch(/^Shot 1/);
    await user.keyboard('{End}');
    expect(inSight()).toMatch(/^Shot 2/);
    await user.keyboard('{Home}');
    expect(inSight()).toMatch(/^Shot 0/);
    await user.keyboard(' ');
    expect(page.view.getState().player.isPlaying).toBe(true);
    expect(button('Pause')).toBeTruthy();
    await user.keyboard(' ');
    expect(page.view.getState().player.isPlaying).toBe(false);
    expect(screen.getByRole('slider', { name: 'Place in the film' }).getAttribute('aria-valuetext')).toMatch(
      /of 0:06\.0, Shot 0: Original$/,
    );
  });

  it('keeps how long a shot stays with the session, and takes it back with undo', async () => {
    const { user, rig, ids } = await openStory(await readyRig(), 'add a cat');
    await user.click(button(/^Shot 1/));
    await user.clear(seconds());
    await user.type(seconds(), '3,5{Enter}');
    expect(rig.document().shots).toEqual([{ place: ids[0], seconds: 3.5, isLeftOut: false }]);
    expect(inSight()).toBe('Shot 1: add a cat, 3.5\u00a0s');
    expect(screen.getByText(/^2.shots, 5\.5.s$/)).toBeTruthy();
    await user.click(button('Undo'));
    expect(rig.document().shots).toBeUndefined();
    expect(inSight()).toBe('Shot 1: add a cat, 2.0\u00a0s');
  });

  it('leaves a shot out by button and by key, passes over it, and puts it back', async () => {
    const { user, rig } = await openStory(await readyRig(), 'add a cat', 'add a dog');
    await user.click(button(/^Shot 1/));
    await user.click(button('Leave out'));
    expect(inSight()).toBe('Shot 1: add a cat, 2.0\u00a0s, left out');
    expect(rig.document().turns).toHaveLength(2);
    await user.click(button('Picture before'));
    await user.click(button('Next picture'));
    expect(inSight()).toMatch(/^Shot 2/);
    button(/^Shot 2/).focus();
    await user.keyboard('{Delete}');
    expect(screen.getByText(/1.shot, 2\.0.s · 2 left out$/)).toBeTruthy();
    await user.keyboard('{ArrowLeft}');
    expect(document.activeElement).toBe(button(/^Shot 1/));
    await user.keyboard('{Delete}');
    expect(inSight()).toBe('Shot 1: add a cat, 2.0\u00a0s');
  });

  it('shows the cast and speaks of one of them in the next shot', async () => {
    const rig = await ableRig();
    const cat = await makeTurn(rig, 'add a cat');
    rig.actions.addReference({ place: cat });
    const { user } = await openStory(rig, 'put picture one on the boat');
    const cast = screen.getByRole('complementary', { name: 'Cast' });
    expect(
      within(cast)
        .getAllByRole('button')
        .map((one) => one.textContent),
    ).toEqual(['Original', 'Turn 1']);
    await user.click(within(cast).getByRole('button', { name: 'Turn 1' }));
    expect(rig.document().composer).toMatchObject({
      instruction: 'picture one ',
      references: [{ source: { kind: 'place', id: cat } }],
    });
  });

  it('says in a sentence what the model cannot do, and offers none of it', async () => {
    await openStory(await readyRig(), 'add a cat');
    const cast = screen.getByRole('complementary', { name: 'Cast' });
    expect(within(cast).getByText(/^This model does not make next scenes\./)).toBeTruthy();
    expect(within(cast).getByText('This model makes no clips between shots.')).toBeTruthy();
    expect(screen.queryByRole('radiogroup', { name: 'What is made' })).toBeNull();
    expect(screen.queryByRole('button', { name: /^Make a clip/ })).toBeNull();
    expect(screen.getByRole('textbox', { name: 'What should change' })).toBeTruthy();
  });
});

describe('with a model of stories and clips', () => {
  it('the next line makes a scene, which comes into sight, or an edit where that is chosen', async () => {
    const { user, rig } = await openStory(await ableRig(), 'add a cat');
    const words = screen.getByRole('textbox', { name: 'What happens next' });
    await user.type(words, 'next scene, a beach');
    await user.click(button(/^Make next scene/));
    await act(() => rig.actions.settled());
    expect(must(rig.document().turns[1])).toMatchObject({
      task: { kind: 'scene' },
      state: { status: 'done' },
    });
    expect(inSight()).toBe('Shot 2: next scene, a beach, 2.0\u00a0s');
    const made = screen.getByRole('radiogroup', { name: 'What is made' });
    await user.click(within(made).getByRole('radio', { name: 'Edit' }));
    await user.type(screen.getByRole('textbox', { name: 'What should change' }), 'add a dog');
    await user.click(button(/^Make edit/));
    await act(() => rig.actions.settled());
    expect(must(rig.document().turns[2]).task).toEqual({ kind: 'image' });
  });

  // The tests' document draws no panels, so what is in them counts as hidden there.
  it('a clip is made between two neighbours, shown while it is made, and edited as a whole', async () => {
    const rig = await ableRig();
    const { user, ids } = await openStory(rig, 'add a cat', 'add a dog');
    await user.click(button('Make a clip between shots 1 and 2'));
    const panel = must(
      screen.getAllByRole('textbox', { name: 'What happens between', hidden: true })[1],
    ).closest('form');
    await user.type(within(must(panel)).getByRole('textbox', { hidden: true }), 'the dog comes in');
    await user.click(within(must(panel)).getByRole('radio', { name: '4', hidden: true }));
    const held = gate();
    rig.engine.beforeStep = () => held.passed;
    await user.click(within(must(panel)).getByRole('button', { name: 'Make clip', hidden: true }));
    expect(cards()[2]).toBe('Clip between 1 and 2: the dog comes in');
    expect(button('Cancel: Clip between 1 and 2')).toBeTruthy();
    await act(async () => {
      held.open();
      await rig.actions.settled();
    });
    expect(rig.document().current).toBe(ids[1]);
    expect(cards()[2]).toBe('Clip between 1 and 2: the dog comes in, 1.0\u00a0s, 4\u00a0frames');
    expect(screen.queryByRole('button', { name: 'Make a clip between shots 1 and 2' })).toBeNull();

    await user.click(button(/^Clip between 1 and 2/));
    await user.type(
      screen.getByRole('textbox', { name: 'What changes in the clip', hidden: true }),
      'make it night',
    );
    const form = must(
      screen.getByRole('textbox', { name: 'What changes in the clip', hidden: true }).closest('form'),
    );
    await user.click(within(form).getByRole('button', { name: 'Edit clip', hidden: true }));
    await act(() => rig.actions.settled());
    expect(cards()[2]).toBe('Clip between 1 and 2: make it night, 1.0\u00a0s, 4\u00a0frames');
    expect(must(rig.document().turns.at(-1)).task).toEqual({ kind: 'clip-edit' });
    await user.click(button('Delete clip'));
    expect(cards()[2]).toMatch(/^Clip between 1 and 2: the dog comes in/);
    await user.click(button('Undo'));
    expect(cards()[2]).toMatch(/^Clip between 1 and 2: make it night/);
  });

  it('the line of the edit view makes clips too, from where one stands to a chosen picture', async () => {
    const rig = await ableRig();
    const one = await makeTurn(rig, 'add a cat');
    await makeTurn(rig, 'add a dog');
    const { user } = await openPage(rig);
    await user.click(screen.getByRole('radio', { name: 'Clip' }));
    expect(rig.document().composer.task).toMatchObject({ kind: 'clip-between', toId: one, count: 5 });
    await user.selectOptions(screen.getByRole('combobox', { name: 'Clip to' }), '0 Original');
    await user.click(screen.getByRole('radio', { name: '8' }));
    await user.click(button(/^Make clip/));
    await act(() => rig.actions.settled());
    const clip = must(rig.document().turns[2]);
    expect(clip.task).toMatchObject({ toId: null, count: 8 });
    expect(rig.document().current).toBe(clip.id);
    await user.click(screen.getByRole('radio', { name: 'Edit clip' }));
    await user.type(screen.getByRole('textbox', { name: 'What changes in the clip' }), 'make it night');
    await user.click(button(/^Edit clip/));
    await act(() => rig.actions.settled());
    expect(must(rig.document().turns[3])).toMatchObject({ parentId: clip.id, task: { kind: 'clip-edit' } });
  });

  it('a clip line that went on to a place without a clip says so before anything is made', async () => {
    const rig = await ableRig();
    await makeTurn(rig, 'add a cat');
    await openPage(rig);
    await act(async () => void rig.actions.setTask({ kind: 'clip-edit' }));
    const line = screen.getByRole('form', { name: 'Turn 2' });
    expect(
      within(line).getByText('There is no clip here to edit. Go to a clip first.', { exact: false }),
    ).toBeTruthy();
  });
});
