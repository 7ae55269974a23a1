import { useState } from 'react';

import { leastFrames, mostFrames } from '../../session/adding.ts';
import { useMessages } from '../messages/useMessages.ts';
import { Segments } from '../parts/Segments.tsx';

/** How many frames a clip can have. */
export const CLIP_COUNTS = Array.from({ length: mostFrames - leastFrames + 1 }, (_, more) => {
  const value = leastFrames + more;
  return { value, text: String(value) };
});
export const USUAL_CLIP_COUNT = 5;

interface ClipFormProps {
  readonly label: string;
  readonly hint: string;
  /** A clip between two pictures may have no words; an edit of one must say something. */
  readonly mayBeWordless: boolean;
  /** Whether the number of frames is to be chosen. */
  readonly hasCount: boolean;
  readonly act: string;
  /** False when it was refused. */
  readonly onMake: (words: string, count: number) => boolean;
}

/** The words of a clip, in a small panel that closes once it is being made. */
export function ClipForm({ label, hint, mayBeWordless, hasCount, act, onMake }: ClipFormProps) {
  const { story: m } = useMessages();
  const [words, setWords] = useState('');
  const [count, setCount] = useState(USUAL_CLIP_COUNT);
  return (
    <form
      className="clip-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!onMake(words, count)) return;
        setWords('');
        event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover();
      }}
    >
      <label>
        <span className="quiet small">{label}</span>
        <input
          className="text-input"
          type="text"
          lang="en"
          placeholder={hint}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      </label>
      {hasCount && (
        <span className="field-line">
          <span aria-hidden="true">{m.clipFrames}</span>
          <Segments label={m.clipFrames} value={count} options={CLIP_COUNTS} onChange={setCount} />
        </span>
      )}
      <button type="submit" className="act" disabled={!mayBeWordless && words.trim() === ''}>
        {act}
      </button>
    </form>
  );
}
