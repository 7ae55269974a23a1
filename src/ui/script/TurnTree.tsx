import {
  memo,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
} from 'react';

import {
  findTurn,
  turnOf,
  type NodeId,
  type SessionDocument,
  type Turn,
  type TurnId,
} from '../../session/document.ts';
import { subtreeOf } from '../../session/tree.ts';
import { followEnd } from '../canvas/turnLine.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, useEditor, usePage, useView } from '../page.ts';
import { chooseTool } from '../view.ts';
import { ScriptHead, SearchBox } from './ScriptHead.tsx';
import { foundRows, keyOf, treeRows, type TreeRow } from './treeRows.ts';
import { earlierOf, TurnMenu } from './TurnMenu.tsx';
import { FoldRow, TurnRow, type RowAct } from './TurnRow.tsx';

interface TurnTreeProps {
  readonly document: SessionDocument;
}

interface OpenMenu {
  readonly turn: Turn;
  readonly at: { readonly x: number; readonly y: number };
}

const near = (element: Element): OpenMenu['at'] => {
  const { left, bottom } = element.getBoundingClientRect();
  return { x: left, y: bottom };
};

/** The script: all turns of the session, walked with the arrow keys. Words of the line being written change none of it. */
export const TurnTree = memo(
  Tree,
  ({ document: a }, { document: b }) =>
    a.turns === b.turns && a.current === b.current && a.root === b.root && a.name === b.name && a.id === b.id,
);

