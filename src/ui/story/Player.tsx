import { useCallback, useEffect } from 'react';

import type { SessionDocument } from '../../session/document.ts';
import { useMessages } from '../messages/useMessages.ts';
import { usePage, useView } from '../page.ts';
import { filmOf, runPlayer } from './film.ts';
import { elapsedOf, totalOf, type PlayerAction } from './player.ts';
import { Transport, useTicks } from './Transport.tsx';

/** "0:05.3" */
function inClock(milliseconds: number): string {
  const tenths = Math.round(milliseconds / 100);
  const [minutes, rest] = [Math.floor(tenths / 600), tenths % 600];
  return `${minutes}:${(rest / 10).toFixed(1).padStart(4, '0')}`;
}

interface PlayerProps {
  readonly document: SessionDocument;
  /** Of the shot in sight, to be said with the time. */
  readonly name: string;
}

/** The player of the whole film. It never begins by itself, and ends when the story is left. */
export function Player({ document, name }: PlayerProps) {
  const page = usePage();
  const { story: m } = useMessages();
  const player = useView((state) => state.player);
  const { timed } = filmOf(document);
  const now = inClock(elapsedOf(player, timed));
  const whole = inClock(totalOf(timed));
  const run = useCallback((action: PlayerAction) => void runPlayer(page, action), [page]);
  useTicks(player.isPlaying, run);
  useEffect(
    () => () => page.view.setState(({ player }) => ({ player: { ...player, isPlaying: false } })),
    [page],
  );
  return (
    <Transport
      player={player}
      timed={timed}
      hasKeys
      place={m.place}
      placeText={m.placeAt(now, whole, name)}
      now={now}
      whole={whole}
      run={run}
    />
  );
}
