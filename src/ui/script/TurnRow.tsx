import { memo, useEffect, useRef, type CSSProperties } from 'react';

import type { TurnId } from '../../session/document.ts';
import { progressWords } from '../canvas/Progress.tsx';
import { placeTitle } from '../canvas/turnLine.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useEditor } from '../page.ts';
import { Frame } from '../parts/Frame.tsx';
import { Icon } from '../parts/Icon.tsx';
import { PixelCanvas } from '../parts/PixelCanvas.tsx';
import { Swatch } from '../parts/Swatch.tsx';
import { isComposing } from '../shortcuts.ts';
import { inPercent, inSeconds, inSize, turnTime } from '../words.ts';
import type { FoldOfTree, TurnOfTree } from './treeRows.ts';

/** What a press inside a row asks for; the tree around the rows hears it. */
export type RowAct = 'fold' | 'menu' | 'retry' | 'unqueue' | 'compare';

interface RowProps {
  readonly isTabStop: boolean;
}

interface TurnRowProps extends RowProps {
  readonly row: TurnOfTree;
  readonly isHere: boolean;
  readonly isRenaming: boolean;
  /** 0 = the present turn; older writing is drawn in older ink. */
  readonly age: number;
  readonly startNote: string;
  /** The words this turn had before they were changed. */
  readonly was: string | null;
  /** Last words of a folded limb. */
  readonly branchTitle: string | null;
  /** A turn that this one repeats or makes anew is there to be held against it. */
  readonly hasEarlier: boolean;
  readonly onRename: (id: TurnId, name: string | null) => void;
}

const STATE_CLASS = {
  draft: ' is-waiting',
  running: ' is-busy',
  failed: ' is-failed',
  cancelled: ' is-cancelled',
  done: '',
};

const indentOf = (level: number): CSSProperties =>
  level > 2 ? { paddingLeft: `calc(var(--rail) + ${40 + (level - 2) * 16}px)` } : {};

/** Drawn again only when its own turn changes, so that hundreds of turns cost nothing while one writes. */
export const TurnRow = memo(function TurnRow(props: TurnRowProps) {
  const { row, isHere, age, was } = props;
  const { place } = row;
  const { turn } = place;
  const isLimb = row.level > 1;
  const status = turn?.state.status ?? 'done';
  const ink: Readonly<Record<string, string>> = { '--turn-ink': `var(--age-${age})` };
  const ref = useRef<HTMLLIElement>(null);
  const messages = useMessages();
  const { comma, composer, script: m } = messages;
  const title = placeTitle(messages, place);
  // The present turn is what one comes to read.
  useEffect(() => {
    if (isHere) ref.current?.scrollIntoView?.({ block: 'nearest' });
  }, [isHere]);
  const name = turn === null ? title : m.row(place.number, title);
  return (
    <li
      ref={ref}
      className={`turn${isHere ? ' is-here' : ''}${isLimb ? ' is-branch' : ''}${row.isAway ? ' is-away' : ''}${STATE_CLASS[status]}`}
      style={{ ...ink, ...indentOf(row.level) }}
      role="treeitem"
      aria-level={row.level}
      aria-label={turn?.isStarred === true ? `${name}${comma}${m.starred}` : name}
      aria-current={isHere}
      aria-selected={isHere}
      {...(row.isOpen === null ? {} : { 'aria-expanded': row.isOpen })}
      tabIndex={props.isTabStop ? 0 : -1}
      data-row={row.key}
    >
      {isLimb ? (
        <svg className="limb" aria-hidden="true">
          <path d="M.75 0c0 20 4 22 22 22" />
        </svg>
      ) : (
        <span className="turn-number" aria-hidden="true">
          {place.number}
        </span>
      )}
      <span className="turn-dot" aria-hidden="true" />
      <div>
        {props.isRenaming && turn !== null ? (
          <NameField {...props} id={turn.id} name={title} />
        ) : (
          <p className="turn-words" lang={turn === null || turn.name !== null ? undefined : 'en'}>
            {turn?.isStarred === true && <Icon name="star" className="turn-star" />}
            {title}
          </p>
        )}
        {turn !== null && turn.name !== null && !isLimb && (
          <p className="turn-was" lang="en">
            {turn.instruction}
          </p>
        )}
        {was !== null && (
          <p className="turn-was">
            {composer.was} <del lang="en">{was}</del>
          </p>
        )}
        <TurnMeta {...props} />
      </div>
      <Thumb row={row} />
    </li>
  );
});

/** The row behind which several branches are folded, or those that are out of the way. */
export const FoldRow = memo(function FoldRow({ row, isTabStop }: RowProps & { readonly row: FoldOfTree }) {
  const { script: m } = useMessages();
  const words = row.kind === 'others' ? m.others(row.count) : m.putAway(row.count);
  return (
    <li
      className={`turn is-branch is-fold${row.kind === 'away' ? ' is-away' : ''}`}
      role="treeitem"
      aria-level={row.level}
      aria-label={words}
      aria-expanded={row.isOpen === true}
      aria-selected={false}
      tabIndex={isTabStop ? 0 : -1}
      data-row={row.key}
      data-act="fold"
    >
      <svg className="limb" aria-hidden="true">
        <path d="M.75 0c0 20 4 22 22 22" />
      </svg>
      <p className="turn-meta">
        <Icon name="down" className={row.isOpen === true ? 'is-unfolded' : 'is-folded'} />
        {words}
      </p>
    </li>
  );
});

