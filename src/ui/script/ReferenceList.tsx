import { useEffect, useRef } from 'react';

import type { NodeId, SessionDocument } from '../../session/document.ts';
import { shownTurns } from '../../session/groups.ts';
import { lineTo, placeTitle, type Place } from '../canvas/turnLine.ts';
import type { Messages } from '../messages/en.ts';
import { useMessages } from '../messages/useMessages.ts';
import { Frame } from '../parts/Frame.tsx';
import { Icon } from '../parts/Icon.tsx';

/** A picture of this session, or one that is still to be brought in. */
export type ReferenceChoice = Place | 'upload';

const idOf = (index: number): string => `reference-${index}`;

export function referenceId(choices: readonly ReferenceChoice[], at: number): string | undefined {
  return choices.length === 0 ? undefined : idOf(at);
}

/** Pictures of the session whose words hold `query`, the newest first, and the way to bring one in. */
export function referenceChoices(
  m: Messages,
  document: SessionDocument,
  query: string,
): readonly ReferenceChoice[] {
  const places: readonly NodeId[] = [
    ...shownTurns(document)
      .filter(({ state }) => state.status === 'done')
      .map(({ id }) => id)
      .toReversed(),
    null,
  ];
  const wanted = query.toLowerCase();
  const found = places
    .map((id) => lineTo(document, id).at(-1) as Place)
    .filter((place) => place.picture !== null && placeTitle(m, place).toLowerCase().includes(wanted));
  return [...found, 'upload'];
}

interface ReferenceListProps {
  readonly choices: readonly ReferenceChoice[];
  readonly at: number;
  readonly onChoose: (choice: ReferenceChoice) => void;
}

/** What `@` offers; the field keeps the focus and its keys walk the list. */
export function ReferenceList({ choices, at, onChoose }: ReferenceListProps) {
  const m = useMessages();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView?.({ block: 'nearest' });
  }, [at]);
  return (
    <div
      ref={list}
      id="reference-list"
      className="reference-list"
      role="listbox"
      aria-label={m.composer.refer}
    >
      {choices.map((choice, index) => (
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the field has the keys
        <div
          key={choice === 'upload' ? choice : (choice.id ?? 'start')}
          id={idOf(index)}
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          // The field must not lose the focus to a press here.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(choice)}
        >
          {choice === 'upload' ? (
            <>
              <span className="reference-sign">
                <Icon name="image" />
              </span>
              <span>{m.composer.upload}</span>
            </>
          ) : (
            <>
              {choice.picture !== null && <Frame picture={choice.picture} alt="" />}
              <span className="reference-number">{choice.number}</span>
              <span className="reference-words" lang={choice.turn === null ? undefined : 'en'}>
                {placeTitle(m, choice)}
              </span>
            </>
          )}
        </div>
      ))}
    </div>
  );
}
