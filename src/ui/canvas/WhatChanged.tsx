import type { SessionDocument } from '../../session/document.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useView } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { PixelCanvas } from '../parts/PixelCanvas.tsx';
import { inPercent } from '../words.ts';
import { comparedPlaces, placeTitle } from './turnLine.ts';
import { useDifference, useDifferenceMap, useRegionInForce } from './useChange.ts';

interface WhatChangedProps {
  readonly document: SessionDocument;
}

/** Beside a comparison: its map and its numbers. */
export function WhatChanged({ document }: WhatChangedProps) {
  const m = useMessages();
  const { desk } = m;
  const comparison = useView((state) => state.comparison);
  const mode = useView((state) => state.compareMode);
  const [before, after] = comparedPlaces(document, comparison.before, comparison.after);
  const map = useDifferenceMap(before.picture, after.picture);
  // A region says something only of the turn that was made in it.
  const isOneTurn = after.turn !== null && after.turn.parentId === before.id;
  const mask = useRegionInForce(isOneTurn ? after.turn : null);
  const change = useDifference(before.picture, after.picture, mask);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls on small screens, and holds nothing else for the keyboard
    <aside className="side" aria-label={desk.whatChanged} tabIndex={0}>
      <div className="side-head">
        <h2>{desk.whatChanged}</h2>
      </div>
      {map !== null && mode !== 'difference' && (
        <div className="change-map" style={{ aspectRatio: `${map.width} / ${map.height}` }}>
          <PixelCanvas pixels={map} label={desk.mapOf(placeTitle(m, before), placeTitle(m, after))} />
        </div>
      )}
      <p className="ramp">
        <span>{desk.none}</span>
        <i />
        <span>{desk.much}</span>
      </p>
      {change !== null && (
        <dl className="details">
          <div>
            <dt>{desk.meanDifference}</dt>
            <dd className="big-number">{inPercent(change.mean)}</dd>
          </div>
          <div>
            <dt title={desk.visiblyMeans}>{desk.visiblyChanged}</dt>
            <dd>{inPercent(change.visibleShare)}</dd>
          </div>
          {mask !== null && (
            <>
              <div>
                <dt title={desk.visiblyMeans}>{desk.insideRegion}</dt>
                <dd>{inPercent(change.visibleInside)}</dd>
              </div>
              <div>
                <dt>{desk.outsideRegion(after.number)}</dt>
                <dd className={change.changedOutside === 0 ? 'sign-kept' : 'sign-watch'}>
                  <Icon name={change.changedOutside === 0 ? 'check' : 'warn'} />
                  {desk.pixelsChanged(change.changedOutside)}
                </dd>
              </div>
            </>
          )}
        </dl>
      )}
      <p className="side-note">{desk.measuredNote}</p>
    </aside>
  );
}
