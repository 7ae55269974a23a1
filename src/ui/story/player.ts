/** The player of a story as a pure machine: where it stands and what each press does. Times are milliseconds. */

/** A shot as the player sees it. */
export interface TimedShot {
  readonly key: string;
  /** Pictures that share its time; none while it is being made. */
  readonly frames: number;
  readonly ms: number;
  /** What is left out or has no picture can be looked at, and is passed over while playing. */
  readonly isPlayed: boolean;
}

export interface PlayerState {
  /** Null: the first shot that is played. A shot that is gone counts as that, too. */
  readonly shot: string | null;
  /** Within the shot. */
  readonly ms: number;
  readonly isPlaying: boolean;
  readonly isLooping: boolean;
}

export type PlayerAction =
  | { readonly kind: 'play-or-pause' }
  /** Time that has passed. */
  | { readonly kind: 'tick'; readonly ms: number }
  /** To a time of the whole film. */
  | { readonly kind: 'seek'; readonly ms: number }
  /** To the next or earlier picture. */
  | { readonly kind: 'step'; readonly by: 1 | -1 }
  | { readonly kind: 'show'; readonly shot: string }
  | { readonly kind: 'first' | 'last' }
  | { readonly kind: 'loop' };

export const STOPPED: PlayerState = { shot: null, ms: 0, isPlaying: false, isLooping: false };

/** Where the player stands: the index of its shot and of the frame in it; null when there is no shot at all. */
export function standOf(
  { shot, ms }: PlayerState,
  shots: readonly TimedShot[],
): { readonly shot: number; readonly frame: number } | null {
  if (shots.length === 0) return null;
  const found = shots.findIndex(({ key }) => key === shot);
  const index =
    found >= 0
      ? found
      : Math.max(
          0,
          shots.findIndex(({ isPlayed }) => isPlayed),
        );
  return { shot: index, frame: found >= 0 ? frameAt(shots[index], ms) : 0 };
}

/** A thousandth of a frame, so that the sum of many short times does not fall just short of one. */
const HAIR = 1e-3;

function frameAt(shot: TimedShot | undefined, ms: number): number {
  if (shot === undefined || shot.frames === 0) return 0;
  return Math.min(Math.max(Math.floor((ms / shot.ms) * shot.frames + HAIR), 0), shot.frames - 1);
}

export function totalOf(shots: readonly TimedShot[]): number {
  return shots.reduce((sum, { isPlayed, ms }) => sum + (isPlayed ? ms : 0), 0);
}

/** The time of the whole film at which the player stands; a shot that is passed over stands where it would be. */
export function elapsedOf(state: PlayerState, shots: readonly TimedShot[]): number {
  const stand = standOf(state, shots);
  if (stand === null) return 0;
  const here = shots[stand.shot];
  const isPast = here?.isPlayed === true && here.key === state.shot;
  return totalOf(shots.slice(0, stand.shot)) + (isPast ? Math.min(Math.max(state.ms, 0), here.ms) : 0);
}

export function play(state: PlayerState, shots: readonly TimedShot[], action: PlayerAction): PlayerState {
  switch (action.kind) {
    case 'play-or-pause':
      if (state.isPlaying) return { ...state, isPlaying: false };
      if (totalOf(shots) === 0) return state;
      return { ...(isAtEnd(state, shots) ? toTime(state, shots, 0) : state), isPlaying: true };
    case 'tick':
      return state.isPlaying ? advance(state, shots, action.ms) : state;
    case 'seek':
      return toTime(state, shots, action.ms);
    case 'step':
      return step(state, shots, action.by);
    case 'show': {
      const shot = shots.find(({ key }) => key === action.shot);
      if (shot === undefined) return state;
      return { ...state, shot: shot.key, ms: 0, isPlaying: state.isPlaying && shot.isPlayed };
    }
    case 'first':
      return { ...toTime(state, shots, 0), isPlaying: false };
    case 'last':
      return { ...toFrame(state, framesOf(shots).at(-1)), isPlaying: false };
    case 'loop':
      return { ...state, isLooping: !state.isLooping };
  }
}

/** Nothing would move any more: at the end of the film, or in a last shot that stands still. */
function isAtEnd(state: PlayerState, shots: readonly TimedShot[]): boolean {
  const stand = standOf(state, shots);
  const last = shots.findLastIndex(({ isPlayed }) => isPlayed);
  const here = stand === null ? undefined : shots[stand.shot];
  if (stand === null || here === undefined || stand.shot < last) return false;
  return stand.shot > last || here.frames === 1 || state.ms >= here.ms - HAIR;
}

/** The time before the film counts as its beginning, the time after it as its end. */
function toTime(state: PlayerState, shots: readonly TimedShot[], ms: number): PlayerState {
  const played = shots.filter(({ isPlayed }) => isPlayed);
  let left = Math.max(ms, 0);
  for (const [index, shot] of played.entries()) {
    if (left < shot.ms || index === played.length - 1) {
      return { ...state, shot: shot.key, ms: Math.min(left, shot.ms) };
    }
    left -= shot.ms;
  }
  return { ...state, shot: null, ms: 0, isPlaying: false };
}

function advance(state: PlayerState, shots: readonly TimedShot[], ms: number): PlayerState {
  const total = totalOf(shots);
  const to = elapsedOf(state, shots) + ms;
  if (to < total) return toTime(state, shots, to);
  // The rest of a very long pause between two ticks may be more than one round.
  if (state.isLooping && total > 0) return toTime(state, shots, to % total);
  return { ...toTime(state, shots, total), isPlaying: false };
}

interface FilmFrame {
  readonly shot: TimedShot;
  readonly frame: number;
  /** Of the shot. */
  readonly index: number;
}

/** Every picture of the film in order. */
function framesOf(shots: readonly TimedShot[]): readonly FilmFrame[] {
  return shots.flatMap((shot, index) =>
    shot.isPlayed ? Array.from({ length: shot.frames }, (_, frame) => ({ shot, frame, index })) : [],
  );
}

function toFrame(state: PlayerState, at: FilmFrame | undefined): PlayerState {
  if (at === undefined) return { ...state, shot: null, ms: 0 };
  return { ...state, shot: at.shot.key, ms: (at.frame / at.shot.frames) * at.shot.ms };
}

function step(state: PlayerState, shots: readonly TimedShot[], by: 1 | -1): PlayerState {
  const stand = standOf(state, shots);
  const frames = framesOf(shots);
  if (stand === null) return state;
  const isBefore = ({ index, frame }: FilmFrame): boolean =>
    index < stand.shot || (index === stand.shot && frame < stand.frame);
  const isAfter = ({ index, frame }: FilmFrame): boolean =>
    index > stand.shot || (index === stand.shot && frame > stand.frame);
  const to = by === 1 ? frames.find(isAfter) : frames.findLast(isBefore);
  return { ...(to === undefined ? state : toFrame(state, to)), isPlaying: false };
}
