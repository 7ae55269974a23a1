import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { flushSync } from 'react-dom';

import type { SessionDocument, Task } from '../../session/document.ts';
import { earlierWords } from '../../session/groups.ts';
import { beginsFromWords, isBlank } from '../../session/tree.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useOpen } from '../open.ts';
import { useActions, useEditor } from '../page.ts';
import { isComposing } from '../shortcuts.ts';
import { fillMention, mentionAt, type Mention } from './mentions.ts';
import { referenceChoices, referenceId, ReferenceList, type ReferenceChoice } from './ReferenceList.tsx';
import { useReferenceNames } from './References.tsx';

interface WordsFieldProps {
  readonly document: SessionDocument;
  /** What the words will make. */
  readonly made: Task['kind'];
  /** `isNext`: before all that waits. */
  readonly onMake: (isNext: boolean) => void;
}

/** The words of the line, with those of earlier turns on Alt+Up and pictures to speak of on `@`. */
export function WordsField({ document, made, onMake }: WordsFieldProps) {
  const actions = useActions();
  const { chooseReference, takeReference } = useOpen();
  const messages = useMessages();
  const { composer: m } = messages;
  const { instruction, references } = document.composer;
  const isRunning = useEditor((state) => state.run.status === 'running');
  const field = useRef<HTMLTextAreaElement>(null);
  const isFromWords = beginsFromWords(document);
  const { story } = messages;
  const asked: Readonly<Record<Task['kind'], readonly [string, string]>> = {
    image: [m.whatChanges, m.whatChangesHint],
    scene: [story.whatNext, story.whatNextHint],
    'clip-between': [story.clipMotion, story.betweenHint],
    'clip-edit': [story.clipChange, story.wholeClipHint],
  };
  const [question, hint] = isFromWords ? [m.whatShows, m.whatShowsHint] : asked[made];
  const mayWrite = isBlank(document);
  // Words are all there is to begin with, so the person can start writing at once.
  useEffect(() => {
    if (mayWrite) field.current?.focus();
  }, [mayWrite]);

  const draft = useRef('');
  const [recalled, setRecalled] = useState(-1);
  const recall = (step: number): void => {
    const earlier = earlierWords(document);
    const next = Math.min(Math.max(recalled + step, -1), earlier.length - 1);
    if (recalled === -1) draft.current = instruction;
    setRecalled(next);
    actions.setInstruction(next === -1 ? draft.current : (earlier[next] ?? ''));
  };

  const names = useReferenceNames();
  const [mention, setMention] = useState<Mention | null>(null);
  const [at, setAt] = useState(0);
  const name = names[references.length];
  const choices = useMemo(
    () => (mention === null || name === undefined ? [] : referenceChoices(messages, document, mention.query)),
    [messages, document, mention, name],
  );
  const lookForMention = (): void => {
    const { value = '', selectionStart = 0 } = field.current ?? {};
    setMention(mentionAt(value, selectionStart));
    setAt(0);
  };
  const choose = (choice: ReferenceChoice | undefined): void => {
    if (choice === undefined || mention === null || name === undefined) return;
    setMention(null);
    const { text, cursor } = fillMention(instruction, mention, name);
    const fill = (): void => {
      // The field must hold its new words before the next key, which may come before the next frame.
      flushSync(() => actions.setInstruction(text));
      field.current?.focus();
      field.current?.setSelectionRange(cursor, cursor);
    };
    if (choice === 'upload') chooseReference(fill);
    else if (actions.addReference({ place: choice.id })) fill();
  };
  /** A picture that comes to the words is one to speak of, where they can speak of one more; else the page opens it. */
  const takePicture = (files: FileList): boolean => {
    const file = [...files].find(({ type }) => type.startsWith('image/'));
    if (file === undefined || name === undefined) return false;
    const end = field.current?.selectionEnd ?? instruction.length;
    const [before, after] = [instruction.slice(0, end).trimEnd(), instruction.slice(end).trimStart()];
    takeReference(file, () => {
      actions.setInstruction(`${before} ${name} ${after}`.trimStart());
      field.current?.focus();
    });
    return true;
  };
  /** True when the key was for the list. */
  const onListKey = (key: string): boolean => {
    if (choices.length === 0) return false;
    if (key === 'ArrowDown') setAt((at + 1) % choices.length);
    else if (key === 'ArrowUp') setAt((at + choices.length - 1) % choices.length);
    else if (key === 'Enter' || key === 'Tab') choose(choices[at]);
    else if (key === 'Escape') setMention(null);
    else return false;
    return true;
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (isComposing(event.nativeEvent)) return;
    const hasModifier = event.altKey || event.ctrlKey || event.metaKey;
    const isStep = event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown');
    if (!hasModifier && onListKey(event.key)) event.stopPropagation();
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onMake(event.shiftKey);
    else if (isStep) recall(event.key === 'ArrowUp' ? 1 : -1);
    else if (event.key === 'Escape' && !isRunning)
      window.document.querySelector<HTMLElement>('.picture-window, .story-screen')?.focus();
    else return;
    event.preventDefault();
  };
  const isListOpen = choices.length > 0;
  return (
    <div className="write-words">
      {isListOpen && <ReferenceList choices={choices} at={at} onChoose={choose} />}
      <textarea
        ref={field}
        className="write-field"
        id="words"
        aria-label={question}
        aria-describedby="words-note"
        aria-autocomplete={names.length > 0 ? 'list' : undefined}
        aria-controls={isListOpen ? 'reference-list' : undefined}
        aria-activedescendant={isListOpen ? referenceId(choices, at) : undefined}
        placeholder={isRunning && !isFromWords ? m.andThen : hint}
        // The model reads English whatever the language of the page is.
        lang="en"
        rows={2}
        spellCheck
        value={instruction}
        onChange={(event) => {
          setRecalled(-1);
          actions.setInstruction(event.target.value.replace(/[\n\t]/g, ' '));
          lookForMention();
        }}
        onPaste={(event) => {
          if (takePicture(event.clipboardData.files)) event.preventDefault();
        }}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          if (!takePicture(event.dataTransfer.files)) return;
          event.preventDefault();
          event.stopPropagation();
        }}
        onKeyDown={onKeyDown}
        onClick={lookForMention}
        onBlur={() => setMention(null)}
      />
      {mention !== null && name === undefined && (
        <p className="quiet small" role="status">
          {names.length === 0 ? m.notReferring : m.referringFull(names.length)}
        </p>
      )}
    </div>
  );
}
