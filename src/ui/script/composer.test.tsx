import { act, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { ableRig, gate, leftMask, makeTurn, readyRig, type Rig } from '../../session/testing/editor.ts';
import { openPage } from '../testing/openPage.tsx';

const words = (): HTMLTextAreaElement => screen.getByRole('textbox', { name: 'What should change' });
const offered = (): readonly string[] =>
  screen.getAllByRole('option').map((option) => option.textContent ?? '');

describe('a picture that words speak of', () => {
  it('is chosen with @ and the arrow keys, and its name stands in the words', async () => {
    const rig = await ableRig();
    await makeTurn(rig, 'add a cup');
    await makeTurn(rig, 'add a dog');
    const { user } = await openPage(rig);
    await user.type(words(), 'put @');
    expect(offered()).toEqual(['2add a dog', '1add a cup', '0Original', 'Upload a picture']);
    await user.type(words(), 'cup{Enter}');
    expect(words().value).toBe('put picture one ');
    await user.type(words(), 'by @{ArrowUp}{ArrowUp}{Enter}');
    expect(words().value).toBe('put picture one by picture two ');
    expect(
      rig.document().composer.references.map(({ source }) => source.kind === 'place' && source.id),
    ).toEqual([rig.document().turns[0]?.id, null]);
  });

  it('goes with its name, and the next one moves up', async () => {
    const rig = await ableRig();
    const { user } = await openPage(rig);
    await user.type(words(), 'put @{Enter}by @{Enter}');
    const list = screen.getByRole('list', { name: 'Pictures that the words speak of' });
    await user.click(within(list).getByRole('button', { name: 'Take out picture one' }));
    expect(words().value).toBe('put by picture one');
    expect(rig.document().composer.references).toHaveLength(1);
  });

  it('is refused in words after the third', async () => {
    const rig = await ableRig();
    const { user } = await openPage(rig);
    await user.type(words(), '@{Enter}@{Enter}@{Enter}@');
    expect(screen.queryByRole('option')).toBeNull();
    expect(screen.getByText(/^Words can speak of 3.pictures at most/)).toBeTruthy();
  });

  it('is not offered by a model that takes nothing over', async () => {
    const { user, rig } = await openPage(await readyRig());
    await user.type(words(), 'put @');
    expect(screen.queryByRole('option')).toBeNull();
    expect(screen.getByText(/^This model takes nothing over/)).toBeTruthy();
    expect(rig.document().composer.references).toEqual([]);
  });
});

describe('several regions', () => {
  it('have a line each, which can be reworded and taken out, and are made one after another', async () => {
    const rig = await readyRig();
    const { user } = await openPage(rig);
    const draw = async (columns: number, text: string): Promise<void> => {
      await act(async () => rig.actions.setMask(leftMask(columns)));
      await user.type(words(), text);
    };
    await draw(2, 'add a cup');
    await user.click(screen.getByRole('button', { name: 'Another region' }));
    await draw(3, 'add a boat');
    await user.click(screen.getByRole('button', { name: 'Another region' }));
    await draw(4, 'add a dog');
    const first = screen.getByRole('textbox', { name: 'What changes in region 1' });
    await user.clear(first);
    await user.type(first, 'add a cat{Enter}');
    await user.click(screen.getByRole('button', { name: 'Take out line 2' }));
    await user.click(screen.getByRole('button', { name: /^Make 2 edits/ }));
    await act(() => rig.actions.settled());
    expect(rig.engine.requests.map(({ instruction }) => instruction)).toEqual(['add a cat', 'add a dog']);
    expect(rig.document().turns.map(({ parentId }) => parentId)).toEqual([null, rig.document().turns[0]?.id]);
  });
});

describe('the place of the change', () => {
  const scope = (): string | null | undefined => document.querySelector('.scope')?.textContent;

  it('is a region that was found as well as a drawn one, and the whole picture again with one press', async () => {
    const { user, rig } = await openPage(await ableRig());
    expect(scope()).toMatch(/^Whole picture/);
    await user.type(words(), 'move the cat');
    await act(async () => {
      rig.actions.findRegionNow();
      await rig.actions.settled();
    });
    expect(scope()).toMatch(/^In the regionfound, \d+\s%Whole picture$/);
    const { regions } = rig.document().composer;
    await user.click(screen.getByRole('button', { name: 'Whole picture' }));
    expect(scope()).toMatch(/^Whole picture/);
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    expect(rig.document().composer.regions).toEqual(regions);
  });

  it('is left as it was by one step of undo after a drag was given up', async () => {
    const { user, rig } = await openPage(await ableRig());
    await act(async () => {
      rig.actions.setMask(leftMask(2));
      rig.actions.moveRegion({ dx: 1 });
    });
    const { regions } = rig.document().composer;
    expect(scope()).toBe('From here to thereby draggingWhole picture');
    await user.click(screen.getByRole('button', { name: 'Whole picture' }));
    expect(rig.document().composer.regions).toEqual({ drawn: null, now: null, next: null });
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    expect(rig.document().composer.regions).toEqual(regions);
  });
});

describe('the queue', () => {
  const waiting = (rig: Rig): readonly (string | undefined)[] =>
    rig.state.getState().queue.map((id) => rig.document().turns.find((turn) => turn.id === id)?.instruction);

  async function fill() {
    const rig = await readyRig();
    const opened = await openPage(rig);
    const hold = gate();
    rig.engine.beforeStep = () => hold.passed;
    for (const text of ['add a cup', 'add a boat']) {
      await opened.user.type(words(), `${text}{Control>}{Enter}{/Control}`);
      await act(async () => rig.actions.goTo(null));
    }
    return { ...opened, hold };
  }

  it('takes a turn before all that waits with Ctrl+Shift+Enter', async () => {
    const { user, rig, hold } = await fill();
    await user.click(screen.getByRole('radio', { name: '2' }));
    await user.type(words(), 'add a dog{Control>}{Shift>}{Enter}{/Shift}{/Control}');
    expect(waiting(rig)).toEqual(['add a dog', 'add a dog', 'add a boat']);
    const [first, second] = rig.document().turns.slice(-2);
    expect(rig.state.getState().queue.slice(0, 2)).toEqual([first?.id, second?.id]);
    hold.open();
    await act(() => rig.actions.settled());
  });

  it('is emptied with Ctrl+Shift+X, and the edit being made is cancelled with Shift+X', async () => {
    const { user, rig, hold } = await fill();
    act(() => words().blur());
    await user.keyboard('{Control>}{Shift>}X{/Shift}{/Control}');
    expect([waiting(rig), rig.state.getState().run.status]).toEqual([[], 'running']);
    await user.keyboard('{Shift>}X{/Shift}');
    hold.open();
    await act(() => rig.actions.settled());
    expect(rig.document().turns.map(({ state }) => state.status)).not.toContain('done');
    expect(document.activeElement).toBe(words());
  });
});

describe('ways', () => {
  it('are made as many as the button says, and stand beside the picture', async () => {
    const { user, rig } = await openPage(await readyRig());
    await user.click(screen.getByRole('radio', { name: '9' }));
    await user.type(words(), 'add a cup');
    await user.click(screen.getByRole('button', { name: /^Make 9 edits/ }));
    await act(() => rig.actions.settled());
    expect(rig.document().turns).toHaveLength(9);
    expect(new Set(rig.document().turns.map(({ groupId }) => groupId)).size).toBe(1);
    expect(screen.getAllByRole('treeitem')).toHaveLength(2);
  });
});
