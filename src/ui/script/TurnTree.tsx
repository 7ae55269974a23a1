import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';

import { turnOf, type NodeId, type SessionDocument } from '../../session/document.ts';
import { followEnd } from '../canvas/turnLine.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, usePage, useView } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { isComposing } from '../shortcuts.ts';
import { treeRows } from './treeRows.ts';
import { TurnRow } from './TurnRow.tsx';

interface TurnTreeProps {
  readonly document: SessionDocument;
}

const keyOf = (id: NodeId): string => id ?? 'start';

/** The script: all turns of the session, walked with the arrow keys. */
export function TurnTree({ document }: TurnTreeProps) {
  const { view } = usePage();
  const actions = useActions();
  const m = useMessages();
  const isTreeOpen = useView((state) => state.isTreeOpen);
  const scroll = useRef<HTMLDivElement>(null);
  const [end, setEnd] = useState<NodeId>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [isScrolled, setIsScrolled] = useState(false);
  const [focused, setFocused] = useState<string | null>(null);
  const [isNaming, setIsNaming] = useState(false);

  const nextEnd = followEnd(document, end, document.current);
  if (nextEnd !== end) setEnd(nextEnd);
  const rows = useMemo(() => treeRows(document, nextEnd, open), [document, nextEnd, open]);
  const here = keyOf(document.current);
  const tabStop = rows.some((row) => keyOf(row.place.id) === focused) ? focused : here;

  // The line being written grows and shrinks below; the present turn must not slip under it.
  useEffect(() => {
    const list = scroll.current;
    if (list === null) return;
    const observer = new ResizeObserver(() =>
      list.querySelector('.is-here')?.scrollIntoView({ block: 'nearest' }),
    );
    observer.observe(list);
    return () => observer.disconnect();
  }, []);

  const focusRow = (index: number): void => {
    const row = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    if (row === undefined) return;
    setFocused(keyOf(row.place.id));
    scroll.current?.querySelector<HTMLElement>(`[data-row="${keyOf(row.place.id)}"]`)?.focus();
  };
  const fold = (id: NodeId, isOpen: boolean): void => {
    const next = new Set(open);
    if (isOpen) next.add(keyOf(id));
    else next.delete(keyOf(id));
    setOpen(next);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const index = rows.findIndex(
      (row) => keyOf(row.place.id) === (event.target as HTMLElement).dataset['row'],
    );
    const row = rows[index];
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    switch (event.key) {
      case 'ArrowDown':
        focusRow(index + 1);
        break;
      case 'ArrowUp':
        focusRow(index - 1);
        break;
      case 'Home':
        focusRow(0);
        break;
      case 'End':
        focusRow(rows.length - 1);
        break;
      case 'ArrowRight':
        if (row.isOpen === false) fold(row.place.id, true);
        else focusRow(index + 1);
        break;
      case 'ArrowLeft':
        if (row.isOpen === true) fold(row.place.id, false);
        else focusRow(rows.findLastIndex((above, at) => at < index && above.level < row.level));
        break;
      case 'Enter':
      case ' ':
        actions.goTo(row.target);
        break;
      case 'Delete':
        if (row.place.id !== null) actions.deleteTurn(row.place.id);
        break;
      case 'F2':
        if (row.place.id !== null) actions.reviseTurn(row.place.id);
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  const wasOf = (revisedFrom: string | undefined, words: string): string | null => {
    const old = document.turns.find((turn) => turn.id === revisedFrom);
    return old === undefined || old.instruction === words ? null : old.instruction;
  };

  return (
    <div className={isTreeOpen ? 'script-tree is-open' : 'script-tree'}>
      <div className="script-head">
        {isNaming ? (
          <input
            className="text-input"
            aria-label={m.script.sessionName}
            defaultValue={document.name}
            ref={(input) => input?.focus()}
            onBlur={(event) => {
              if (event.target.value.trim() !== '') actions.renameSession(event.target.value.trim());
              setIsNaming(false);
            }}
            onKeyDown={(event) => {
              if (isComposing(event.nativeEvent)) return;
              if (event.key === 'Enter') event.currentTarget.blur();
              if (event.key === 'Escape') setIsNaming(false);
            }}
          />
        ) : (
          <>
            <h1>{document.name}</h1>
            <span className="quiet small">{m.turns(document.turns.length)}</span>
            <button
              type="button"
              className="icon-button push"
              aria-label={m.script.rename}
              title={m.script.rename}
              onClick={() => setIsNaming(true)}
            >
              <Icon name="pen" />
            </button>
          </>
        )}
        <button
          type="button"
          className="icon-button script-close"
          aria-label={m.script.closeTurns}
          onClick={() => view.setState({ isTreeOpen: false })}
        >
          <Icon name="close" />
        </button>
      </div>
      <div
        ref={scroll}
        className={isScrolled ? 'turn-scroll is-scrolled' : 'turn-scroll'}
        onScroll={(event) => setIsScrolled(event.currentTarget.scrollTop > 0)}
      >
        <ol className="turns" role="tree" aria-label={m.script.turns} onKeyDown={onKeyDown}>
          {rows.map((row, index) => {
            const { place } = row;
            return (
              <TurnRow
                key={keyOf(place.id)}
                row={row}
                rowKey={keyOf(place.id)}
                isHere={keyOf(place.id) === here}
                isTabStop={keyOf(place.id) === tabStop}
                age={Math.min(Math.abs(rows.findIndex((other) => keyOf(other.place.id) === here) - index), 4)}
                startNote={document.root.kind === 'words' ? m.composer.fromWords : document.root.name}
                was={place.turn === null ? null : wasOf(place.turn.revisedFrom, place.turn.instruction)}
                branchTitle={
                  row.isOpen === false
                    ? turnOf(document, row.target as NonNullable<NodeId>).instruction
                    : null
                }
                onShow={() => {
                  actions.goTo(row.target);
                  setFocused(keyOf(place.id));
                  view.setState({ isTreeOpen: false });
                }}
                onFold={row.isOpen === null ? null : () => fold(place.id, row.isOpen !== true)}
              />
            );
          })}
        </ol>
      </div>
    </div>
  );
}
