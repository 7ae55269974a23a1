/** The keys as the person has them: the standard ones and what was changed, free of conflicts. */
import { parse } from './settings.ts';
import {
  type Command,
  type Key,
  type KeyPress,
  type Shortcut,
  isComposing,
  matches,
  SHORTCUTS,
} from './shortcuts.ts';

export interface Keymap {
  /** Only what differs from the standard; an empty list leaves a command without a key. */
  readonly changed: Readonly<Partial<Record<Command, readonly Key[]>>>;
  /** False for those to whom single keys happen by accident, as with speech input. */
  readonly hasSingleKeys: boolean;
}

export const STANDARD_KEYS: Keymap = { changed: {}, hasSingleKeys: true };

export function keysOf(map: Keymap, shortcut: Shortcut): readonly Key[] {
  return map.changed[shortcut.command] ?? shortcut.keys;
}

/** A key that writes a character by itself. */
function isSingle({ key, ctrl, alt }: Key): boolean {
  return (key.length === 1 || key.startsWith('Bracket')) && key !== ' ' && ctrl !== true && alt !== true;
}

export interface Place {
  readonly isInField: boolean;
  readonly isComparing: boolean;
  readonly isInStory: boolean;
}

/** The command of a key press, or null. Keys that mean something only while comparing or in the story come first. */
export function commandOf(
  press: KeyPress,
  map: Keymap,
  { isInField, isComparing, isInStory }: Place,
): Command | null {
  if (isComposing(press)) return null;
  const found = SHORTCUTS.filter((shortcut) => {
    if (isInField && shortcut.inFields !== true) return false;
    if ((shortcut.whileComparing && !isComparing) || (shortcut.inStory && !isInStory)) return false;
    return keysOf(map, shortcut).some((key) => (map.hasSingleKeys || !isSingle(key)) && matches(press, key));
  });
  return (found.find((one) => one.whileComparing ?? one.inStory) ?? found[0])?.command ?? null;
}

/** Keys of the browser or of every field, which no command may take. */
const RESERVED: ReadonlySet<string> = new Set(['escape', 'tab', 'enter', 'ctrl w', 'ctrl t', 'ctrl n']);
const MODIFIERS: ReadonlySet<string> = new Set(['control', 'shift', 'alt', 'meta', 'altgraph', 'dead']);

/** The key of a press, to be given to a command; 'reserved' when it may not be, null for a modifier alone. */
export function keyOf(press: KeyPress): Key | 'reserved' | null {
  const name = press.key.toLowerCase();
  if (isComposing(press) || MODIFIERS.has(name)) return null;
  const ctrl = press.ctrlKey || press.metaKey;
  if (RESERVED.has(ctrl ? `ctrl ${name}` : name)) return 'reserved';
  // A sign stands for itself; of a letter it matters whether Shift is held.
  const isSign = name.length === 1 && name.toUpperCase() === name;
  const hasShift = press.shiftKey && !isSign;
  // With Alt some systems write another letter, so the place of the key counts.
  const isPlace = press.altKey && press.code.startsWith('Key');
  const shown = name === ' ' ? 'Space' : name.replace(/^arrow/, '');
  return {
    key: isPlace ? press.code : name,
    shown: isPlace ? press.code.slice(3) : capital(shown),
    ...(ctrl && { ctrl }),
    ...(hasShift && { shift: hasShift }),
    ...(press.altKey && { alt: press.altKey }),
  };
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** What else this press would do for `command`'s place; null when it is free. */
export function takenBy(press: KeyPress, map: Keymap, command: Command): Shortcut | null {
  const mine = SHORTCUTS.find((shortcut) => shortcut.command === command);
  const other = SHORTCUTS.find(
    (shortcut) =>
      shortcut.command !== command &&
      shortcut.whileComparing === mine?.whileComparing &&
      shortcut.inStory === mine?.inStory &&
      keysOf(map, shortcut).some((key) => matches(press, key)),
  );
  return other ?? null;
}

/** Gives `command` this key and takes it away from whoever had it. */
export function rebind(map: Keymap, command: Command, key: Key, press: KeyPress): Keymap {
  const other = takenBy(press, map, command);
  const left = other === null ? {} : { [other.command]: without(keysOf(map, other), press) };
  return { ...map, changed: { ...map.changed, ...left, [command]: [key] } };
}

function without(keys: readonly Key[], press: KeyPress): readonly Key[] {
  return keys.filter((key) => !matches(press, key));
}

/** What was kept, less anything that is no key. */
export function readKeymap(kept: string | null): Keymap {
  const from = parse(kept);
  if (typeof from !== 'object' || from === null) return STANDARD_KEYS;
  const { changed, hasSingleKeys } = from as { readonly changed?: unknown; readonly hasSingleKeys?: unknown };
  const known = SHORTCUTS.flatMap(({ command }) => {
    const keys: unknown = (changed as Partial<Record<Command, unknown>> | undefined)?.[command];
    return Array.isArray(keys) && keys.every(isKey) ? [[command, keys] as const] : [];
  });
  return { changed: Object.fromEntries(known), hasSingleKeys: hasSingleKeys !== false };
}

function isKey(value: unknown): value is Key {
  const key = value as Partial<Key> | null;
  return typeof key?.key === 'string' && typeof key.shown === 'string';
}
