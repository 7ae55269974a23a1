import { Fragment, useRef, type KeyboardEvent } from 'react';

import type { SessionDocument } from '../../session/document.ts';
import { playedShots, type Shot } from '../../session/story.ts';
import { canMake } from '../abilities.ts';
import { useMessages } from '../messages/useMessages.ts';
import { usePage } from '../page.ts';
import { Popover } from '../parts/Popover.tsx';
import { inSeconds } from '../words.ts';
import { ClipForm } from './ClipForm.tsx';
import { makeClip, runPlayer, shotKey, toggleLeftOut } from './film.ts';
import { totalOf } from './player.ts';
import { ShotCard } from './ShotCard.tsx';
import { ShotOptions } from './ShotOptions.tsx';
import { useFilm } from './useFilm.ts';

interface StripProps {
  readonly document: SessionDocument;
}

/** All shots in a row, walked with the arrow keys, and where the model can, the places for clips between them. */
export function Strip({ document }: StripProps) {
  const page = usePage();
  const { story: m } = useMessages();
  const list = useRef<HTMLOListElement>(null);
  const { shots, timed, shown, index } = useFilm(document);
  const played = playedShots(shots).length;
  const leftOut = shots.filter(({ isLeftOut }) => isLeftOut).length;
  const show = (at: number): void => {
    const shot = shots[Math.min(Math.max(at, 0), shots.length - 1)];
    if (shot === undefined) return;
    runPlayer(page, { kind: 'show', shot: shotKey(shot.place) });
    list.current?.querySelector<HTMLElement>(`[data-shot="${shotKey(shot.place)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const key = (event.target as HTMLElement).dataset['shot'];
    const at = shots.findIndex(({ place }) => shotKey(place) === key);
    const shot = shots[at];
    if (shot === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const to: Readonly<Record<string, number>> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      Home: 0,
      End: shots.length - 1,
    };
    const next = to[event.key];
    if (next !== undefined) show(next);
    else if (event.key === 'Delete') toggleLeftOut(page, shot);
    else return;
    event.preventDefault();
  };
  return (
    <section className="strip" aria-label={m.shots}>
      <div className="strip-head">
        <h2>{m.shots}</h2>
        <span className="quiet small">
          {m.total(played, inSeconds(totalOf(timed)))}
          {leftOut > 0 && ` · ${m.areLeftOut(leftOut)}`}
        </span>
        {shown !== null && <ShotOptions document={document} shot={shown} />}
      </div>
      {shots.length > 0 && leftOut === shots.length && <p className="strip-note">{m.nonePlayed}</p>}
      {shots.length === 0 ? (
        <p className="strip-note">{m.none}</p>
      ) : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the cards in it have the focus and share these keys
        <ol ref={list} className="shots" onKeyDown={onKeyDown}>
          {shots.map((shot, at) => (
            <Fragment key={shotKey(shot.place)}>
              <Join before={shots[at - 1]} after={shot} />
              <li className={`shot${shot.isLeftOut ? ' is-out' : ''}${shot.isBetween ? ' is-between' : ''}`}>
                <ShotCard shot={shot} isShown={at === index} isTabStop={at === Math.max(index, 0)} />
              </li>
            </Fragment>
          ))}
        </ol>
      )}
    </section>
  );
}

interface JoinProps {
  readonly before: Shot | undefined;
  readonly after: Shot;
}

/** Where a clip can lead from one shot to the next: nothing where there is one, or where the model makes none. */
function Join({ before, after }: JoinProps) {
  const page = usePage();
  const { story: m } = useMessages();
  const { turn } = after;
  if (before === undefined) return null;
  const isOpen = !before.isBetween && !after.isBetween && before.frames.length > 0 && after.frames.length > 0;
  // The frames of a clip made on this very step lead there already.
  const isClip = turn?.task.kind === 'clip-between' || turn?.task.kind === 'clip-edit';
  if (!isOpen || isClip || turn === null || !canMake(page.offer, 'clip-between')) {
    return <li className="shot-join is-cut" aria-hidden="true" />;
  }
  return (
    <li className="shot-join">
      <Popover
        label={m.makeClipBetween(before.number, after.number)}
        title={m.makeClipBetween(before.number, after.number)}
        icon="plus"
      >
        <ClipForm
          label={m.clipMotion}
          hint={m.clipMotionHint}
          mayBeWordless
          hasCount
          act={m.makeClip}
          onMake={(words, count) =>
            makeClip(page, before.place, { kind: 'clip-between', to: turn.id, count }, words)
          }
        />
      </Popover>
    </li>
  );
}