interface NameFieldProps extends Pick<TurnRowProps, 'row' | 'onRename'> {
  readonly id: TurnId;
  readonly name: string;
}

function NameField({ row, id, name, onRename }: NameFieldProps) {
  const { script: m } = useMessages();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  return (
    <input
      ref={field}
      className="text-input turn-name"
      aria-label={m.turnName(row.place.number)}
      defaultValue={name}
      onBlur={(event) => onRename(id, event.target.value)}
      onKeyDown={(event) => {
        // The tree must not walk while one writes in it.
        event.stopPropagation();
        if (isComposing(event.nativeEvent)) return;
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key !== 'Escape') return;
        event.preventDefault();
        onRename(id, null);
      }}
    />
  );
}

function Thumb({ row }: Pick<TurnRowProps, 'row'>) {
  const { picture, turn } = row.place;
  const preview = useEditor(({ run }) =>
    run.status === 'running' && run.turnId === turn?.id ? run.progress?.preview : undefined,
  );
  if (picture !== null)
    return (
      <span className="thumb">
        <Frame picture={picture} alt="" />
      </span>
    );
  if (preview !== undefined)
    return (
      <span className="thumb">
        <PixelCanvas pixels={preview} label="" />
      </span>
    );
  return <span className="thumb is-empty" />;
}

function FoldButton({ row, text }: { readonly row: TurnOfTree; readonly text?: string }) {
  const { script: m } = useMessages();
  return (
    <button type="button" className="word-button" tabIndex={-1} data-act={'fold' satisfies RowAct}>
      {text ?? (row.isOpen === true ? m.fold : m.unfold)}
    </button>
  );
}

function TurnMeta({ row, startNote, branchTitle, isHere, hasEarlier }: TurnRowProps) {
  const { turn, picture } = row.place;
  // Only the row of the running turn follows the run.
  const run = useEditor((state) =>
    state.run.status === 'running' && state.run.turnId === turn?.id ? state.run : null,
  );
  const { comma, desk, failure, script: m } = useMessages();
  if (turn === null) {
    return (
      <p className="turn-meta">{picture === null ? startNote : `${startNote}${comma}${inSize(picture)}`}</p>
    );
  }
  const away = turn.isDiscarded ? m.discarded : turn.isArchived ? m.archived : null;
  if (row.turnCount > 0) {
    const branch =
      branchTitle === null ? m.otherBranch(row.turnCount) : m.branchTo(row.turnCount, branchTitle);
    return (
      <p className="turn-meta">
        <span>{away ?? branch}</span>
        {row.isOpen !== null && <FoldButton row={row} />}
      </p>
    );
  }
  const { state, regions } = turn;
  const { drawn, now, next } = regions;
  const hasRegion = drawn !== null || now !== null;
  const time = turnTime(turn);
  const drift = state.status === 'done' ? state.result.drift : undefined;
  const facts = [
    away,
    turn.replayOf === undefined ? null : m.replays,
    turn.rebaseOf === undefined ? null : m.rebased,
    next?.by === 'moved' ? m.moved : null,
    time === null ? null : drawn === null ? inSeconds(time) : m.madeInRegion(inSeconds(time)),
    drift === undefined ? null : m.drift(inPercent(drift.original.meanOutside)),
  ].filter((fact) => fact !== null);
  const ways =
    row.ways === null
      ? null
      : row.ways.kept === row.ways.count
        ? m.ways(row.ways.count)
        : m.kept(row.ways.kept, row.ways.count);
  const isStopped = state.status === 'failed' || state.status === 'cancelled';
  return (
    <>
      <p className="turn-meta">
        {hasRegion && <Swatch />}
        {next !== null && <Swatch kind="next" />}
        {state.status === 'draft' && m.waits}
        {state.status === 'running' && (run === null ? m.starting : progressWords(desk, run.progress))}
        {state.status === 'cancelled' && (hasRegion ? m.cancelledRegion : m.cancelled)}
        {state.status === 'failed' && (
          <span className="is-stop">
            <Icon name="warn" />
            {m.notMade(failure(state.failure.message))}
          </span>
        )}
        {ways !== null && (row.isOpen === null ? <span>{ways}</span> : <FoldButton row={row} text={ways} />)}
        {state.status === 'done' && <span>{facts.join(comma)}</span>}
        {isHere && (
          <button
            type="button"
            className="icon-button turn-more"
            aria-haspopup="menu"
            aria-label={m.menu(row.place.number)}
            title={m.menuTitle}
            data-act={'menu' satisfies RowAct}
          >
            <Icon name="more" />
          </button>
        )}
      </p>
      {isHere && (isStopped || state.status === 'draft' || hasEarlier) && (
        <div className="turn-actions">
          {isStopped && (
            <button type="button" className="word-button" data-act={'retry' satisfies RowAct}>
              <Icon name="again" />
              {m.tryAgain}
            </button>
          )}
          {state.status === 'draft' && (
            <button type="button" className="word-button" data-act={'unqueue' satisfies RowAct}>
              {m.unqueue}
            </button>
          )}
          {hasEarlier && (
            <button type="button" className="word-button" data-act={'compare' satisfies RowAct}>
              <Icon name="compare" />
              {m.compareOld}
            </button>
          )}
        </div>
      )}
    </>
  );
}
