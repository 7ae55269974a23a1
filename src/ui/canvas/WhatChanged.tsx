import type { SessionDocument } from '../../session/document.ts';
import { useView } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { PixelCanvas } from '../parts/PixelCanvas.tsx';
import { countOf, inPercent } from '../words.ts';
import { VISIBLY } from './Facts.tsx';
import { comparedPlaces } from './turnLine.ts';
import { useDifference, useDifferenceMap } from './useChange.ts';

interface WhatChangedProps {
  readonly document: SessionDocument;
}

/** Beside a comparison: its map and its numbers. */
export function WhatChanged({ document }: WhatChangedProps) {
  const comparison = useView((state) => state.comparison);
  const mode = useView((state) => state.compareMode);
  const [before, after] = comparedPlaces(document, comparison.before, comparison.after);
  const map = useDifferenceMap(before.picture, after.picture);
  // A region says something only of the turn that was made in it.
  const isOneTurn = after.turn !== null && after.turn.parentId === before.id;
  const mask = isOneTurn ? after.turn.regions.drawn : null;
  const change = useDifference(before.picture, after.picture, mask);
  return (
    <aside className="side" aria-label="What changed">
      <div className="side-head">
        <h2>What changed</h2>
      </div>
      {map !== null && mode !== 'difference' && (
        <div className="change-map" style={{ aspectRatio: `${map.width} / ${map.height}` }}>
          <PixelCanvas
            pixels={map}
            label={`Map of the difference between ${before.title} and ${after.title}`}
          />
        </div>
      )}
      <p className="ramp">
        <span>none</span>
        <i />
        <span>much</span>
      </p>
      {change !== null && (
        <dl className="details">
          <div>
            <dt>Mean difference</dt>
            <dd className="big-number">{inPercent(change.mean)}</dd>
          </div>
          <div>
            <dt title={VISIBLY}>Visibly changed</dt>
            <dd>{inPercent(change.visibleShare)}</dd>
          </div>
          {mask !== null && (
            <>
              <div>
                <dt title={VISIBLY}>Inside the region</dt>
                <dd>{inPercent(change.visibleInside)}</dd>
              </div>
              <div>
                <dt>{`Outside the region, turn ${after.number}`}</dt>
                <dd className={change.changedOutside === 0 ? 'sign-kept' : 'sign-watch'}>
                  <Icon name={change.changedOutside === 0 ? 'check' : 'warn'} />
                  {`${countOf(change.changedOutside, 'px', 'px')} changed`}
                </dd>
              </div>
            </>
          )}
        </dl>
      )}
      <p className="side-note">Measured between the two pictures shown, over red, green and blue.</p>
    </aside>
  );
}
