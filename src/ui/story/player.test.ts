// @vitest-environment node
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  elapsedOf,
  play,
  STOPPED,
  standOf,
  totalOf,
  type PlayerAction,
  type PlayerState,
  type TimedShot,
} from './player.ts';

const still = (key: string, ms: number, isPlayed = true): TimedShot => ({ key, frames: 1, ms, isPlayed });
const clip: TimedShot = { key: 'clip', frames: 4, ms: 1000, isPlayed: true };
/** A picture, a clip, a picture that is left out, a picture, and one that is still being made. */
const FILM: readonly TimedShot[] = [
  still('a', 2000),
  clip,
  still('out', 3000, false),
  still('b', 1500),
  { key: 'new', frames: 0, ms: 2000, isPlayed: false },
];

const after = (actions: readonly PlayerAction[], shots = FILM, from: PlayerState = STOPPED): PlayerState =>
  actions.reduce((state, action) => play(state, shots, action), from);
const where = (state: PlayerState, shots = FILM): string => {
  const stand = standOf(state, shots);
  return stand === null ? 'nowhere' : `${shots[stand.shot]?.key} ${stand.frame}`;
};
const PLAY = { kind: 'play-or-pause' } as const;
const tick = (ms: number): PlayerAction => ({ kind: 'tick', ms });
const step = (by: 1 | -1): PlayerAction => ({ kind: 'step', by });

describe('the player', () => {
  it('stands still until it is asked to play', () => {
    expect(after([tick(5000)])).toEqual(STOPPED);
    expect(where(STOPPED)).toBe('a 0');
    expect(where(after([PLAY, tick(2100)]))).toBe('clip 0');
    expect(where(after([PLAY, tick(2100), PLAY, tick(5000)]))).toBe('clip 0');
  });

  it('shows each shot for its time, a clip frame by frame, and passes over what is left out', () => {
    const seen: string[] = [];
    let state = after([PLAY]);
    for (let ms = 0; ms < 4500; ms += 50) {
      seen.push(where(state));
      state = play(state, FILM, tick(50));
    }
    const runs = seen.filter((place, index) => place !== seen[index - 1]);
    expect(runs).toEqual(['a 0', 'clip 0', 'clip 1', 'clip 2', 'clip 3', 'b 0']);
    expect(runs.map((place) => seen.filter((one) => one === place).length * 50)).toEqual([
      2000, 250, 250, 250, 250, 1500,
    ]);
    expect(state).toEqual({ ...STOPPED, shot: 'b', ms: 1500 });
  });

  it('ends at the end, begins again from there, and goes round where it was asked to', () => {
    expect(after([PLAY, tick(99_999)])).toMatchObject({ shot: 'b', ms: 1500, isPlaying: false });
    expect(where(after([PLAY, tick(99_999), PLAY, tick(10)]))).toBe('a 0');
    const round = after([{ kind: 'loop' }, PLAY, tick(4500 + 2300)]);
    expect(round.isPlaying).toBe(true);
    expect(where(round)).toBe('clip 1');
  });

  it('plays from the beginning where the last shot would only stand still, and a last clip from where it is', () => {
    expect(where(after([{ kind: 'last' }, PLAY, tick(10)]))).toBe('a 0');
    const short = [still('a', 2000), clip];
    expect(where(after([{ kind: 'show', shot: 'clip' }, PLAY, tick(300)], short), short)).toBe('clip 1');
  });

  it('steps from picture to picture and stops for it', () => {
    const right = [1, 2, 3, 4, 5, 6].map((count) =>
      where(after([PLAY, ...Array<PlayerAction>(count).fill(step(1))])),
    );
    expect(right).toEqual(['clip 0', 'clip 1', 'clip 2', 'clip 3', 'b 0', 'b 0']);
    expect(where(after([{ kind: 'last' }, step(-1)]))).toBe('clip 3');
    expect(after([PLAY, step(1)]).isPlaying).toBe(false);
    expect(where(after([{ kind: 'last' }, { kind: 'first' }]))).toBe('a 0');
  });

  it('shows what is left out when it is pointed at, and goes on behind it', () => {
    const out = after([PLAY, { kind: 'show', shot: 'out' }]);
    expect([where(out), out.isPlaying]).toEqual(['out 0', false]);
    expect(elapsedOf(out, FILM)).toBe(3000);
    expect(where(play(out, FILM, step(1)))).toBe('b 0');
    expect(where(play(out, FILM, step(-1)))).toBe('clip 3');
    expect(where(after([PLAY, tick(100)], FILM, out))).toBe('b 0');
  });

  it('stays at its shot when others change, and goes to the first when its own is gone', () => {
    const state = after([{ kind: 'show', shot: 'b' }]);
    const longer = FILM.map((shot) => (shot.key === 'a' ? { ...shot, ms: 9000 } : shot));
    expect([where(state, longer), elapsedOf(state, longer)]).toEqual(['b 0', 10_000]);
    const without = FILM.filter(({ key }) => key !== 'b');
    expect(where(state, without)).toBe('a 0');
    expect(where(state, [])).toBe('nowhere');
    expect(after([PLAY], [])).toEqual(STOPPED);
  });

  it('keeps to the film whatever is pressed, and finds every time again', () => {
    const shot = fc.record({
      key: fc.string(),
      frames: fc.integer({ min: 1, max: 8 }),
      ms: fc.integer({ min: 500, max: 30_000 }),
      isPlayed: fc.boolean(),
    });
    const films = fc.uniqueArray(shot, { selector: ({ key }) => key, maxLength: 6 });
    const action: fc.Arbitrary<PlayerAction> = fc.oneof(
      fc.constantFrom<PlayerAction>(
        PLAY,
        { kind: 'first' },
        { kind: 'last' },
        { kind: 'loop' },
        step(1),
        step(-1),
      ),
      fc.record({ kind: fc.constantFrom('tick' as const, 'seek' as const), ms: fc.nat(60_000) }),
      fc.record({ kind: fc.constant('show' as const), shot: fc.string() }),
    );
    fc.assert(
      fc.property(films, fc.array(action, { maxLength: 12 }), fc.nat(100_000), (shots, actions, ms) => {
        const state = after(actions, shots);
        const elapsed = elapsedOf(state, shots);
        expect(elapsed).toBeGreaterThanOrEqual(0);
        expect(elapsed).toBeLessThanOrEqual(totalOf(shots));
        const stand = standOf(state, shots);
        const { frames = 0 } = (stand === null ? undefined : shots[stand.shot]) ?? {};
        expect(stand?.frame ?? 0).toBeLessThan(Math.max(1, frames));
        expect(!state.isPlaying || totalOf(shots) > 0).toBe(true);
        const sought = play(state, shots, { kind: 'seek', ms });
        expect(elapsedOf(sought, shots)).toBe(Math.min(ms, totalOf(shots)));
      }),
    );
  });
});
