import { act, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { gate, readyRig, type Rig } from '../session/testing/editor.ts';
import { openPage } from './testing/openPage.tsx';

afterEach(() => {
  vi.restoreAllMocks();
});

function notifierThat(allows: boolean) {
  const shown: string[] = [];
  let asked = 0;
  return {
    shown,
    asked: () => asked,
    ask: async () => {
      asked += 1;
      return allows;
    },
    show: (title: string, text: string) => void shown.push(`${title}: ${text}`),
  };
}

/** Two turns, the second of them waiting while the first is held at a step. */
async function making(rig: Rig) {
  const { passed, open } = gate();
  rig.engine.beforeStep = (stage, done) => (stage === 'denoise' && done === 2 ? passed : undefined);
  await act(async () => {
    for (const words of ['add a cup', 'make it night']) {
      rig.actions.setInstruction(words);
      rig.actions.makeEdit();
    }
  });
  await screen.findAllByText('Step 2 of 4');
  return open;
}

describe('the title of the tab', () => {
  it('changes at most once a second, and ends at the last state', async () => {
    const { rig } = await openPage(await readyRig());
    const titles: string[] = [];
    const own = Object.getOwnPropertyDescriptor(Document.prototype, 'title');
    vi.spyOn(document, 'title', 'set').mockImplementation((title) => {
      titles.push(title);
      own?.set?.call(document, title);
    });
    vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    rig.actions.setSteps(40);
    await act(async () => {
      rig.actions.setInstruction('add a cup');
      rig.actions.makeEdit();
      await rig.actions.settled();
    });
    // No time has passed for the page, so the titles of 40 steps are one.
    expect(titles.length).toBeLessThanOrEqual(1);
    await waitFor(() => expect(document.title).toBe('bay - Palimpsest'), { timeout: 3000 });
  });
});

describe('a notification', () => {
  it('tells of the end of all work, while the tab is hidden, to who asked for it', async () => {
    const notifier = notifierThat(true);
    const { user, rig } = await openPage(await readyRig(), { notifier });
    let open = await making(rig);
    expect(notifier.asked()).toBe(0);
    await user.click(screen.getByRole('checkbox', { name: 'Tell me when it is done' }));
    expect(notifier.asked()).toBe(1);
    open();
    await act(() => rig.actions.settled());
    expect(notifier.shown).toEqual([]);

    open = await making(rig);
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    open();
    await act(() => rig.actions.settled());
    expect(notifier.shown).toEqual(['bay: Made: make it night']);
  });

  it('is not shown where the browser refuses, and the page says so', async () => {
    const notifier = notifierThat(false);
    const { user, rig, page } = await openPage(await readyRig(), { notifier });
    const open = await making(rig);
    await user.click(screen.getByRole('checkbox', { name: 'Tell me when it is done' }));
    expect(await screen.findByText(/does not allow notifications/)).toBeTruthy();
    expect(page.view.getState().isNotifying).toBe(false);
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    open();
    await act(() => rig.actions.settled());
    expect(notifier.shown).toEqual([]);
  });
});
