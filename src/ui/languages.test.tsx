import { act, fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { readyRig } from '../session/testing/editor.ts';
import { openPage } from './testing/openPage.tsx';
import { createViewStore } from './view.ts';

describe('the language', () => {
  it('changes all of the page at once, is that of the document, and is remembered', async () => {
    const { user, choices } = await openPage();
    expect(document.documentElement.lang).toBe('en-GB');
    await user.click(screen.getByRole('button', { name: 'More' }));
    await user.click(screen.getByRole('radio', { name: '中文' }));
    expect(document.documentElement.lang).toBe('zh-Hans');
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('一句话，改一次图片');
    expect(screen.queryByText('This device')).toBeNull();
    expect(choices.get('language')).toBe('zh');
    await user.click(screen.getByRole('radio', { name: 'English' }));
    expect(screen.getByText('This device')).toBeTruthy();
  });

  it('begins with what was chosen, before what the browser reads', () => {
    const store = (choice: string | null) =>
      createViewStore({ read: () => choice, write: () => undefined }, ['zh-CN', 'en']);
    expect([store(null), store('en')].map((view) => view.getState().language)).toEqual(['zh', 'en']);
  });

  it('leaves the words for the model English and says so', async () => {
    const { page, rig } = await openPage(await readyRig());
    act(() => page.view.setState({ language: 'zh' }));
    const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: '想改变什么' });
    expect([field.lang, field.placeholder]).toEqual(['en', '想改变什么？请用英文写']);
    expect(screen.getByRole('button', { name: 'add a red cup' }).lang).toBe('en');
    await act(async () => {
      rig.actions.setInstruction('加一只猫');
      await rig.actions.settled();
    });
    expect(await screen.findByText(/模型只懂英文/)).toBeTruthy();
  });
});

describe('an input method', () => {
  const composing = [{ isComposing: true }, { keyCode: 229 }];

  it.each(composing)('may use Enter inside a number field without settling it: %o', async (how) => {
    const { user } = await openPage(await readyRig());
    const seed = screen.getByRole<HTMLInputElement>('textbox', { name: 'Seed' });
    await user.type(seed, '7x');
    const isLeft = fireEvent.keyDown(seed, { key: 'Enter', ...how });
    expect([isLeft, seed.value]).toEqual([false, '7x']);
    fireEvent.keyDown(seed, { key: 'Enter' });
    expect(seed.value).toBe('7');
  });

  it.each(composing)('may use Enter and Esc inside the name of the session: %o', async (how) => {
    const { user, rig } = await openPage(await readyRig());
    await user.click(screen.getByRole('button', { name: 'Rename the session' }));
    const name = screen.getByRole('textbox', { name: 'Name of the session' });
    fireEvent.change(name, { target: { value: '海湾' } });
    fireEvent.keyDown(name, { key: 'Enter', ...how });
    fireEvent.keyDown(name, { key: 'Escape', ...how });
    expect(document.activeElement).toBe(name);
    fireEvent.keyDown(name, { key: 'Enter' });
    expect(rig.document().name).toBe('海湾');
  });
});
