import { useEffect, useRef } from 'react';

import type { Shot } from '../../session/story.ts';
import { progressWords } from '../canvas/Progress.tsx';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, useEditor, usePage } from '../page.ts';
import { Frame } from '../parts/Frame.tsx';
import { Icon } from '../parts/Icon.tsx';
import { inSeconds } from '../words.ts';
import { runPlayer, shotKey, shotName, shotWords } from './film.ts';

interface ShotCardProps {
  readonly shot: Shot;
  readonly isShown: boolean;
  /** Whether Tab comes to it. */
  readonly isTabStop: boolean;
}

/** One shot of the strip: its first picture, its number, its words and how long it stays. */
export function ShotCard({ shot, isShown, isTabStop }: ShotCardProps) {
  const page = usePage();
  const m = useMessages();
  const { place, number, turn, frames, seconds, isLeftOut, isBetween } = shot;
  const card = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isShown) card.current?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
  }, [isShown]);
  const [picture] = frames;
  const words = shotWords(m, shot);
  const facts = [
    ...(picture === undefined ? [] : [inSeconds(seconds * 1000)]),
    ...(frames.length > 1 ? [m.story.frames(frames.length)] : []),
    ...(isLeftOut ? [m.story.isLeftOut] : []),
  ].join(m.comma);
  return (
    <>
      <button
        ref={card}
        type="button"
        className="shot-card"
        data-shot={shotKey(place)}
        aria-label={`${m.story.card(shotName(m, shot), words)}${facts === '' ? '' : `${m.comma}${facts}`}`}
        aria-current={isShown}
        aria-keyshortcuts="ArrowLeft ArrowRight Delete"
        tabIndex={isTabStop ? 0 : -1}
        onClick={() => runPlayer(page, { kind: 'show', shot: shotKey(place) })}
      >
        {picture !== undefined && <Frame picture={picture} alt="" />}
        <span className="shot-number">{isBetween ? `${number}–${number + 1}` : number}</span>
        {frames.length > 1 && <span className="clip-edge" />}
      </button>
      <p className="shot-words" lang={turn === null ? undefined : 'en'}>
        {words}
      </p>
      {picture === undefined && turn !== null ? (
        <Making shot={shot} />
      ) : (
        <p className="shot-facts">{facts}</p>
      )}
    </>
  );
}

/** How far a shot is, and the way out of it. */
function Making({ shot }: Pick<ShotCardProps, 'shot'>) {
  const actions = useActions();
  const m = useMessages();
  const id = shot.turn?.id;
  const words = useEditor(({ run }) =>
    run.status === 'running' && run.turnId === id
      ? run.frame === null
        ? progressWords(m.desk, run.progress)
        : `${run.frame.index} / ${run.frame.count}`
      : m.story.isWaiting,
  );
  return (
    <p className="shot-facts">
      {words}
      <button
        type="button"
        className="icon-button push"
        aria-label={m.story.cancelShot(shotName(m, shot))}
        title={m.cancel}
        onClick={() => actions.cancel(id)}
      >
        <Icon name="close" />
      </button>
    </p>
  );
}
