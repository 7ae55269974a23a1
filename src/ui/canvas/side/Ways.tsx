import { useEffect, useRef, type KeyboardEvent } from 'react';

import type { SessionDocument, Turn } from '../../../session/document.ts';
import { wayOf, waysOf, type Way } from '../../../session/groups.ts';
import { frameAt } from '../../../session/tree.ts';
import { useMessages } from '../../messages/useMessages.ts';
import { useActions, useEditor, usePage } from '../../page.ts';
import { Frame } from '../../parts/Frame.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { PixelCanvas } from '../../parts/PixelCanvas.tsx';
import { speak } from '../../view.ts';
import { progressWords } from '../Progress.tsx';
import { letterOf } from './letterOf.ts';
import { Queue } from './Queue.tsx';

interface WaysProps {
  readonly document: SessionDocument;
  readonly turn: Turn;
  readonly number: number;
}

const STEPS: Readonly<Record<string, 1 | -1>> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/** What was asked for together, to choose among. What is discarded stays in its place, so that nothing jumps. */
export function Ways({ document, turn, number }: WaysProps) {
  const m = useMessages();
  const actions = useActions();
  const { view } = usePage();
  const list = useRef<HTMLOListElement>(null);
  const ways = waysOf(document, turn.id);
  const here = ways.findIndex(({ root }) => root.id === wayOf(document, turn.id).id);
  const others = ways.filter((_, index) => index !== here);
  const hasOther = others.some(({ root }) => !root.isDiscarded);

  const keep = (index: number): void => {
    const way = ways[index];
    if (way === undefined) return;
    actions.goTo(way.tip.id);
    actions.keep(way.root.id);
    speak(view, m.side.nowKept(letterOf(index)));
  };
  const discard = (index: number): void => {
    const way = ways[index];
    if (way === undefined || way.root.isDiscarded) return;
    actions.discard(way.root.id);
    speak(view, m.side.nowDiscarded(letterOf(index)));
  };
  const takeBack = (index: number): void => {
    const way = ways[index];
    if (way === undefined || !way.root.isDiscarded) return;
    actions.discard(way.root.id, false);
    speak(view, m.side.nowBack(letterOf(index)));
  };
  // Whoever walks the tiles stays with the one in sight, also when the one before was discarded.
  useEffect(() => {
    const tiles = list.current?.querySelectorAll<HTMLElement>('.way');
    const isWalking = window.document.activeElement?.matches('.way') ?? false;
    if (isWalking) tiles?.[here]?.focus();
  }, [here]);
  const look = (index: number): void => {
    const way = ways[index];
    if (way !== undefined) actions.goTo(way.tip.id);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>, index: number): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const step = STEPS[event.key];
    if (step !== undefined) look(index + step);
    else if (event.key === 'Enter') keep(index);
    else if (event.key === 'Delete' || event.key === 'Backspace') discard(index);
    else return;
    event.preventDefault();
  };
  return (
    <aside className="side is-ways" aria-label={m.turn(number)}>
      <div className="side-head">
        <h2>{m.turn(number)}</h2>
        <span className="quiet small">{m.desk.ways(ways.length)}</span>
      </div>
      <ol ref={list} className="ways" aria-label={m.desk.ways(ways.length)} title={m.side.waysKeys}>
        {ways.map((way, index) => (
          <WayTile
            key={way.root.id}
            way={way}
            document={document}
            letter={letterOf(index)}
            isHere={index === here}
            isKept={!way.root.isDiscarded && others.length > 0 && isLastLeft(ways, way)}
            onLook={() => look(index)}
            onDiscard={() => discard(index)}
            onTakeBack={() => takeBack(index)}
            onKeyDown={(event) => onKeyDown(event, index)}
          />
        ))}
      </ol>
      <div className="side-do">
        <button
          type="button"
          className="word-button narrow-only"
          onClick={() => (ways[here]?.root.isDiscarded === true ? takeBack(here) : discard(here))}
        >
          {ways[here]?.root.isDiscarded === true ? m.side.takeBack : m.side.discard}
        </button>
        {hasOther ? (
          <button
            type="button"
            className="word-button"
            title={m.side.discardOthersTitle}
            onClick={() => keep(here)}
          >
            {m.side.discardOthers(others.filter(({ root }) => !root.isDiscarded).length)}
          </button>
        ) : (
          <button
            type="button"
            className="word-button"
            onClick={() => ways.forEach((_, index) => takeBack(index))}
          >
            {m.side.takeAllBack}
          </button>
        )}
        <button
          type="button"
          className="word-button"
          aria-label={m.side.moreWays}
          title={m.side.moreTitle}
          onClick={() => void actions.addWay(turn.id)}
        >
          <Icon name="plus" />
          {m.side.more}
        </button>
      </div>
      <Queue document={document} exceptGroup={wayOf(document, turn.id).groupId} />
    </aside>
  );
}

