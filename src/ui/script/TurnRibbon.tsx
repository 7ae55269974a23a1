import { memo, useMemo } from 'react';

import type { SessionDocument } from '../../session/document.ts';
import { lineTo } from '../canvas/turnLine.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, usePage } from '../page.ts';
import { Frame } from '../parts/Frame.tsx';
import { Icon } from '../parts/Icon.tsx';

interface TurnRibbonProps {
  readonly document: SessionDocument;
}

/** On narrow screens: the pictures of this branch in a row, and the way to the whole tree. */
export const TurnRibbon = memo(
  Ribbon,
  ({ document: a }, { document: b }) => a.turns === b.turns && a.current === b.current && a.root === b.root,
);

function Ribbon({ document }: TurnRibbonProps) {
  const { view } = usePage();
  const actions = useActions();
  const m = useMessages();
  const line = useMemo(() => lineTo(document, document.current), [document]);
  return (
    <nav className="turn-ribbon" aria-label={m.script.branch}>
      <button type="button" className="word-button" onClick={() => view.setState({ isTreeOpen: true })}>
        <Icon name="fork" />
        {m.script.turns}
      </button>
      <ol>
        {line.map((place) => (
          <li key={place.number}>
            <button
              type="button"
              className="ribbon-turn"
              aria-label={m.turn(place.number)}
              aria-current={place.id === document.current}
              onClick={() => actions.goTo(place.id)}
            >
              {place.picture !== null && <Frame picture={place.picture} alt="" />}
              <span>{place.number}</span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
