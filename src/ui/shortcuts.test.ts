import { describe, expect, it } from 'vitest';

import {
  commandOf,
  keyOf,
  keysOf,
  readKeymap,
  rebind,
  STANDARD_KEYS,
  takenBy,
  type Keymap,
} from './keymap.ts';
import { keyText, matches, SHORTCUTS, type Command, type Key, type KeyPress } from './shortcuts.ts';

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

const pressOf = ({ key, ctrl, shift, alt }: Key): KeyPress =>
  press({ key, code: key, ctrlKey: ctrl ?? false, shiftKey: shift ?? false, altKey: alt ?? false });

const anywhere = { isInField: false, isComparing: false, isInStory: false };
const all = SHORTCUTS.flatMap((shortcut) =>
  shortcut.keys.map((key) => ({ ...shortcut, key, shown: keyText(key, false) })),
);
const place = (shortcut: (typeof SHORTCUTS)[number]) => ({
  isInField: false,
  isComparing: shortcut.whileComparing === true,
  isInStory: shortcut.inStory === true,
});
const keysFor = (map: Keymap, command: Command): readonly Key[] =>
  SHORTCUTS.filter((shortcut) => shortcut.command === command).flatMap((shortcut) => keysOf(map, shortcut));

describe('shortcuts', () => {
  it.each(all)('do what the help sheet says: $command, $shown', (shortcut) => {
    expect(commandOf(pressOf(shortcut.key), STANDARD_KEYS, place(shortcut))).toBe(shortcut.command);
  });

  it.each(all)('keep out of fields unless they say so: $command, $shown', (shortcut) => {
    const inField = { ...place(shortcut), isInField: true };
    expect(commandOf(pressOf(shortcut.key), STANDARD_KEYS, inField)).toBe(
      shortcut.inFields ? shortcut.command : null,
    );
  });

  it.each(all)('never act while an input method composes: $command, $shown', ({ key }) => {
    expect(commandOf({ ...pressOf(key), isComposing: true }, STANDARD_KEYS, anywhere)).toBeNull();
    expect(commandOf({ ...pressOf(key), keyCode: 229 }, STANDARD_KEYS, anywhere)).toBeNull();
  });

  it('have no key twice', () => {
    for (const { command, key } of all) expect(takenBy(pressOf(key), STANDARD_KEYS, command)).toBeNull();
  });

  it('follow the letter of the layout and the place of the brackets', () => {
    const of = (change: Partial<KeyPress>) => commandOf(press(change), STANDARD_KEYS, anywhere);
    expect(of({ key: 'z', code: 'KeyY', ctrlKey: true })).toBe('undo');
    expect(of({ key: 'ü', code: 'BracketLeft' })).toBe('smaller');
    expect(of({ key: '{', code: 'BracketLeft', shiftKey: true })).toBe('harder');
    expect(of({ key: '?', code: 'Minus', shiftKey: true })).toBe('help');
  });

  it('mean something else while comparing where they say so', () => {
    const m = press({ key: 'm' });
    expect(commandOf(m, STANDARD_KEYS, anywhere)).toBe('rectangle');
    expect(commandOf(m, STANDARD_KEYS, { ...anywhere, isComparing: true })).toBe('compare-mode');
  });

  it('mean something else in the story where they say so', () => {
    const space = press({ key: ' ', code: 'Space' });
    expect(commandOf(space, STANDARD_KEYS, anywhere)).toBe('hold-hand');
    expect(commandOf(space, STANDARD_KEYS, { ...anywhere, isInStory: true })).toBe('play');
    expect(commandOf(press({ key: 'Home' }), STANDARD_KEYS, anywhere)).toBeNull();
  });

  it('are written with the signs of the machine', () => {
    const [redo] = keysFor(STANDARD_KEYS, 'redo');
    expect(redo && [keyText(redo, false), keyText(redo, true)]).toEqual(['Ctrl Shift Z', '⌘ Shift Z']);
  });
});

describe('changed keys', () => {
  const b = press({ key: 'b', code: 'KeyB' });

  it('belong to one command: who had the key loses it', () => {
    expect(takenBy(b, STANDARD_KEYS, 'hand')?.command).toBe('brush');
    const map = rebind(STANDARD_KEYS, 'hand', keyOf(b) as Key, b);
    expect(commandOf(b, map, anywhere)).toBe('hand');
    expect(keysFor(map, 'brush')).toEqual([]);
    expect(commandOf(press({ key: 'h' }), map, anywhere)).toBeNull();
  });

  it('are told apart by what is held with them', () => {
    const held = press({ key: 'B', code: 'KeyB', ctrlKey: true, shiftKey: true });
    const key = keyOf(held) as Key;
    expect(keyText(key, false)).toBe('Ctrl Shift B');
    expect([matches(held, key), matches(b, key)]).toEqual([true, false]);
    expect(takenBy(held, STANDARD_KEYS, 'hand')).toBeNull();
  });

  it('are no modifiers alone, and none that the browser needs', () => {
    expect(keyOf(press({ key: 'Shift', shiftKey: true }))).toBeNull();
    for (const fixed of [{ key: 'Escape' }, { key: 'Tab' }, { key: 'w', ctrlKey: true }]) {
      expect(keyOf(press(fixed))).toBe('reserved');
    }
  });

  it('may be switched off where a single one would do something by accident', () => {
    const map = { ...STANDARD_KEYS, hasSingleKeys: false };
    expect(commandOf(b, map, anywhere)).toBeNull();
    expect(commandOf(press({ key: 'z', ctrlKey: true }), map, anywhere)).toBe('undo');
    expect(commandOf(press({ key: 'Delete' }), map, anywhere)).toBe('clear');
  });

  it('are the same after they were kept, and standard where what was kept is none', () => {
    const map = rebind({ ...STANDARD_KEYS, hasSingleKeys: false }, 'hand', keyOf(b) as Key, b);
    expect(readKeymap(JSON.stringify(map))).toEqual(map);
    for (const broken of [null, '{', '[]', '{"changed":{"brush":7,"nothing":[]}}']) {
      expect(readKeymap(broken)).toEqual(STANDARD_KEYS);
    }
  });
});
