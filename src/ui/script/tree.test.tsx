import { act, fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import type { TurnId } from '../../session/document.ts';
import { makeTurn, readyRig, type Rig } from '../../session/testing/editor.ts';
import { openPage } from '../testing/openPage.tsx';

const rows = (): readonly (string | null)[] =>
  screen.getAllByRole('treeitem').map((row) => row.getAttribute('aria-label'));
const row = (name: string): HTMLElement => screen.getByRole('treeitem', { name });
const words = (): HTMLTextAreaElement => screen.getByRole('textbox', { name: 'What should change' });

/** `instructions` one after another under `place`, each made. */
async function make(rig: Rig, place: TurnId | null, ...instructions: readonly string[]): Promise<TurnId[]> {
  const made: TurnId[] = [];
  await act(async () => {
    rig.actions.goTo(place);
    for (const instruction of instructions) made.push(await makeTurn(rig, instruction));
  });
  return made;
}

async function choose(
  user: Awaited<ReturnType<typeof openPage>>['user'],
  name: string,
  item: string,
): Promise<void> {
  row(name).focus();
  await user.keyboard('{Shift>}{F10}{/Shift}');
  await user.click(screen.getByRole('menuitem', { name: item }));
}

describe('the menu of a turn', () => {
  it('opens on the row with the keyboard, is walked, and gives the focus back', async () => {
    const rig = await readyRig();
    await make(rig, null, 'add a cup');
    const { user } = await openPage(rig);
    row('Turn 1: add a cup').focus();
    await user.keyboard('{Shift>}{F10}{/Shift}');
    expect(document.activeElement?.textContent).toBe('Reword');
    await user.keyboard('{ArrowUp}');
    expect(document.activeElement?.textContent).toContain('Delete');
    await user.keyboard('{Escape}');
    expect([screen.queryByRole('menu'), document.activeElement]).toEqual([null, row('Turn 1: add a cup')]);
  });

  it('stars, archives and puts back', async () => {
    const rig = await readyRig();
    await make(rig, null, 'add a cup', 'make it night');
    const { user } = await openPage(rig);
    await choose(user, 'Turn 1: add a cup', 'Star');
    expect(rows()).toContain('Turn 1: add a cup, starred');
    await choose(user, 'Turn 2: make it night', 'Archive');
    expect(rows()).toEqual(['Original', 'Turn 1: add a cup, starred', '1 put away']);
    await user.click(row('1 put away'));
    expect(row('Turn 2: make it night').textContent).toContain('Archived');
    await choose(user, 'Turn 2: make it night', 'Put back');
    expect(rows()).toEqual(['Original', 'Turn 1: add a cup, starred', 'Turn 2: make it night']);
  });

  it('edits words and replays what follows, old beside new', async () => {
    const rig = await readyRig();
    await make(rig, null, 'add a cup', 'make it night', 'add a dog');
    const { user, page } = await openPage(rig);
    await choose(user, 'Turn 1: add a cup', 'Edit words and replay what follows');
    expect(document.activeElement).toBe(words());
    await user.clear(words());
    await user.type(words(), 'add a cat');
    await user.click(screen.getByRole('button', { name: /^Make and replay 2.turns/ }));
    await act(() => rig.actions.settled());
    expect(rows()).toEqual([
      'Original',
      'Turn 1: add a cup',
      'Turn 1: add a cat',
      'Turn 2: make it night',
      'Turn 3: add a dog',
    ]);
    await user.click(row('Turn 3: add a dog'));
    await user.click(screen.getByRole('button', { name: 'Compare with the one before' }));
    const [, , oldest] = rig.document().turns;
    expect(page.view.getState().comparison).toMatchObject({
      before: oldest?.id,
      after: rig.document().turns.at(-1)?.id,
    });
    expect([oldest?.instruction, page.view.getState().tool]).toEqual(['add a dog', 'compare']);
  });

  it('replays nothing when the person decides otherwise', async () => {
    const rig = await readyRig();
    await make(rig, null, 'add a cup', 'make it night');
    const { user } = await openPage(rig);
    await choose(user, 'Turn 1: add a cup', 'Edit words and replay what follows');
    await user.click(screen.getByRole('checkbox', { name: /^Replay the 1.turn after it/ }));
    await user.click(screen.getByRole('button', { name: /^Make edit/ }));
    await act(() => rig.actions.settled());
    expect(rig.document().turns).toHaveLength(3);
  });

  it('redoes a turn on the original, without the pictures between', async () => {
    const rig = await readyRig();
    await make(rig, null, 'add a cup', 'make it night');
    const { user } = await openPage(rig);
    await choose(user, 'Turn 2: make it night', 'Redo on the original');
    await act(() => rig.actions.settled());
    expect(rig.engine.requests.at(-1)?.history.map(({ kind }) => kind)).toEqual(['image', 'text']);
    expect(rig.document().turns.at(-1)?.rebaseOf).toBe(rig.document().turns[1]?.id);
  });

  it('does not offer what a turn is too early for', async () => {
    const rig = await readyRig();
    await make(rig, null, 'add a cup');
    const { user } = await openPage(rig);
    row('Turn 1: add a cup').focus();
    await user.keyboard('{Shift>}{F10}{/Shift}');
    expect(screen.getAllByRole('menuitem').map((item) => item.textContent)).toEqual([
      'Reword',
      'Star',
      'RenameF2',
      'Archive',
      'DeleteDel',
    ]);
  });
});

describe('the rows', () => {
  it('take a name with F2, keep the words under it, and lose it when it is emptied', async () => {
    const rig = await readyRig();
    await make(rig, null, 'add a cup');
    const { user } = await openPage(rig);
    row('Turn 1: add a cup').focus();
    await user.keyboard('{F2}Tea{Enter}');
    expect(document.activeElement).toBe(row('Turn 1: Tea'));
    expect(row('Turn 1: Tea').textContent).toContain('add a cup');
    await user.keyboard('{F2}');
    const field = screen.getByRole<HTMLInputElement>('textbox', { name: 'Name of turn 1' });
    await user.clear(field);
    fireEvent.keyDown(field, { key: 'Enter', isComposing: true });
    expect(document.activeElement).toBe(field);
    await user.keyboard('{Enter}');
    expect(rows()).toContain('Turn 1: add a cup');
  });

  it('fold several branches into one row that the arrow keys open', async () => {
    const rig = await readyRig();
    await make(rig, null, 'add a cup');
    await make(rig, null, 'add a dog');
    await make(rig, null, 'add a boat');
    const { user } = await openPage(rig);
    expect(rows()).toEqual(['Original', '2\u00a0other branches', 'Turn 1: add a boat']);
    screen.getByRole('treeitem', { name: /other branches/ }).focus();
    await user.keyboard('{ArrowRight}');
    expect(rows().slice(1, 4)).toEqual(['2\u00a0other branches', 'Turn 1: add a cup', 'Turn 1: add a dog']);
    await user.keyboard('{ArrowDown}{ArrowLeft}{ArrowLeft}');
    expect(rows()).toHaveLength(3);
  });

  it('show the discarded ways, grey, only when they are asked for', async () => {
    const rig = await readyRig();
    await act(async () => {
      rig.actions.setInstruction('add a cup');
      const [, kept] = rig.actions.makeEdit(4);
      await rig.actions.settled();
      if (kept !== undefined) rig.actions.keep(kept);
    });
    const { user } = await openPage(rig);
    expect(rows()).toHaveLength(2);
    await user.click(screen.getByRole('button', { name: '1 of 4 kept' }));
    expect(screen.getAllByText('Discarded')).toHaveLength(3);
    expect(document.querySelectorAll('.turn.is-away')).toHaveLength(3);
  });

  it('say what was deleted, with the way back beside it', async () => {
    const rig = await readyRig();
    await make(rig, null, 'add a cup', 'make it night');
    const { user } = await openPage(rig);
    row('Turn 1: add a cup').focus();
    await user.keyboard('{Delete}');
    expect(document.activeElement).toBe(row('Original'));
    expect(screen.getByText(/^2.turns deleted/)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Bring back' }));
    expect(rows()).toHaveLength(3);
    expect(screen.queryByText(/turns deleted/)).toBeNull();
  });
});

describe('the search', () => {
  it('lists the turns that say it, goes there, and is cleared when none does', async () => {
    const rig = await readyRig();
    await make(rig, null, 'add a cup', 'make it night', 'move the cup');
    const { user } = await openPage(rig);
    await user.click(screen.getByRole('button', { name: 'Search turns' }));
    await user.keyboard('CUP');
    expect(rows()).toEqual(['Turn 1: add a cup', 'Turn 3: move the cup']);
    await user.click(row('Turn 1: add a cup'));
    expect(rig.document().current).toBe(rig.document().turns[0]?.id);
    await user.clear(screen.getByRole('searchbox', { name: 'Search turns' }));
    await user.type(screen.getByRole('searchbox', { name: 'Search turns' }), 'zebra');
    expect(screen.getByText('No turn says “zebra”.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Clear search' }));
    expect(rows()).toHaveLength(4);
  });

  it('begins with Ctrl+F, also from a field, and leaves a second Ctrl+F to the browser', async () => {
    const rig = await readyRig();
    await make(rig, null, 'add a cup');
    const { user } = await openPage(rig);
    words().focus();
    const presses = (): boolean =>
      fireEvent.keyDown(document.activeElement ?? document.body, { key: 'f', code: 'KeyF', ctrlKey: true });
    expect(presses()).toBe(false);
    await act(async () => undefined);
    const field = screen.getByRole('searchbox', { name: 'Search turns' });
    expect(document.activeElement).toBe(field);
    expect(presses()).toBe(true);
    await user.keyboard('cup{Escape}');
    expect(screen.queryByRole('searchbox')).toBeNull();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Search turns' }));
  });

  it('leaves Ctrl+F to the browser where there is no session', async () => {
    await openPage();
    expect(fireEvent.keyDown(document.body, { key: 'f', code: 'KeyF', ctrlKey: true })).toBe(true);
  });
});
