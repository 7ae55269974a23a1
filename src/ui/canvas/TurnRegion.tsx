import { useMemo } from 'react';

import { useMessages } from '../messages/useMessages.ts';
import { usePage, useView } from '../page.ts';
import { Swatch } from '../parts/Swatch.tsx';
import { useKeyTitle } from '../useKeyText.ts';
import { OverlayBox } from './OverlayBox.tsx';
import { StageShape } from './side/StageOverlay.tsx';
import { placeTitle, regionsOf, type Place } from './turnLine.ts';
import type { Viewport } from './viewport.ts';

interface TurnRegionProps {
  /** A place that has a region. */
  readonly place: Place;
  readonly frame: { readonly width: number; readonly height: number };
  readonly viewport: Viewport;
  readonly scale: number;
}

/** The region in which a turn was made, faintly on its picture, with the words of the turn. */
export function TurnRegion({ place, frame, viewport, scale }: TurnRegionProps) {
  const { editor } = usePage();
  const m = useMessages();
  const shapes = useMemo(
    () =>
      regionsOf(place).flatMap(({ stage, hash }) => {
        const mask = editor.actions.maskOf(hash);
        return mask === null ? [] : [{ stage, hash, mask }];
      }),
    [editor, place],
  );
  return (
    <>
      <OverlayBox frame={frame} viewport={viewport} isFaint>
        {shapes.map(({ stage, hash, mask }) => (
          <StageShape key={`${stage} ${hash}`} stage={stage} mask={mask} scale={scale} />
        ))}
      </OverlayBox>
      <p className="region-tag">{m.desk.regionOf(place.number, placeTitle(m, place))}</p>
    </>
  );
}

/** Shows it and hides it, for every turn and beyond this visit. */
export function TurnRegionButton() {
  const { view } = usePage();
  const { desk, keys } = useMessages();
  const isShown = useView((state) => state.hasTurnRegion);
  const title = useKeyTitle(keys.commands['turn-region'], 'turn-region');
  return (
    <button
      type="button"
      className="word-button is-edged facts-region"
      aria-pressed={isShown}
      aria-label={keys.commands['turn-region']}
      title={title}
      onClick={() => view.setState({ hasTurnRegion: !isShown })}
    >
      <Swatch />
      <span>{desk.region}</span>
    </button>
  );
}
