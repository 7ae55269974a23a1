import { useEffect, useRef, type CSSProperties } from 'react';

import { progressWords } from '../canvas/Progress.tsx';
import { placeTitle } from '../canvas/turnLine.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, useEditor } from '../page.ts';
import { Frame } from '../parts/Frame.tsx';
import { Icon } from '../parts/Icon.tsx';
import { PixelCanvas } from '../parts/PixelCanvas.tsx';
import { Swatch } from '../parts/Swatch.tsx';
import { inSeconds, inSize, turnTime } from '../words.ts';
import type { TreeRow } from './treeRows.ts';

interface TurnRowProps {
  readonly row: TreeRow;
  readonly rowKey: string;
  readonly isHere: boolean;
  readonly isTabStop: boolean;
  /** 0 = the present turn; older writing is drawn in older ink. */
  readonly age: number;
  readonly startNote: string;
  /** The words this turn had before they were changed. */
  readonly was: string | null;
  /** Last words of a folded limb. */
  readonly branchTitle: string | null;
  readonly onShow: () => void;
  readonly onFold: (() => void) | null;
}

const STATE_CLASS = {
  draft: ' is-waiting',
  running: ' is-busy',
  failed: ' is-failed',
  cancelled: ' is-cancelled',
  done: '',
};

export function TurnRow(props: TurnRowProps) {
  const { row, isHere, age, was } = props;
  const { place, turnCount } = row;
  const { turn } = place;
  const isLimb = turnCount > 0;
  const status = turn?.state.status ?? 'done';
  const indent =
    isLimb && row.level > 2 ? { paddingLeft: `calc(var(--rail) + ${40 + (row.level - 2) * 16}px)` } : {};
  const ink: Readonly<Record<string, string>> = { '--turn-ink': `var(--age-${age})` };
  const style: CSSProperties = { ...ink, ...indent };
  const ref = useRef<HTMLLIElement>(null);
  const m = useMessages();
  const title = placeTitle(m, place);
  // The present turn is what one comes to read.
  useEffect(() => {
    if (isHere) ref.current?.scrollIntoView?.({ block: 'nearest' });
  }, [isHere]);
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the tree around the rows has the keys
    <li
      ref={ref}
      className={`turn${isHere ? ' is-here' : ''}${isLimb ? ' is-branch' : ''}${STATE_CLASS[status]}`}
      style={style}
      role="treeitem"
      aria-level={row.level}
      aria-label={turn === null ? title : m.script.row(place.number, title)}
      aria-current={isHere}
      aria-selected={isHere}
      {...(row.isOpen === null ? {} : { 'aria-expanded': row.isOpen })}
      tabIndex={props.isTabStop ? 0 : -1}
      data-row={props.rowKey}
      onClick={props.onShow}
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
        <p className="turn-words" lang={turn === null ? undefined : 'en'}>
          {title}
        </p>
        {was !== null && (
          <p className="turn-was">
            {m.composer.was} <del lang="en">{was}</del>
          </p>
        )}
        <TurnMeta {...props} />
        {isHere && turn !== null && <TurnActions turnId={turn.id} status={status} />}
      </div>
      <Thumb row={row} />
    </li>
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

function TurnMeta({ row, startNote, branchTitle, onFold }: TurnRowProps) {
  const run = useEditor((state) => state.run);
  const { comma, desk, script: m } = useMessages();
  const { turn, picture } = row.place;
  if (turn === null) {
    return (
      <p className="turn-meta">{picture === null ? startNote : `${startNote}${comma}${inSize(picture)}`}</p>
    );
  }
  const fold = onFold !== null && (
    <button
      type="button"
      className="word-button"
      tabIndex={-1}
      onClick={(event) => {
        event.stopPropagation();
        onFold();
      }}
    >
      {row.isOpen === true ? m.fold : m.unfold}
    </button>
  );
  if (row.turnCount > 0) {
    return (
      <p className="turn-meta">
        <span>
          {branchTitle === null ? m.otherBranch(row.turnCount) : m.branchTo(row.turnCount, branchTitle)}
        </span>
        {fold}
      </p>
    );
  }
  const { state, regions } = turn;
  const mask = regions.drawn;
  const time = turnTime(turn);
  return (
    <p className="turn-meta">
      {mask !== null && <Swatch />}
      {state.status === 'draft' && m.waits}
      {state.status === 'running' &&
        (run.status === 'running' ? progressWords(desk, run.progress) : m.starting)}
      {state.status === 'cancelled' && (mask === null ? m.cancelled : m.cancelledRegion)}
      {state.status === 'failed' && (
        <span className="is-stop">
          <Icon name="warn" />
          {m.notMade(state.failure.message)}
        </span>
      )}
      {state.status === 'done' &&
        time !== null &&
        (mask === null ? inSeconds(time) : m.madeInRegion(inSeconds(time)))}
    </p>
  );
}

function TurnActions({
  turnId,
  status,
}: {
  readonly turnId: NonNullable<TreeRow['place']['turn']>['id'];
  readonly status: string;
}) {
  const actions = useActions();
  const m = useMessages();
  const isOpen = status === 'running' || status === 'draft';
  const act = (does: () => void) => ({
    className: 'word-button',
    onClick: (event: { stopPropagation: () => void }) => {
      event.stopPropagation();
      does();
    },
  });
  return (
    <div className="turn-actions">
      {(status === 'failed' || status === 'cancelled') && (
        <button type="button" {...act(() => actions.retryTurn(turnId))}>
          <Icon name="again" />
          {m.script.tryAgain}
        </button>
      )}
      {!isOpen && (
        <button type="button" {...act(() => actions.reviseTurn(turnId))} title={m.script.rewordTitle}>
          <Icon name="pen" />
          {m.script.reword}
        </button>
      )}
      {status === 'draft' && (
        <button type="button" {...act(() => actions.cancel(turnId))}>
          {m.script.unqueue}
        </button>
      )}
      {!isOpen && (
        <button type="button" {...act(() => actions.deleteTurn(turnId))} title={m.script.deleteTitle}>
          {m.delete}
        </button>
      )}
    </div>
  );
}
