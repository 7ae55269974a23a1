import { useEffect } from 'react';

import { selectCanCompare } from '../session/selectors.ts';
import { runCommand } from './commands.ts';
import { useOpen } from './open.ts';
import { usePage } from './page.ts';
import { commandOf } from './shortcuts.ts';

/** A press of C shorter than this opens the comparison; a longer one only shows the picture before. */
const TAP_MS = 300;
const FIELDS = 'input:not([type=range]):not([type=radio]):not([type=checkbox]), textarea, select';

/** The keys of the whole page. A dialog keeps its keys to itself. */
export function usePageKeys(): void {
  const page = usePage();
  const open = useOpen();
  useEffect(() => {
    const { view, editor } = page;
    let pressedAt: number | null = null;
    const onDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return;
      const isInField = event.target instanceof Element && event.target.closest(FIELDS) !== null;
      const command = commandOf(event, isInField);
      if (command === null) return;
      if (command === 'compare') {
        if (!event.repeat) pressedAt = event.timeStamp;
        view.setState({ isPeeking: view.getState().tool !== 'compare' });
      } else if (runCommand(page, open, command)) event.preventDefault();
    };
    const onUp = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'c' || pressedAt === null) return;
      const isTap = event.timeStamp - pressedAt < TAP_MS;
      pressedAt = null;
      view.setState({ isPeeking: false });
      if (isTap && selectCanCompare(editor.state.getState())) runCommand(page, open, 'compare');
    };
    const onBlur = (): void => view.setState({ isPeeking: false });
    window.addEventListener('keydown', onDown);
    window.addEventListener('keyup', onUp);
    window.addEventListener('blur', onBlur);
    return () => {
      window.removeEventListener('keydown', onDown);
      window.removeEventListener('keyup', onUp);
      window.removeEventListener('blur', onBlur);
    };
  }, [page, open]);
}
