import type { ReactNode } from 'react';

import type { SessionDocument, Turn } from '../../../session/document.ts';
import { useMessages } from '../../messages/useMessages.ts';
import { useEditor } from '../../page.ts';
import { inSeconds, turnTime } from '../../words.ts';
import { FindRegion } from './FindRegion.tsx';

interface FactProps {
  readonly name: string;
  readonly children: ReactNode;
}

function Fact({ name, children }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface TurnDetailsProps {
  readonly document: SessionDocument;
  readonly number: number;
  readonly turn: Turn;
}

export function TurnDetails({ document, number, turn }: TurnDetailsProps) {
  const m = useMessages();
  const { desk, side } = m;
  const { state } = turn;
  const time = turnTime(turn);
  return (
    <aside className="side is-details" aria-label={m.turn(number)}>
      <div className="side-head">
        <h2>{m.turn(number)}</h2>
      </div>
      <dl className="details">
        <Fact name={desk.seed}>{turn.seed}</Fact>
        <Fact name={desk.steps}>{turn.steps}</Fact>
        {time !== null && <Fact name={desk.madeIn}>{inSeconds(time)}</Fact>}
        {state.status === 'done' && (
          <>
            <Fact name={desk.history}>
              {desk.tokens(state.result.cachedTokens, state.result.computedTokens)}
            </Fact>
            <Fact name={desk.ranOn}>{desk.backends[state.result.backend]}</Fact>
          </>
        )}
        <Fact name={desk.model}>{turn.model.id}</Fact>
      </dl>
      <FindRegion document={document} />
      <p className="side-note">{side.noWays}</p>
    </aside>
  );
}

/** The start of a session: its picture and how well the model can keep it, or the words it begins with. */
export function StartDetails({ document }: Pick<TurnDetailsProps, 'document'>) {
  const { desk } = useMessages();
  const check = useEditor((state) => state.pictureCheck);
  if (document.root.kind === 'words') {
    return (
      <aside className="side is-details" aria-label={desk.start}>
        <div className="side-head">
          <h2>{desk.start}</h2>
        </div>
        <dl className="details">
          <Fact name={desk.picture}>{desk.noStart}</Fact>
        </dl>
        <p className="side-note">{desk.noStartNote}</p>
      </aside>
    );
  }
  return (
    <aside className="side is-details" aria-label={desk.startPicture}>
      <div className="side-head">
        <h2>{desk.start}</h2>
      </div>
      <dl className="details">
        <Fact name={desk.picture}>{document.root.name}</Fact>
        <Fact name={desk.fitToModel}>
          {check.status === 'checked'
            ? `${check.psnrDb.toFixed(1)}\u00a0dB`
            : check.status === 'checking'
              ? desk.checkingFit
              : desk.checkedLater}
        </Fact>
      </dl>
      <FindRegion document={document} />
      <p className="side-note">{desk.fitNote}</p>
    </aside>
  );
}
