import { useEffect, type ReactNode } from 'react';

import type { Pixels } from '../../../runtime/contract.ts';
import { findTurn, type PictureRef, type SessionDocument } from '../../../session/document.ts';
import { selectMakeBlock } from '../../../session/selectors.ts';
import { stagesOf, type RegionStage } from '../../../session/stages.ts';
import type { EditorState } from '../../../session/state.ts';
import { attachPoint, frameAt } from '../../../session/tree.ts';
import { useMessages } from '../../messages/useMessages.ts';
import { useActions, useEditor, usePage, useView } from '../../page.ts';
import { Frame } from '../../parts/Frame.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { PixelCanvas } from '../../parts/PixelCanvas.tsx';
import { Swatch } from '../../parts/Swatch.tsx';
import { chooseTool } from '../../view.ts';
import { progressWords } from '../Progress.tsx';
import { lineTo } from '../turnLine.ts';
import { findBlock } from './finding.ts';
import { Queue } from './Queue.tsx';
import { StageShape, useStageMask } from './StageOverlay.tsx';

interface StagesProps {
  readonly document: SessionDocument;
}

type StageFact = ReturnType<typeof stagesOf>[number];

/** A turn as three stages, each to be looked at, corrected and made anew alone. */
export function Stages({ document }: StagesProps) {
  const m = useMessages();
  const { view } = usePage();
  const [now, next, picture] = stagesOf(document);
  const number = (lineTo(document, attachPoint(document)).at(-1)?.number ?? 0) + 1;
  // A stage is drawn on only while it can be seen here which one it is.
  useEffect(() => () => view.setState({ stage: null }), [view]);
  return (
    <aside className="side is-stages" aria-label={m.turn(number)}>
      <div className="side-head">
        <h2>{m.turn(number)}</h2>
        <span className="quiet small">{m.side.inStages}</span>
      </div>
      <ol className="stage-cards">
        <RegionCard document={document} fact={now} stage="now" place={1} />
        <RegionCard document={document} fact={next} stage="next" place={2} />
        <PictureCard document={document} fact={picture} hasBoth={now.by !== 'none' && next.by !== 'none'} />
      </ol>
      <Queue document={document} />
    </aside>
  );
}

function useFind(stage: RegionStage): Exclude<EditorState['find'], { readonly status: 'idle' }> | null {
  return useEditor(({ find }) => (find.status !== 'idle' && find.stage === stage ? find : null));
}

interface RegionCardProps extends StagesProps {
  readonly fact: StageFact;
  readonly stage: RegionStage;
  readonly place: number;
}

function RegionCard({ document, fact, stage, place }: RegionCardProps) {
  const { cancel, desk, side } = useMessages();
  const page = usePage();
  const { view, offer } = page;
  const actions = useActions();
  const find = useFind(stage);
  const isEdited = useView((state) => state.stage === stage);
  const block = findBlock(document, offer, stage);
  const picture = frameAt(document, attachPoint(document));
  const name = side.stages[stage];
  const isThere = fact.by !== 'none';
  const preview = find?.status === 'running' ? find.progress?.preview : undefined;
  const correct = (): void => {
    view.setState({ stage, isRegionShown: true });
    chooseTool(view, 'brush');
    window.document.querySelector<HTMLElement>('.picture-window')?.focus();
  };
  const search = stage === 'now' ? actions.findRegionNow : actions.findRegionNext;
  const searchWords = fact.by === 'found' ? side.redo : isThere ? side.letModel : side.find;
  return (
    <li className={isEdited ? 'stage-card is-here' : 'stage-card'}>
      <h3>
        <span className="stage-number">{place}</span>
        <Swatch kind={stage} />
        {name}
      </h3>
      <RegionThumb stage={stage} picture={picture} preview={preview} />
      <StageState isOutOfDate={fact.isOutOfDate}>
        {find === null
          ? fact.by !== 'none' && fact.by !== 'made' && side.cameBy[stage][fact.by]
          : find.status === 'waiting'
            ? side.waitsToFind
            : progressWords(desk, find.progress)}
      </StageState>
      <div className="stage-do">
        {find !== null ? (
          <button
            type="button"
            className="word-button"
            disabled={find.status === 'running' && find.isCancelling}
            onClick={() => actions.cancelFinding()}
          >
            <Icon name="close" />
            {cancel}
          </button>
        ) : (
          <>
            {isEdited ? (
              <button type="button" className="word-button" onClick={() => view.setState({ stage: null })}>
                <Icon name="check" />
                {side.done}
              </button>
            ) : (
              <button type="button" className="word-button" onClick={correct}>
                <Icon name="pen" />
                {isThere ? side.correct : side.draw}
              </button>
            )}
            {block === null && (
              <button type="button" className="word-button" onClick={() => void search()}>
                <Icon name={isThere ? 'again' : 'find'} />
                {searchWords}
              </button>
            )}
            {isThere && (
              <button
                type="button"
                className="icon-button stage-away"
                aria-label={`${side.takeAway}: ${name}`}
                title={side.takeAway}
                onClick={() => {
                  view.setState({ stage: null });
                  actions.setRegion(stage, null);
                }}
              >
                <Icon name="close" />
              </button>
            )}
          </>
        )}
      </div>
      {block === 'unable' && !isThere && (
        <p className="side-hint">{stage === 'now' ? side.cannotFind : side.cannotSayNext}</p>
      )}
    </li>
  );
}

