import { useRef, type KeyboardEvent } from 'react';

import { type GroupId, type SessionDocument, type TurnId, turnOf } from '../../../session/document.ts';
import { wayOf, waysOf } from '../../../session/groups.ts';
import { isUnder } from '../../../session/tree.ts';
import { goToWords } from '../../commands.ts';
import { useMessages } from '../../messages/useMessages.ts';
import { useActions, useEditor, usePage } from '../../page.ts';
import { Icon } from '../../parts/Icon.tsx';
import { speak } from '../../view.ts';
import { turnTitle } from '../../words.ts';
import { lineTo } from '../turnLine.ts';
import { letterOf } from './letterOf.ts';

interface QueueProps {
  readonly document: SessionDocument;
  /** The ways of this group are shown elsewhere. */
  readonly exceptGroup?: GroupId | undefined;
}

/** What waits, first to be made first: sooner, later, out. Empty when nothing does. */
export function Queue({ document, exceptGroup }: QueueProps) {
  const m = useMessages();
  const { desk, side } = m;
  const actions = useActions();
  const { editor, view } = usePage();
  const list = useRef<HTMLOListElement>(null);
  const all = useEditor((state) => state.queue);
  const queue = all.filter((id) => {
    const turn = document.turns.find((one) => one.id === id);
    return turn !== undefined && (exceptGroup === undefined || turn.groupId !== exceptGroup);
  });
  if (queue.length === 0) return null;

  const focusRow = (index: number): void => {
    const rows = list.current?.querySelectorAll<HTMLElement>(':scope > li') ?? [];
    const row = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    if (row === undefined) goToWords();
    else row.focus();
  };
  /** A turn stays behind the one that it is made from. */
  const canMove = (index: number, by: 1 | -1): boolean => {
    const [id, other] = [queue[index], queue[index + by]];
    if (id === undefined || other === undefined) return false;
    const [below, above] = by === 1 ? [other, id] : [id, other];
    return !isUnder(document, below, above);
  };
  const move = (index: number, by: 1 | -1): void => {
    const [id, other] = [queue[index], queue[index + by]];
    if (id === undefined || other === undefined || !canMove(index, by)) return;
    // What is shown elsewhere may stand between the two.
    actions.moveInQueue(id, all.indexOf(other) - all.indexOf(id));
    const now = editor.state.getState().queue;
    speak(view, side.atPlace(now.indexOf(id) + 1, now.length));
  };
  const remove = (id: TurnId, index: number): void => {
    actions.cancel(id);
    // With it went what was to be made from it, so the focus goes to the next one that is left.
    const left = editor.state.getState().queue;
    const isLeft = (one: TurnId): boolean => left.includes(one);
    const after = queue.slice(index + 1).find(isLeft) ?? queue.findLast(isLeft);
    if (after === undefined) goToWords();
    else focusRow(queue.indexOf(after));
  };
  const clear = (): void => {
    if (exceptGroup === undefined) actions.clearQueue();
    else queue.forEach((id) => actions.cancel(id));
    goToWords();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>, id: TurnId, index: number): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : null;
    if (step !== null && event.shiftKey) move(index, step);
    else if (step !== null && event.target === event.currentTarget) focusRow(index + step);
    else if (event.key === 'Delete') remove(id, index);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section className="side-queue" aria-label={desk.next}>
      <div className="side-head">
        <h2>{desk.next}</h2>
        <span className="quiet small">{m.turns(queue.length)}</span>
        <button type="button" className="word-button push" title={side.clearTitle} onClick={clear}>
          {side.clear}
        </button>
      </div>
      <ol ref={list} className="queue">
        {queue.map((id, index) => {
          const turn = turnOf(document, id);
          const words = turnTitle(turn);
          const place = lineTo(document, turn.parentId).at(-1)?.number ?? 0;
          const ways = waysOf(document, id);
          const way = ways.findIndex(({ root }) => root.id === wayOf(document, id).id);
          return (
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the row has keys of its own, and buttons for each
            <li
              key={id}
              // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- arrow keys walk the rows and Shift moves them
              tabIndex={0}
              aria-label={side.queueRow(index + 1, words)}
              aria-keyshortcuts="Shift+ArrowUp Shift+ArrowDown Delete"
              onKeyDown={(event) => onKeyDown(event, id, index)}
            >
              <p className="turn-words" lang="en">
                {words}
              </p>
              <button
                type="button"
                className="icon-button"
                aria-label={desk.unqueueOne(words)}
                title={side.unqueueTitle}
                onClick={() => remove(id, index)}
              >
                <Icon name="close" />
              </button>
              <span className="queue-place">
                <span>
                  {place === 0 ? side.afterStart : side.after(place)}
                  {ways.length > 1 && `${m.comma}${side.ofWay(letterOf(way))}`}
                </span>
                {canMove(index, -1) && (
                  <button
                    type="button"
                    className="icon-button"
                    aria-label={side.sooner(words)}
                    title={side.soonerTitle}
                    onClick={() => move(index, -1)}
                  >
                    <Icon name="up" />
                  </button>
                )}
                {canMove(index, 1) && (
                  <button
                    type="button"
                    className="icon-button"
                    aria-label={side.later(words)}
                    title={side.laterTitle}
                    onClick={() => move(index, 1)}
                  >
                    <Icon name="down" />
                  </button>
                )}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
