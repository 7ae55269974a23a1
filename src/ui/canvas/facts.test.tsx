import { act, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { leftMask, makeTurn, readyRig, type Rig } from '../../session/testing/editor.ts';
import { must } from '../../session/testing/must.ts';
import { openPage } from '../testing/openPage.tsx';
import { HALF } from './maskPixels.ts';
import { outlinePath } from './outline.ts';

/** From now on the engine leaves every pixel lighter than it should by so many levels. */
function loseLevels(rig: Rig, levels: number): void {
  const { engine } = rig;
  const edit = engine.edit.bind(engine);
  engine.edit = async (...asked) => {
    const made = await edit(...asked);
    const data = made.pixels.data.map((value, at) => (at % 4 === 3 ? value : value + levels));
    return { ...made, pixels: { ...made.pixels, data } };
  };
}

async function inRegion(levels: number) {
  const opened = await openPage(await readyRig());
  const { rig } = opened;
  loseLevels(rig, levels);
  await act(async () => {
    rig.actions.setMask(leftMask(2));
    await makeTurn(rig, 'add a cup');
    rig.actions.setMask(leftMask(2));
    await makeTurn(rig, 'add a cat');
  });
  return opened;
}

describe('the facts about a turn', () => {
  it('count the pixels that changed outside the region, and the drift of the branch', async () => {
    await inRegion(0);
    expect(screen.getByText(/^0 px changed outside the region$/).className).toContain('sign-kept');
    expect(screen.getByText(/^drift 0 %$/).className).not.toContain('sign-watch');
    expect(screen.queryByRole('button', { name: 'Redo on the original' })).toBeNull();
  });

  it('watch a drift above 1 %, and redo the turn on the original with one press', async () => {
    const { user, rig } = await inRegion(3);
    // Two turns of 3 levels of 255 each.
    expect(screen.getByText(/^drift 2\.4 %$/).className).toContain('sign-watch');
    expect(screen.getByText(/^48 px changed outside the region$/).className).toContain('sign-watch');
    loseLevels(rig, -3);
    const old = rig.document().current;
    await user.click(screen.getByRole('button', { name: 'Redo on the original' }));
    await act(() => rig.actions.settled());
    expect(rig.document().turns.at(-1)).toMatchObject({ rebaseOf: old, state: { status: 'done' } });
    expect(screen.getByText(/^drift 0 %$/)).toBeTruthy();
  });

  it('say nothing to watch at exactly 1 % and less', async () => {
    await inRegion(1);
    expect(screen.getByText(/^drift 0\.8 %$/).className).not.toContain('sign-watch');
  });
});

describe('the region of a turn', () => {
  const button = (): HTMLElement | null =>
    screen.queryByRole('button', { name: 'Show the region of the turn' });
  const shown = (): readonly (string | null)[] =>
    [...document.querySelectorAll('.region-tag')].map(({ textContent }) => textContent);

  it('shows on its picture with the words of the turn, as long as that is asked for', async () => {
    const { user, choices } = await inRegion(0);
    expect([button()?.getAttribute('aria-pressed'), shown()]).toEqual(['false', []]);
    await user.click(must(button()));
    expect([button()?.getAttribute('aria-pressed'), shown()]).toEqual([
      'true',
      ['Region of turn 2: add a cat'],
    ]);
    const shape = document.querySelector('.is-faint path[fill^="url"]');
    expect(shape?.getAttribute('d')).toBe(outlinePath(leftMask(2), HALF));
    expect(JSON.parse(must(choices.get('tools')))).toMatchObject({ hasTurnRegion: true });
    await user.keyboard('{Alt>}{ArrowLeft}{/Alt}');
    expect(shown()).toEqual(['Region of turn 1: add a cup']);
    await user.keyboard('{Shift>}Q{/Shift}');
    expect(shown()).toEqual([]);
    expect(screen.getByRole('status', { name: 'What happens' }).textContent).toBe(
      'The region of the turn is hidden.',
    );
  });

  it('is not to be had where there is none', async () => {
    const { user, rig, page } = await inRegion(0);
    await user.click(must(button()));
    await act(async () => {
      await makeTurn(rig, 'make it night');
    });
    expect([button(), shown()]).toEqual([null, []]);
    await user.keyboard('{Shift>}Q{/Shift}');
    expect(page.view.getState().hasTurnRegion).toBe(true);
    // The picture that is looked at under the present one was made in a region.
    await act(async () => page.view.setState({ under: 2 }));
    expect(shown()).toEqual(['Region of turn 2: add a cat']);
  });
});
