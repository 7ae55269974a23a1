/** What can be seen of the work while the person looks elsewhere: the title of the tab, and a notification. */
import { useEffect } from 'react';

import { selectDocument } from '../session/selectors.ts';
import type { EditorState } from '../session/state.ts';
import { titleOf } from './announcements.ts';
import type { Messages } from './messages/en.ts';
import { messagesOf } from './messages/useMessages.ts';
import { usePage } from './page.ts';
import { turnTitle } from './words.ts';

/** A title that changes faster is read by nobody and costs the browser a redraw each time. */
const TITLE_MS = 1000;

/** The end of all work, in words; null for anything else. */
function endOf(before: EditorState, now: EditorState, { side }: Messages): string | null {
  if (before.run.status !== 'running' || now.run.status !== 'idle' || now.queue.length > 0) return null;
  const { turnId } = before.run;
  const turn = selectDocument(now)?.turns.find(({ id }) => id === turnId);
  if (turn?.state.status === 'done') return side.notified(turnTitle(turn));
  return turn?.state.status === 'failed' ? side.notifiedFailed(turnTitle(turn)) : null;
}

/** Keeps the title of the tab at what is being made, and tells of its end where that was asked for. */
export function useTabTitle(): void {
  const { editor, view, notifier } = usePage();
  useEffect(() => {
    let writtenAt = -Infinity;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const write = (): void => {
      timer = null;
      writtenAt = performance.now();
      document.title = titleOf(editor.state.getState());
    };
    write();
    const stop = editor.state.subscribe((now, before) => {
      if (titleOf(now) !== titleOf(before) && timer === null) {
        const wait = writtenAt + TITLE_MS - performance.now();
        if (wait <= 0) write();
        else timer = setTimeout(write, wait);
      }
      const words = endOf(before, now, messagesOf(view));
      const isAway = document.visibilityState === 'hidden' && view.getState().isNotifying;
      if (words !== null && isAway) notifier?.show(selectDocument(now)?.name ?? '', words);
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [editor, view, notifier]);
}