function StageState({
  isOutOfDate,
  children,
}: {
  readonly isOutOfDate: boolean;
  readonly children: ReactNode;
}) {
  const { side } = useMessages();
  return (
    <p className="stage-state">
      {isOutOfDate ? (
        <span className="sign-watch" title={side.outOfDateWhy}>
          <Icon name="warn" />
          {side.outOfDate}
        </span>
      ) : (
        children
      )}
    </p>
  );
}

/** Screen pixels of a picture in a card, for the width of its stripes. */
const CARD = 144;

interface RegionThumbProps {
  readonly stage: RegionStage;
  readonly picture: PictureRef | null;
  readonly preview: Pixels | undefined;
}

/** The region small on its picture; pressing it shows it alone on the large one. */
function RegionThumb({ stage, picture, preview }: RegionThumbProps) {
  const { side } = useMessages();
  const { view } = usePage();
  const mask = useStageMask(stage);
  const isAlone = useView((state) => state.stage === stage);
  if (preview !== undefined) {
    return <PixelCanvas className="stage-view" pixels={preview} label={side.stagePreview} />;
  }
  if (mask === null || picture === null) return <span className="stage-empty">{side.notMade}</span>;
  const { width, height } = picture;
  return (
    <button
      type="button"
      className="stage-view"
      aria-label={side.lookAt(side.stages[stage])}
      aria-pressed={isAlone}
      onClick={() => view.setState({ stage: isAlone ? null : stage, isRegionShown: true })}
    >
      <Frame picture={picture} alt="" />
      <svg className="stage-region" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        <StageShape stage={stage} mask={mask} scale={CARD / width} />
      </svg>
    </button>
  );
}

interface PictureCardProps extends StagesProps {
  readonly fact: StageFact;
  readonly hasBoth: boolean;
}

function PictureCard({ document, fact, hasBoth }: PictureCardProps) {
  const { side } = useMessages();
  const actions = useActions();
  const block = useEditor(selectMakeBlock);
  const { revising } = document.composer;
  const turn = revising === null ? undefined : findTurn(document, revising);
  const made = fact.by === 'made' && turn?.state.status === 'done' ? turn.state.result.frame : null;
  const make = (): void => {
    // The same seed would make the same picture again.
    if (made !== null && !fact.isOutOfDate) actions.setSeed(null);
    actions.makeEdit();
  };
  return (
    <li className="stage-card">
      <h3>
        <span className="stage-number">3</span>
        {side.stages.picture}
      </h3>
      {made === null || turn === undefined ? (
        <span className="stage-empty">{side.notMade}</span>
      ) : (
        <button
          type="button"
          className="stage-view"
          aria-label={side.lookAt(side.stages.picture)}
          onClick={() => actions.goTo(turn.id)}
        >
          <Frame picture={made} alt="" />
        </button>
      )}
      <StageState isOutOfDate={fact.isOutOfDate}>
        {made !== null ? side.made : hasBoth && side.bothPainted}
      </StageState>
      {block === null && (
        <div className="stage-do">
          <button type="button" className="word-button" onClick={make}>
            <Icon name={made === null ? 'image' : 'again'} />
            {made === null ? side.make : side.redo}
          </button>
        </div>
      )}
    </li>
  );
}
