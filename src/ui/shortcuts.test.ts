import { describe, expect, it } from 'vitest';

import { commandOf, SHORTCUTS, shortcutText, type KeyPress } from './shortcuts.ts';

const press = (change: Partial<KeyPress>): KeyPress => ({
  key: '',
  code: '',
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  isComposing: false,
  keyCode: 0,
  ...change,
});

const pressOf = (shortcut: (typeof SHORTCUTS)[number]): KeyPress =>
  press({
    key: shortcut.key,
    code: shortcut.key,
    ctrlKey: shortcut.ctrl ?? false,
    shiftKey: shortcut.shift ?? false,
    altKey: shortcut.alt ?? false,
  });

describe('shortcuts', () => {
  it.each(SHORTCUTS)('do what the help sheet says: $does, $shown', (shortcut) => {
    expect(commandOf(pressOf(shortcut), false)).toBe(shortcut.command);
  });

  it.each(SHORTCUTS)('keep out of fields unless they say so: $does, $shown', (shortcut) => {
    expect(commandOf(pressOf(shortcut), true)).toBe(shortcut.inFields ? shortcut.command : null);
  });

  it.each(SHORTCUTS)('never act while an input method composes: $does, $shown', (shortcut) => {
    expect(commandOf({ ...pressOf(shortcut), isComposing: true }, false)).toBeNull();
    expect(commandOf({ ...pressOf(shortcut), keyCode: 229 }, false)).toBeNull();
  });

  it('follow the letter of the layout and the place of the brackets', () => {
    expect(commandOf(press({ key: 'z', code: 'KeyY', ctrlKey: true }), false)).toBe('undo');
    expect(commandOf(press({ key: 'ü', code: 'BracketLeft' }), false)).toBe('smaller');
    expect(commandOf(press({ key: '?', code: 'Minus', shiftKey: true }), false)).toBe('help');
  });

  it('are written with the signs of the machine', () => {
    const redo = SHORTCUTS.find(({ command }) => command === 'redo');
    expect(redo && [shortcutText(redo, false), shortcutText(redo, true)]).toEqual([
      'Ctrl Shift Z',
      '⌘ Shift Z',
    ]);
  });
});
