import type { SessionDocument } from '../../session/document.ts';
import type { Shot } from '../../session/story.ts';
import { useView } from '../page.ts';
import { filmOf } from './film.ts';
import { standOf, type TimedShot } from './player.ts';

/** The film and where its player stands; a component that uses it is drawn again at each new picture, not at each moment. */
export function useFilm(document: SessionDocument): {
  readonly shots: readonly Shot[];
  readonly timed: readonly TimedShot[];
  /** The shot in sight, null without shots. */
  readonly shown: Shot | null;
  readonly index: number;
  readonly frame: number;
} {
  const { shots, timed } = filmOf(document);
  const index = useView(({ player }) => standOf(player, timed)?.shot ?? -1);
  const frame = useView(({ player }) => standOf(player, timed)?.frame ?? 0);
  return { shots, timed, shown: shots[index] ?? null, index, frame };
}