function Tree({ document }: TurnTreeProps) {
  const { view } = usePage();
  const actions = useActions();
  const m = useMessages();
  const isTreeOpen = useView((state) => state.isTreeOpen);
  const query = useView((state) => state.query);
  const mayUndoDelete = useEditor((state) => state.undoLabel === 'delete-turn');
  const tree = useRef<HTMLDivElement>(null);
  const scroll = useRef<HTMLDivElement>(null);
  const [end, setEnd] = useState<NodeId>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [isScrolled, setIsScrolled] = useState(false);
  const [focused, setFocused] = useState<string | null>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const [deleted, setDeleted] = useState(0);
  /** The row that takes the focus once it is drawn. */
  const focusNext = useRef<string | null>(null);

  const setQuery = (words: string | null): void => view.setState({ query: words });
  // Another session is searched anew.
  useEffect(() => () => view.setState({ query: null }), [view]);

  const nextEnd = followEnd(document, end, document.current);
  if (nextEnd !== end) setEnd(nextEnd);
  const isSearching = query !== null && query.trim() !== '';
  const rows = useMemo(
    (): readonly TreeRow[] => (isSearching ? foundRows(document, query) : treeRows(document, nextEnd, open)),
    [document, isSearching, query, nextEnd, open],
  );
  const here = keyOf(document.current);
  const hereIndex = rows.findIndex(({ key }) => key === here);
  const tabStop = [focused, here].find((key) => rows.some((row) => row.key === key)) ?? rows[0]?.key;

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
  const rowElement = (key: string): HTMLElement | null =>
    tree.current?.querySelector<HTMLElement>(`[data-row="${key}"]`) ?? null;
  useEffect(() => {
    if (focusNext.current === null || menu !== null || renaming !== null) return;
    rowElement(focusNext.current)?.focus();
    focusNext.current = null;
  });

  const focusRow = (index: number): void => {
    const row = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    if (row !== undefined) rowElement(row.key)?.focus();
  };
  const fold = (row: TreeRow): void => {
    const next = new Set(open);
    if (row.isOpen === true) next.delete(row.key);
    else next.add(row.key);
    setOpen(next);
  };
  const rename = useCallback(
    (id: TurnId, name: string | null): void => {
      if (name !== null) actions.renameTurn(id, name === turnOf(document, id).instruction ? '' : name);
      focusNext.current = id;
      setRenaming(null);
    },
    [actions, document],
  );
  const remove = (turn: Turn): void => {
    setDeleted(subtreeOf(document, turn.id).length);
    focusNext.current = keyOf(turn.parentId);
    actions.deleteTurn(turn.id);
  };
  const act = (row: TreeRow, what: RowAct | 'show', from: Element): void => {
    if (what === 'fold' || row.kind !== 'turn') {
      fold(row);
      return;
    }
    const { turn } = row.place;
    if (what === 'show') {
      actions.goTo(row.target);
      view.setState({ isTreeOpen: false });
      return;
    }
    if (turn === null) return;
    if (what === 'menu') setMenu({ turn, at: near(from) });
    else if (what === 'retry') actions.retryTurn(turn.id);
    else if (what === 'unqueue') actions.cancel(turn.id);
    else {
      chooseTool(view, 'compare');
      const before = earlierOf(document, turn)?.id ?? null;
      view.setState({ comparison: { before, after: turn.id, line: 0.5 }, compareMode: 'side' });
    }
  };
  const rowOf = (target: EventTarget): TreeRow | undefined => {
    const key = (target as Element).closest<HTMLElement>('[data-row]')?.dataset['row'];
    return rows.find((row) => row.key === key);
  };
  const onClick = (event: MouseEvent): void => {
    const row = rowOf(event.target);
    const target = event.target as Element;
    if (row === undefined || target.closest('input') !== null) return;
    const button = target.closest<HTMLElement>('[data-act]');
    act(row, (button?.dataset['act'] as RowAct | undefined) ?? 'show', button ?? target);
  };
  const openMenu = (row: TreeRow | undefined, at: OpenMenu['at']): boolean => {
    if (row?.kind !== 'turn' || row.place.turn === null) return false;
    setMenu({ turn: row.place.turn, at });
    return true;
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const target = event.target as HTMLElement;
    const index = rows.findIndex(({ key }) => key === target.dataset['row']);
    const row = rows[index];
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const turn = row.kind === 'turn' ? row.place.turn : null;
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
        if (row.isOpen === false) fold(row);
        else focusRow(index + 1);
        break;
      case 'ArrowLeft':
        if (row.isOpen === true) fold(row);
        else focusRow(rows.findLastIndex((above, at) => at < index && above.level < row.level));
        break;
      case 'Enter':
      case ' ':
        act(row, 'show', target);
        break;
      case 'Delete':
        if (turn !== null) remove(turn);
        break;
      case 'F2':
        if (turn !== null) setRenaming(row.key);
        break;
      case 'ContextMenu':
        openMenu(row, near(target));
        break;
      case 'F10':
        if (!event.shiftKey || !openMenu(row, near(target))) return;
        break;
      default:
        return;
    }
    event.preventDefault();
  };
  const closeMenu = (leaving?: 'to-words' | 'to-name'): void => {
    const id = menu?.turn.id ?? null;
    setMenu(null);
    if (leaving === 'to-words') {
      view.setState({ isTreeOpen: false });
      window.document.getElementById('words')?.focus();
    } else if (leaving === 'to-name') setRenaming(id);
    else focusNext.current ??= id;
  };
  const wasOf = ({ revisedFrom, instruction }: Turn): string | null => {
    const old = revisedFrom === undefined ? undefined : findTurn(document, revisedFrom);
    return old === undefined || old.instruction === instruction ? null : old.instruction;
  };

  return (
    <div ref={tree} className={isTreeOpen ? 'script-tree is-open' : 'script-tree'}>
      <ScriptHead document={document} query={query} onQuery={setQuery} />
      {query !== null && <SearchBox query={query} found={isSearching ? rows.length : 0} onQuery={setQuery} />}
      <div
        ref={scroll}
        className={isScrolled ? 'turn-scroll is-scrolled' : 'turn-scroll'}
        onScroll={(event) => setIsScrolled(event.currentTarget.scrollTop > 0)}
      >
        <ol
          className={isSearching ? 'turns is-found' : 'turns'}
          role="tree"
          aria-label={m.script.turns}
          onKeyDown={onKeyDown}
          onClick={onClick}
          onFocus={(event) => setFocused(rowOf(event.target)?.key ?? null)}
          onContextMenu={(event) => {
            if (openMenu(rowOf(event.target), { x: event.clientX, y: event.clientY })) event.preventDefault();
          }}
        >
          {rows.map((row, index) =>
            row.kind !== 'turn' ? (
              <FoldRow key={row.key} row={row} isTabStop={row.key === tabStop} />
            ) : (
              <TurnRow
                key={row.key}
                row={row}
                isHere={row.key === here}
                isTabStop={row.key === tabStop}
                isRenaming={row.key === renaming}
                age={Math.min(Math.abs(hereIndex - index), 4)}
                startNote={document.root.kind === 'words' ? m.composer.fromWords : document.root.name}
                was={row.place.turn === null || row.level > 1 ? null : wasOf(row.place.turn)}
                branchTitle={
                  row.isOpen === false && row.level > 1
                    ? turnOf(document, row.target as NonNullable<NodeId>).instruction
                    : null
                }
                hasEarlier={
                  row.place.turn !== null &&
                  row.place.turn.revisedFrom === undefined &&
                  earlierOf(document, row.place.turn) !== null
                }
                onRename={rename}
              />
            ),
          )}
        </ol>
      </div>
      {deleted > 0 && mayUndoDelete && (
        <p className="turn-undo" role="status">
          {m.script.deleted(deleted)}
          <button type="button" className="word-button" onClick={() => actions.undo()}>
            {m.script.undoDelete}
          </button>
        </p>
      )}
      {menu !== null && (
        <TurnMenu document={document} turn={menu.turn} at={menu.at} onClose={closeMenu} onDelete={remove} />
      )}
    </div>
  );
}
