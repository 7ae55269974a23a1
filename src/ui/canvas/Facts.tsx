import type { PictureRef, SessionDocument, Turn } from '../../session/document.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, useEditor, usePage } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { Transport } from '../story/Transport.tsx';
import { useKeyTitle } from '../useKeyText.ts';
import { useTool } from '../useTool.ts';
import { inPercent, inSize } from '../words.ts';
import { hasRegion, type Place } from './turnLine.ts';
import { TurnRegionButton } from './TurnRegion.tsx';
import { useDifference, useRegionInForce } from './useChange.ts';
import type { Clip } from './useClip.ts';

/** Mean difference from which on a picture has visibly drifted away. */
const WATCHED_DRIFT = 0.01;

interface FactsProps {
  readonly document: SessionDocument;
  readonly line: readonly Place[];
  readonly picture: PictureRef;
  /** The clip of the turn in sight, to be played here; null for a single picture. */
  readonly clip: Clip | null;
}

/** Numbers about the picture on the desk: measured, not promised. */
export function Facts({ document, line, picture, clip }: FactsProps) {
  const m = useMessages();
  const { desk, side } = m;
  const check = useEditor((state) => state.pictureCheck);
  const tool = useTool();
  const here = line.at(-1);
  const before = line.findLast((place) => place.number < (here?.number ?? 0) && place.picture !== null);
  const mask = useRegionInForce(here?.turn ?? null);
  const step = useDifference(before?.picture ?? null, here?.picture ?? null, mask);
  const state = here?.turn?.state;
  const drift = state?.status === 'done' ? state.result.drift : undefined;
  if (clip !== null) {
    const [at, count] = [clip.frame + 1, clip.frames.length];
    return (
      <figcaption className="facts is-clip">
        <Transport
          {...clip}
          hasKeys={false}
          place={m.story.clipPlace}
          placeText={m.story.clipAt(at, count)}
          now={m.story.frameOf(at, count)}
        />
        {hasRegion(here) && <TurnRegionButton />}
        {before !== undefined && <HoldBefore />}
      </figcaption>
    );
  }
  return (
    <figcaption className="facts">
      <span className="quiet">{here?.turn ? m.turn(here.number) : document.name}</span>
      <span className="quiet facts-size">{inSize(picture)}</span>
      {step !== null && mask !== null && (
        <span className={step.changedOutside === 0 ? 'sign-kept push' : 'sign-watch push'}>
          <Icon name={step.changedOutside === 0 ? 'check' : 'warn'} />
          {desk.changedOutside(step.changedOutside)}
        </span>
      )}
      {state?.status === 'draft' && <span className="quiet push">{side.waitsHere}</span>}
      {state?.status === 'done' && before === undefined && (
        <span className="quiet push">{desk.madeFromWords}</span>
      )}
      {step !== null && mask === null && (
        <span className="quiet push" title={desk.visiblyMeans}>
          {desk.visibly(inPercent(step.visibleShare))}
        </span>
      )}
      {here?.turn != null && drift !== undefined && (
        <DriftSign turn={here.turn} drift={drift.original.meanOutside} />
      )}
      {here?.turn === null && check.status === 'checked' && (
        <span className={check.isKnownWorld ? 'sign-kept push' : 'sign-watch push'}>
          <Icon name={check.isKnownWorld ? 'check' : 'warn'} />
          {(check.isKnownWorld ? desk.known : desk.unknown)(check.psnrDb.toFixed(1))}
        </span>
      )}
      {here?.turn === null && check.status === 'checking' && (
        <span className="quiet push">{desk.checking}</span>
      )}
      {hasRegion(here) && tool !== 'compare' && <TurnRegionButton />}
      {before !== undefined && <HoldBefore />}
    </figcaption>
  );
}

/** Numbers of little drift stay quiet; much of it comes with the way out. */
function DriftSign({ turn, drift }: { readonly turn: Turn; readonly drift: number }) {
  const { script, side } = useMessages();
  const actions = useActions();
  const words = side.drift(inPercent(drift));
  if (drift <= WATCHED_DRIFT) {
    return (
      <span className="quiet push facts-drift" title={side.driftTitle}>
        {words}
      </span>
    );
  }
  return (
    <>
      <span className="sign-watch push facts-drift" title={side.driftTitle}>
        <Icon name="warn" />
        {words}
      </span>
      {turn.parentId !== null && (
        <button
          type="button"
          className="word-button is-edged facts-rebase"
          title={side.rebaseTitle}
          onClick={() => void actions.rebase(turn.id)}
        >
          {script.rebase}
        </button>
      )}
    </>
  );
}

/** The way of a finger to what holding C does. */
function HoldBefore() {
  const { view } = usePage();
  const { desk } = useMessages();
  const title = useKeyTitle(desk.holdBefore, 'compare');
  const peek = (isPeeking: boolean) => (): void => view.setState({ isPeeking });
  const isPress = (key: string): boolean => key === ' ' || key === 'Enter';
  return (
    <button
      type="button"
      className="word-button is-edged hold-before"
      title={title}
      onPointerDown={peek(true)}
      onPointerUp={peek(false)}
      onPointerLeave={peek(false)}
      onPointerCancel={peek(false)}
      onBlur={peek(false)}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (isPress(event.key)) peek(true)();
      }}
      onKeyUp={(event) => {
        if (isPress(event.key)) peek(false)();
      }}
    >
      {desk.before}
    </button>
  );
}
