import { useMemo } from 'react';

import type { NodeId, SessionDocument } from '../../session/document.ts';
import { useMessages } from '../messages/useMessages.ts';
import { usePage, useView } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { OptionSlider } from '../parts/OptionSlider.tsx';
import { Segments } from '../parts/Segments.tsx';
import { COMPARE_MODES } from '../settings.ts';
import { useKeyTitle } from '../useKeyText.ts';
import { comparedPlaces, lineTo, placeTitle, type Place } from './turnLine.ts';

interface CompareOptionsProps {
  readonly document: SessionDocument;
}

/** Which two pictures are held against each other, and how. */
export function CompareOptions({ document }: CompareOptionsProps) {
  const { view } = usePage();
  const m = useMessages();
  const { desk } = m;
  const comparison = useView((state) => state.comparison);
  const mode = useView((state) => state.compareMode);
  const swapTitle = useKeyTitle(desk.swapSides, 'swap-sides');
  const [before, after] = comparedPlaces(document, comparison.before, comparison.after);
  const places = useMemo(
    () =>
      [
        ...lineTo(document, null),
        ...document.turns
          .filter(({ state }) => state.status === 'done')
          .map(({ id }) => lineTo(document, id).at(-1)),
      ].filter((place): place is Place => place !== undefined && place.picture !== null),
    [document],
  );
  const pick = (side: 'before' | 'after', id: NodeId) => (
    <select
      className="compare-pick"
      aria-label={side === 'before' ? desk.leftPicture : desk.rightPicture}
      value={id ?? ''}
      onChange={(event) => {
        const chosen = places.find((place) => (place.id ?? '') === event.target.value);
        view.setState({ comparison: { ...view.getState().comparison, [side]: chosen?.id ?? null } });
      }}
    >
      {places.map((place) => (
        <option
          key={place.id ?? ''}
          value={place.id ?? ''}
        >{`${place.number} ${placeTitle(m, place)}`}</option>
      ))}
    </select>
  );
  return (
    <>
      {pick('before', before.id)}
      <button
        type="button"
        className="icon-button"
        aria-label={desk.swapSides}
        title={swapTitle}
        onClick={() => view.setState({ comparison: { ...comparison, before: after.id, after: before.id } })}
      >
        <Icon name="swap" />
      </button>
      {pick('after', after.id)}
      <span className="divider" />
      <Segments
        label={desk.wayToCompare}
        value={mode}
        options={COMPARE_MODES.map((value) => ({ value, text: desk.compareModes[value] }))}
        onChange={(compareMode) => view.setState({ compareMode })}
      />
      {mode === 'through' && (
        <OptionSlider
          label={desk.before}
          min={0}
          max={100}
          value={Math.round(comparison.line * 100)}
          text={`${Math.round(comparison.line * 100)}\u00a0%`}
          onChange={(value) => view.setState({ comparison: { ...comparison, line: value / 100 } })}
        />
      )}
    </>
  );
}
