import { keysOf } from './keymap.ts';
import { useView } from './page.ts';
import { keyText, SHORTCUTS, type Command } from './shortcuts.ts';

export const isMac = /mac|iphone|ipad/i.test(navigator.userAgent);

/** The key of a command as the person has it, empty when it has none. */
export function useKeyText(command: Command): string {
  const keymap = useView((state) => state.keymap);
  const shortcut = SHORTCUTS.find((one) => one.command === command);
  const [key] = shortcut === undefined ? [] : keysOf(keymap, shortcut);
  return key === undefined ? '' : keyText(key, isMac);
}

/** "Invert the region (Ctrl Shift I)" for a tooltip. */
export function useKeyTitle(words: string, command: Command): string {
  const text = useKeyText(command);
  return text === '' ? words : `${words} (${text})`;
}
