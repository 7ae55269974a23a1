import { act, fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { ableRig, makeTurn } from '../../session/testing/editor.ts';
import { must } from '../../session/testing/must.ts';
import { openPage } from '../testing/openPage.tsx';

const place = (): HTMLInputElement => screen.getByRole('slider', { name: 'Frame of the clip' });
const button = (name: string): HTMLElement => screen.getByRole('button', { name });
const shown = (): string | null => must(document.querySelector('.picture-layer img')).getAttribute('src');

async function openClip() {
  const rig = await ableRig();
  const one = await makeTurn(rig, 'add a cat');
  rig.actions.setTask({ kind: 'clip-between', to: null, count: 4 });
  const clip = await makeTurn(rig, 'the cat leaves');
  const opened = await openPage(rig);
  const { state } = must(rig.document().turns[1]);
  const frames = state.status === 'done' ? must(state.result.clip) : [];
  const urls = frames.map(({ frame }) => opened.page.pictureUrl(frame.hash));
  return { ...opened, one, clip, urls };
}

describe('the clip of a turn, on the desk', () => {
  it('rests on its last frame, and is stepped and scrubbed frame by frame', async () => {
    const { user, urls } = await openClip();
    expect(place().getAttribute('aria-valuetext')).toBe('Frame 4 of 4');
    expect(shown()).toBe(urls[3]);
    await user.click(button('Picture before'));
    expect(shown()).toBe(urls[2]);
    expect(screen.getByRole('img', { name: 'the cat leaves, Frame 3 of 4' })).toBeTruthy();
    for (const [at, ms] of [0, 300, 600, 900].entries()) {
      fireEvent.change(place(), { target: { value: String(ms) } });
      expect(shown()).toBe(urls[at]);
      expect(place().getAttribute('aria-valuetext')).toBe(`Frame ${at + 1} of 4`);
    }
  });

  it('plays from its first frame when it rests, and rests again at its end', async () => {
    const { user, urls } = await openClip();
    await user.click(button('Play'));
    expect(shown()).toBe(urls[0]);
    await screen.findByRole('button', { name: 'Play' }, { timeout: 10_000 });
    expect(shown()).toBe(urls[3]);
  });

  it('is drawn on at its last frame only, the one that the next turn goes on from', async () => {
    const { user } = await openClip();
    const holds = (): string => screen.getByRole('application', { name: 'Picture' }).className;
    expect(holds()).toContain('holds-brush');
    await user.click(button('Picture before'));
    expect(holds()).toContain('holds-hand');
    await user.click(button('Next picture'));
    expect(holds()).toContain('holds-brush');
  });

  it('rests again when one comes back to it, and a single picture has no player', async () => {
    const { user, rig, one, clip, urls } = await openClip();
    await user.click(button('Picture before'));
    await act(async () => rig.actions.goTo(one));
    expect(screen.queryByRole('slider', { name: 'Frame of the clip' })).toBeNull();
    await act(async () => rig.actions.goTo(clip));
    expect(shown()).toBe(urls[3]);
  });
});
