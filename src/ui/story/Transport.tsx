import { useEffect, type CSSProperties } from 'react';

import { useMessages } from '../messages/useMessages.ts';
import { Icon, type IconName } from '../parts/Icon.tsx';
import type { Command } from '../shortcuts.ts';
import { useKeyTitle } from '../useKeyText.ts';
import { elapsedOf, totalOf, type PlayerAction, type PlayerState, type TimedShot } from './player.ts';

/** More at once means that the page was asleep, and nobody saw what passed. */
const LONGEST_TICK = 250;

/** Lets a player run with the frames of the screen; `run` must stay the same function. */
export function useTicks(isPlaying: boolean, run: (action: PlayerAction) => void): void {
  useEffect(() => {
    if (!isPlaying) return undefined;
    let last: number | null = null;
    const tick = (now: number): void => {
      if (last !== null) run({ kind: 'tick', ms: Math.min(Math.max(now - last, 0), LONGEST_TICK) });
      last = now;
      id = requestAnimationFrame(tick);
    };
    let id = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(id);
  }, [isPlaying, run]);
}

interface PlayerButtonProps {
  readonly icon: IconName;
  readonly title: string;
  readonly words: string;
  readonly isDisabled: boolean;
  readonly className?: string;
  readonly onPress: () => void;
}

function PlayerButton({ icon, title, words, isDisabled, className = '', onPress }: PlayerButtonProps) {
  return (
    <button
      type="button"
      className={`icon-button ${className}`}
      aria-label={words}
      title={title}
      disabled={isDisabled}
      onClick={onPress}
    >
      <Icon name={icon} />
    </button>
  );
}

/** A button's words with its key, where keys play. */
function useTitle(words: string, command: Command, hasKeys: boolean): string {
  const title = useKeyTitle(words, command);
  return hasKeys ? title : words;
}

interface TransportProps {
  readonly player: PlayerState;
  readonly timed: readonly TimedShot[];
  /** Whether the keys of the story's player mean this one. */
  readonly hasKeys: boolean;
  /** What the slider moves through, and its place in words. */
  readonly place: string;
  readonly placeText: string;
  /** Where it stands, before the line of the slider, and the whole, behind it. */
  readonly now: string;
  readonly whole?: string;
  readonly run: (action: PlayerAction) => void;
}

/** Play, steps, and the line of all shots, each as long as it stays. */
export function Transport(props: TransportProps) {
  const { player, timed, hasKeys, place, placeText, now, whole, run } = props;
  const { story: m } = useMessages();
  const total = totalOf(timed);
  const elapsed = elapsedOf(player, timed);
  const isEmpty = total === 0;
  const playWords = player.isPlaying ? m.pause : m.play;
  const playTitle = useTitle(playWords, 'play', hasKeys);
  const earlierTitle = useTitle(m.earlier, 'step-back', hasKeys);
  const laterTitle = useTitle(m.later, 'step-on', hasKeys);
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
        title={earlierTitle}
        isDisabled={isEmpty}
        onPress={() => run({ kind: 'step', by: -1 })}
      />
      <PlayerButton
        className="play-button"
        icon={player.isPlaying ? 'pause' : 'play'}
        words={playWords}
        title={playTitle}
        isDisabled={isEmpty}
        onPress={() => run({ kind: 'play-or-pause' })}
      />
      <PlayerButton
        icon="later"
        words={m.later}
        title={laterTitle}
        isDisabled={isEmpty}
        onPress={() => run({ kind: 'step', by: 1 })}
      />
      <span className="player-time" aria-hidden="true">
        {now}
      </span>
      <span className="scrub">
        <span className="scrub-line" aria-hidden="true">
          {lines}
        </span>
        <input
          type="range"
          aria-label={place}
          aria-valuetext={placeText}
          min={0}
          max={total}
          step={10}
          value={Math.round(elapsed)}
          disabled={isEmpty}
          style={{ '--part': `${isEmpty ? 0 : (elapsed / total) * 100}%` } as CSSProperties}
          onChange={(event) => run({ kind: 'seek', ms: event.target.valueAsNumber })}
        />
      </span>
      {whole !== undefined && (
        <span className="player-time quiet" aria-hidden="true">
          {whole}
        </span>
      )}
      <button
        type="button"
        className="icon-button loop-button"
        aria-label={m.loop}
        title={m.loop}
        aria-pressed={player.isLooping}
        onClick={() => run({ kind: 'loop' })}
      >
        <Icon name="loop" />
      </button>
    </div>
  );
}
