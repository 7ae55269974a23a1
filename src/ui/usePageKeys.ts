import { useEffect } from 'react';

import { runCommand } from './commands.ts';
import { commandOf } from './keymap.ts';
import { useOpen } from './open.ts';
import { usePage } from './page.ts';
import type { Command } from './shortcuts.ts';

/** A press of C shorter than this opens the comparison; a longer one only shows the picture before. */
const TAP_MS = 300;
const FIELDS = 'input:not([type=range]):not([type=radio]):not([type=checkbox]), textarea, select';
/** What keeps the keys to itself: a dialog all of them, a small panel at least the Esc that closes it. */
const DIALOG = 'dialog[open]';
const PANEL = '[popover][data-open]';
/** What the space bar presses. */
const PRESSED = 'a, button, input, textarea, select, summary, [role=treeitem], [role=option]';

/** What the arrow keys walk by itself; only the line of the film leaves them to the player. */
const WALKED = 'input[type=radio], select, [role=slider]';
const WALKS: ReadonlySet<Command> = new Set(['step-back', 'step-on', 'first-shot', 'last-shot']);

function isWithin(target: EventTarget | null, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}

/** The keys of the whole page. A dialog keeps its keys to itself. */
export function usePageKeys(): void {
  const page = usePage();
  const open = useOpen();
  useEffect(() => {
    const { view } = page;
    /** The key that is held for as long as its command is to last. */
    let held: { readonly code: string; readonly command: Command; readonly at: number } | null = null;
    const onDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || document.querySelector(DIALOG) !== null) return;
      if (event.key === 'Escape' && document.querySelector(PANEL) !== null) return;
      const { tool, keymap, mode } = view.getState();
      const isInStory = mode === 'story';
      const isComparing = tool === 'compare' && !isInStory;
      const isInField = isWithin(event.target, FIELDS);
      const command = commandOf(event, keymap, { isInField, isComparing, isInStory });
      if (command === null) return;
      if ((command === 'hold-hand' || command === 'play') && isWithin(event.target, PRESSED)) return;
      if (WALKS.has(command) && isWithin(event.target, WALKED)) return;
      if (!isInStory && (command === 'compare' || command === 'hold-hand')) {
        if (!event.repeat) held = { code: event.code, command, at: event.timeStamp };
        if (command === 'compare') view.setState({ isPeeking: !isComparing });
        else runCommand(page, open, command);
        event.preventDefault();
      } else if (runCommand(page, open, command)) event.preventDefault();
    };
    const letGo = (): void => view.setState({ isPeeking: false, isPanning: false });
    const onUp = (event: KeyboardEvent): void => {
      if (held === null || event.code !== held.code) return;
      const isTap = event.timeStamp - held.at < TAP_MS;
      const { command } = held;
      held = null;
      letGo();
      if (isTap && command === 'compare') runCommand(page, open, command);
    };
    window.addEventListener('keydown', onDown);
    window.addEventListener('keyup', onUp);
    window.addEventListener('blur', letGo);
    return () => {
      window.removeEventListener('keydown', onDown);
      window.removeEventListener('keyup', onUp);
      window.removeEventListener('blur', letGo);
    };
  }, [page, open]);
}
