import { useEffect, useLayoutEffect, useRef, type KeyboardEvent } from 'react';

import { findTurn, type SessionDocument, type Turn } from '../../session/document.ts';
import { replayed } from '../../session/replay.ts';
import { pathTo, subtreeOf } from '../../session/tree.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, usePage } from '../page.ts';
import { Icon, type IconName } from '../parts/Icon.tsx';
import { chooseTool } from '../view.ts';

interface TurnMenuProps {
  readonly document: SessionDocument;
  readonly turn: Turn;
  /** Where it opens, in CSS pixels of the window. */
  readonly at: { readonly x: number; readonly y: number };
  readonly onClose: (isLeaving?: 'to-words' | 'to-name') => void;
  readonly onDelete: (turn: Turn) => void;
}

interface Item {
  readonly icon: IconName;
  readonly text: string;
  readonly keys?: string;
  readonly act: () => 'to-words' | 'to-name' | void;
}

/** The turn that this one was made to be held against; null when it is gone or has no picture. */
export function earlierOf(document: SessionDocument, turn: Turn): Turn | null {
  const id = turn.replayOf ?? turn.rebaseOf ?? turn.revisedFrom;
  const earlier = id === undefined ? undefined : findTurn(document, id);
  const hasBoth = earlier?.state.status === 'done' && turn.state.status === 'done';
  return hasBoth ? earlier : null;
}

/** What the menu of a turn offers, in groups: only what can be done with it as it is. */
function useItems(
  document: SessionDocument,
  turn: Turn,
  onDelete: (turn: Turn) => void,
): readonly (readonly Item[])[] {
  const { view } = usePage();
  const actions = useActions();
  const { script: m } = useMessages();
  const { id, isStarred, isArchived, isDiscarded } = turn;
  const { status } = turn.state;
  const isMade = status === 'done';
  const isOver = status !== 'running' && status !== 'draft';
  const earlier = earlierOf(document, turn);
  const isLater = pathTo(document, id).length > 1;
  const reword = (replaying: Turn['id'] | null) => (): 'to-words' => {
    actions.reviseTurn(id);
    view.setState({ replaying });
    return 'to-words';
  };
  const compare = (): void => {
    if (earlier === null) return;
    actions.goTo(id);
    chooseTool(view, 'compare');
    view.setState({ comparison: { before: earlier.id, after: id, line: 0.5 }, compareMode: 'side' });
  };
  const when = (isOffered: boolean, item: Item): readonly Item[] => (isOffered ? [item] : []);
  const isFailed = status === 'failed' || status === 'cancelled';
  return [
    [
      ...when(isFailed, { icon: 'again', text: m.tryAgain, act: () => void actions.retryTurn(id) }),
      ...when(isOver, { icon: 'pen', text: m.reword, act: reword(null) }),
      ...when(isMade && replayed(document, id).length > 0, {
        icon: 'redo',
        text: m.editAndReplay,
        act: reword(id),
      }),
      ...when(isMade && isLater, { icon: 'again', text: m.rebase, act: () => void actions.rebase(id) }),
      ...when(isMade && isLater, {
        icon: 'fork',
        text: m.merge,
        act: () => void actions.rebase(id, 'merged'),
      }),
      ...when(earlier !== null, { icon: 'compare', text: m.compareOld, act: compare }),
    ],
    [
      { icon: 'star', text: isStarred ? m.unstar : m.star, act: () => actions.starTurn(id, !isStarred) },
      { icon: 'pen', text: m.renameTurn, keys: 'F2', act: () => 'to-name' },
      ...when(isOver, {
        icon: isArchived || isDiscarded ? 'undo' : 'disk',
        text: isArchived || isDiscarded ? m.restore : m.archive,
        act: () => {
          if (isDiscarded) actions.discard(id, false);
          if (isArchived || !isDiscarded) actions.archiveTurn(id, !isArchived);
        },
      }),
      ...when(isOver, {
        icon: 'close',
        text: m.deleteTurn(subtreeOf(document, id).length),
        keys: 'Del',
        act: () => onDelete(turn),
      }),
    ],
  ];
}

/** All that can be done with one turn. */
export function TurnMenu({ document, turn, at, onClose, onDelete }: TurnMenuProps) {
  const groups = useItems(document, turn, onDelete).filter((group) => group.length > 0);
  const m = useMessages();
  const menu = useRef<HTMLDivElement>(null);
  // Whoever takes the focus from a menu that closes must keep it.
  const isClosed = useRef(false);
  const close = (leaving?: 'to-words' | 'to-name'): void => {
    if (isClosed.current) return;
    isClosed.current = true;
    onClose(leaving);
  };
  useLayoutEffect(() => {
    const box = menu.current?.getBoundingClientRect();
    if (box === undefined || menu.current === null) return;
    const [most, lowest] = [window.innerWidth - box.width - 4, window.innerHeight - box.height - 4];
    menu.current.style.left = `${Math.max(4, Math.min(at.x, most))}px`;
    menu.current.style.top = `${Math.max(4, Math.min(at.y, lowest))}px`;
  }, [at]);
  useEffect(() => menu.current?.querySelector('button')?.focus(), []);

  const onKeyDown = (event: KeyboardEvent): void => {
    const items = [...(menu.current?.querySelectorAll('button') ?? [])];
    const here = items.indexOf(event.target as HTMLButtonElement);
    const to: Readonly<Record<string, number>> = {
      ArrowDown: here + 1,
      ArrowUp: here - 1,
      Home: 0,
      End: -1,
    };
    const next = to[event.key];
    if (next !== undefined) items.at(next % items.length)?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={menu}
      className="turn-menu"
      role="menu"
      tabIndex={-1}
      aria-label={turn.name ?? turn.instruction}
      style={{ left: at.x, top: at.y }}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) close();
      }}
    >
      {groups.map((group) => (
        <div key={group[0]?.text} role="group" aria-label={m.script.menuTitle}>
          {group.map(({ icon, text, keys, act }) => (
            <button
              key={text}
              type="button"
              role="menuitem"
              className="turn-menu-item"
              tabIndex={-1}
              onClick={() => close(act() ?? undefined)}
            >
              <Icon name={icon} />
              {text}
              {keys !== undefined && <kbd className="push">{keys}</kbd>}
            </button>
          ))}
        </div>
      ))}
    </div>
  );
}
