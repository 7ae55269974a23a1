import { useEffect, type CSSProperties } from 'react';

import type { SessionDocument } from '../../session/document.ts';
import { useMessages } from '../messages/useMessages.ts';
import { usePage, useView } from '../page.ts';
import { Icon, type IconName } from '../parts/Icon.tsx';
import type { Command } from '../shortcuts.ts';
import { useKeyTitle } from '../useKeyText.ts';
import { filmOf, runPlayer } from './film.ts';
import { elapsedOf, totalOf, type PlayerAction } from './player.ts';

/** "0:05.3" */
function inClock(milliseconds: number): string {
  const tenths = Math.round(milliseconds / 100);
  const [minutes, rest] = [Math.floor(tenths / 600), tenths % 600];
  return `${minutes}:${(rest / 10).toFixed(1).padStart(4, '0')}`;
}

/** More at once means that the page was asleep, and nobody saw what passed. */
const LONGEST_TICK = 250;

/** Lets the film run with the frames of the screen. It never begins by itself, and ends when the story is left. */
function useRunning(): void {
  const page = usePage();
  const isPlaying = useView((state) => state.player.isPlaying);
  useEffect(() => {
    if (!isPlaying) return undefined;
    let last: number | null = null;
    const tick = (now: number): void => {
      if (last !== null)
        runPlayer(page, { kind: 'tick', ms: Math.min(Math.max(now - last, 0), LONGEST_TICK) });
      last = now;
      id = requestAnimationFrame(tick);
    };
    let id = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(id);
  }, [page, isPlaying]);
  useEffect(
    () => () => page.view.setState(({ player }) => ({ player: { ...player, isPlaying: false } })),
    [page],
  );
}

interface PlayerButtonProps {
  readonly icon: IconName;
  readonly words: string;
  readonly command: Command;
  readonly action: PlayerAction;
  readonly isDisabled: boolean;
  readonly className?: string;
}

function PlayerButton({ icon, words, command, action, isDisabled, className = '' }: PlayerButtonProps) {
  const page = usePage();
  return (
    <button
      type="button"
      className={`icon-button ${className}`}
      aria-label={words}
      title={useKeyTitle(words, command)}
      disabled={isDisabled}
      onClick={() => runPlayer(page, action)}
    >
      <Icon name={icon} />
    </button>
  );
}

interface PlayerProps {
  readonly document: SessionDocument;
  /** Of the shot in sight, to be said with the time. */
  readonly name: string;
}

/** Play, steps, and the line of all shots, each as long as it stays. */
export function Player({ document, name }: PlayerProps) {
  const page = usePage();
  const { story: m } = useMessages();
  const player = useView((state) => state.player);
  const { timed } = filmOf(document);
  const total = totalOf(timed);
  const elapsed = elapsedOf(player, timed);
  const isEmpty = total === 0;
  useRunning();
  const lines = timed.flatMap(({ key, ms, isPlayed }, index) => {
    if (!isPlayed) return [];
    const start = totalOf(timed.slice(0, index));
    const part = Math.min(Math.max((elapsed - start) / ms, 0), 1) * 100;
    return [<i key={key} style={{ flexGrow: ms, '--part': `${part}%` } as CSSProperties} />];
  });
  return (
    <div className="player">
      <PlayerButton
        icon="earlier"
        words={m.earlier}
        command="step-back"
        action={{ kind: 'step', by: -1 }}
        isDisabled={isEmpty}
      />
      <PlayerButton
        className="play-button"
        icon={player.isPlaying ? 'pause' : 'play'}
        words={player.isPlaying ? m.pause : m.play}
        command="play"
        action={{ kind: 'play-or-pause' }}
        isDisabled={isEmpty}
      />
      <PlayerButton
        icon="later"
        words={m.later}
        command="step-on"
        action={{ kind: 'step', by: 1 }}
        isDisabled={isEmpty}
      />
      <span className="player-time" aria-hidden="true">
        {inClock(elapsed)}
      </span>
      <span className="scrub">
        <span className="scrub-line" aria-hidden="true">
          {lines}
        </span>
        <input
          type="range"
          aria-label={m.place}
          aria-valuetext={m.placeAt(inClock(elapsed), inClock(total), name)}
          min={0}
          max={total}
          step={10}
          value={Math.round(elapsed)}
          disabled={isEmpty}
          style={{ '--part': `${isEmpty ? 0 : (elapsed / total) * 100}%` } as CSSProperties}
          onChange={(event) => runPlayer(page, { kind: 'seek', ms: event.target.valueAsNumber })}
        />
      </span>
      <span className="player-time quiet" aria-hidden="true">
        {inClock(total)}
      </span>
      <button
        type="button"
        className="icon-button loop-button"
        aria-label={m.loop}
        title={m.loop}
        aria-pressed={player.isLooping}
        onClick={() => runPlayer(page, { kind: 'loop' })}
      >
        <Icon name="loop" />
      </button>
    </div>
  );
}