function isLastLeft(ways: readonly Way[], way: Way): boolean {
  return ways.every(({ root }) => root.isDiscarded || root.id === way.root.id);
}

type WayState = 'ready' | 'kept' | 'discarded' | 'making' | 'waiting' | 'failed' | 'cancelled';

function stateOf({ root, tip }: Way, runningId: string | null, isKept: boolean): WayState {
  if (root.isDiscarded) return 'discarded';
  const { status } = tip.state;
  if (status === 'done') return isKept ? 'kept' : 'ready';
  // Of a chain of turns any one may be the one that is being made.
  if (status === 'running' || root.id === runningId) return 'making';
  return status === 'draft' ? 'waiting' : status;
}

interface WayTileProps {
  readonly way: Way;
  readonly document: SessionDocument;
  readonly letter: string;
  readonly isHere: boolean;
  readonly isKept: boolean;
  readonly onLook: () => void;
  readonly onDiscard: () => void;
  readonly onTakeBack: () => void;
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
}

function WayTile({ way, document, letter, isHere, isKept, ...act }: WayTileProps) {
  const { desk, side } = useMessages();
  const actions = useActions();
  const { root, tip } = way;
  const runningRoot = useEditor(({ run }) =>
    run.status === 'running' && document.turns.some(({ id }) => id === run.turnId)
      ? wayOf(document, run.turnId).id
      : null,
  );
  const progress = useEditor(({ run }) =>
    run.status === 'running' && runningRoot === root.id ? run.progress : null,
  );
  const state = stateOf(way, runningRoot, isKept);
  const picture = tip.state.status === 'done' ? tip.state.result.frame : null;
  const under = frameAt(document, root.parentId);
  const ref = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isHere) ref.current?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
  }, [isHere]);
  return (
    <li ref={ref} className={`way-item is-${state}`}>
      <button
        type="button"
        className="way"
        aria-pressed={isHere}
        aria-label={side.way(letter, root.seed, side.wayStates[state])}
        aria-keyshortcuts="Enter Delete"
        tabIndex={isHere ? 0 : -1}
        onClick={act.onLook}
        onKeyDown={act.onKeyDown}
      >
        {picture !== null ? (
          <Frame picture={picture} alt="" />
        ) : progress?.preview !== undefined ? (
          <PixelCanvas pixels={progress.preview} label="" />
        ) : (
          <span className="way-empty">
            {under !== null && state !== 'failed' && state !== 'cancelled' && (
              <Frame picture={under} alt="" />
            )}
            <span>{state === 'making' ? progressWords(desk, progress) : side.wayStates[state]}</span>
          </span>
        )}
      </button>
      <span className="way-label">
        <b>{letter}</b>
        <span className="seed">{root.seed}</span>
        {state === 'discarded' ? (
          <button
            type="button"
            className="word-button push"
            aria-label={side.takeBackWay(letter)}
            onClick={act.onTakeBack}
          >
            <Icon name="undo" />
            <span className="fold">{side.takeBack}</span>
          </button>
        ) : state === 'kept' ? (
          <span className="sign-kept push">
            <Icon name="check" />
            <span className="fold">{side.kept}</span>
          </span>
        ) : state === 'failed' || state === 'cancelled' ? (
          <button type="button" className="word-button push" onClick={() => void actions.retryTurn(tip.id)}>
            {side.makeIt}
          </button>
        ) : (
          <button
            type="button"
            className="word-button push way-discard"
            aria-label={side.discardWay(letter)}
            title={side.discardWay(letter)}
            tabIndex={isHere ? 0 : -1}
            onClick={act.onDiscard}
          >
            <Icon name="close" />
          </button>
        )}
      </span>
    </li>
  );
}
