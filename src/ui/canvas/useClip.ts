import { useCallback, useMemo, useState } from 'react';

import type { NodeId, PictureRef, SessionDocument } from '../../session/document.ts';
import { filmOf, shotKey } from '../story/film.ts';
import {
  play,
  standOf,
  STOPPED,
  type PlayerAction,
  type PlayerState,
  type TimedShot,
} from '../story/player.ts';
import { useTicks } from '../story/Transport.tsx';

/** The clip of one turn and where its player stands. */
export interface Clip {
  readonly frames: readonly PictureRef[];
  /** Index of the frame in sight. */
  readonly frame: number;
  readonly player: PlayerState;
  readonly timed: readonly TimedShot[];
  readonly run: (action: PlayerAction) => void;
}

/**
 * The clip made at `place`, with a player of its own; null where there is a single picture. It rests on its last frame,
 * which is the one that later turns go on from, and another place begins at rest.
 */
export function useClip(document: SessionDocument, place: NodeId): Clip | null {
  const { shots, timed: film } = filmOf(document);
  const at = shots.findIndex((shot) => shot.place === place);
  const frames = shots[at]?.frames ?? [];
  const ms = film[at]?.ms ?? 0;
  const key = shotKey(place);
  const timed = useMemo(
    // What is left out of the story plays here all the same.
    () => (frames.length > 1 ? [{ key, frames: frames.length, ms, isPlayed: true }] : []),
    [key, frames.length, ms],
  );
  const [player, setPlayer] = useState<PlayerState>({ ...STOPPED, shot: key, ms });
  if (player.shot !== key) setPlayer({ ...STOPPED, shot: key, ms, isLooping: player.isLooping });
  const run = useCallback((action: PlayerAction) => setPlayer((now) => play(now, timed, action)), [timed]);
  useTicks(player.isPlaying, run);
  if (timed.length === 0) return null;
  return { frames, frame: standOf(player, timed)?.frame ?? 0, player, timed, run };
}
