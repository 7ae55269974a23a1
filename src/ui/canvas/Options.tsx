import { useMemo, useState, type CSSProperties } from 'react';

import type { NodeId, SessionDocument } from '../../session/document.ts';
import { selectComposer, selectShownFrame } from '../../session/selectors.ts';
import { canUseRegions, toolBlock } from '../abilities.ts';
import { invertRegion } from '../commands.ts';
import { useActions, useEditor, usePage, useView } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { useTool } from '../useTool.ts';
import { MAX_BRUSH, MIN_BRUSH, setBrushSize, speak } from '../view.ts';
import { comparedPlaces } from './Desk.tsx';
import { drawRectangle, emptyMask, isEmptyMask, typeRectangle, type PaintMode } from './maskTool.ts';
import { middleRectangle } from './PictureWindow.tsx';
import { lineTo } from './turnLine.ts';
import { zoomAt } from './viewport.ts';

interface OptionsProps {
  readonly document: SessionDocument;
}

const SIDE_LABELS = { x: 'X', y: 'Y', width: 'Width', height: 'Height' };
const MIDDLE = { x: 0.5, y: 0.5 };

export function Options({ document }: OptionsProps) {
  const tool = useTool();
  const block = useEditor((state) => toolBlock(state, 'hand'));
  const { offer } = usePage();
  const label = {
    brush: 'Brush',
    eraser: 'Eraser',
    rectangle: 'Rectangle',
    hand: 'Hand',
    compare: 'Compare',
  }[tool];
  if (block !== null) {
    const needs = canUseRegions(offer) ? 'Regions, zoom and compare' : 'Zoom and compare';
    return (
      <div className="options" role="toolbar" aria-label="Options">
        <span className="hint is-reason">{`${block}. ${needs} follow with the first one`}</span>
      </div>
    );
  }
  return (
    <div className="options" role="toolbar" aria-label={`${label} options`}>
      {(tool === 'brush' || tool === 'eraser') && <BrushOptions />}
      {tool === 'rectangle' && <RectangleOptions />}
      {tool === 'compare' ? (
        <CompareOptions document={document} />
      ) : (
        <>
          {tool !== 'hand' && <RegionOptions isFolded={tool === 'rectangle'} />}
          {tool === 'hand' && <span className="hint">Drag to move the picture, wheel with Ctrl to zoom</span>}
          <Zoom isFolded={tool === 'rectangle'} />
        </>
      )}
    </div>
  );
}

interface FoldProps {
  /** What has a key is left out on narrow screens, where the fields of the tool take its room. */
  readonly isFolded: boolean;
}

function BrushOptions() {
  const { view } = usePage();
  const size = useView((state) => state.brushSize);
  const part = ((size - MIN_BRUSH) / (MAX_BRUSH - MIN_BRUSH)) * 100;
  return (
    <label className="option-slider" title="Brush size ([ and ])">
      <span>Size</span>
      <input
        type="range"
        min={MIN_BRUSH}
        max={MAX_BRUSH}
        value={size}
        style={{ '--part': `${part}%` } as CSSProperties}
        onChange={(event) => setBrushSize(view, event.target.valueAsNumber)}
      />
      <span className="option-value" aria-hidden="true">
        {size}
      </span>
    </label>
  );
}

/** The region of the line being written, and the empty one of the same size to draw on. */
function useRegion() {
  const { editor } = usePage();
  const ref = useEditor((state) => selectComposer(state).regions.drawn);
  const frame = useEditor(selectShownFrame);
  return useMemo(() => {
    if (frame === null) return null;
    const drawn = ref === null ? null : editor.actions.maskOf(ref.hash);
    return { frame, drawn, mask: drawn ?? emptyMask(frame.width, frame.height) };
  }, [editor, ref, frame]);
}

function RectangleOptions() {
  const { view } = usePage();
  const actions = useActions();
  const region = useRegion();
  const rectangle = useView((state) => state.rectangle);
  const [adjusted, setAdjusted] = useState<string | null>(null);
  if (region === null) return null;
  const { frame, mask } = region;
  const now = rectangle ?? middleRectangle(frame);
  const field = (key: keyof typeof now) => (
    <NumberField
      label={SIDE_LABELS[key]}
      value={now[key]}
      min={0}
      max={Number.MAX_SAFE_INTEGER}
      isMarked={adjusted === key}
      onChange={(value) => {
        const typed = typeRectangle(now, key, value ?? now[key], frame);
        view.setState({ rectangle: typed.rectangle });
        setAdjusted(typed.adjusted);
        if (typed.adjusted === null) return;
        const to = typed.rectangle[typed.adjusted];
        speak(
          view,
          `${SIDE_LABELS[typed.adjusted]} is now ${to}, so that the rectangle stays in the picture.`,
        );
      }}
    />
  );
  const draw = (mode: PaintMode): void => {
    const drawn = drawRectangle(mask, now, mode);
    actions.setMask(isEmptyMask(drawn) ? null : drawn);
  };
  return (
    <>
      {field('x')}
      {field('y')}
      {field('width')}
      {field('height')}
      <button type="button" className="word-button" onClick={() => draw('paint')}>
        <Icon name="plus" />
        Add
      </button>
      <button type="button" className="word-button" onClick={() => draw('erase')}>
        <Icon name="minus" />
        Take away
      </button>
      <span className="divider" />
    </>
  );
}

function RegionOptions({ isFolded }: FoldProps) {
  const page = usePage();
  const { view } = page;
  const actions = useActions();
  const region = useRegion();
  const isShown = useView((state) => state.isRegionShown);
  const drawn = region?.drawn ?? null;
  return (
    <>
      <button
        type="button"
        className="word-button"
        title="Invert the region (Ctrl Shift I)"
        disabled={region === null}
        onClick={() => invertRegion(page)}
      >
        Invert
      </button>
      <button
        type="button"
        className="word-button"
        title="Clear the region (Shift C)"
        disabled={drawn === null}
        onClick={() => actions.setMask(null)}
      >
        Clear
      </button>
      <button
        type="button"
        className={isFolded ? 'word-button fold' : 'word-button'}
        title="Hide or show the region (Q)"
        aria-pressed={isShown}
        onClick={() => view.setState({ isRegionShown: !isShown })}
      >
        {isShown ? 'Hide region' : 'Show region'}
      </button>
    </>
  );
}

function Zoom({ isFolded }: FoldProps) {
  const { view } = usePage();
  const viewport = useView((state) => state.viewport);
  const zoom = (factor: number): void =>
    view.setState({ viewport: zoomAt(view.getState().viewport, factor, MIDDLE) });
  return (
    <div className={isFolded ? 'zoom fold' : 'zoom'} role="group" aria-label="Zoom">
      <button
        type="button"
        className="icon-button"
        aria-label="Zoom out"
        title="Zoom out (Ctrl −)"
        disabled={viewport.zoom === 1}
        onClick={() => zoom(0.8)}
      >
        <Icon name="minus" />
      </button>
      <span className="zoom-value">
        {viewport.zoom === 1 ? 'Fitted' : `${viewport.zoom.toFixed(1)}\u00a0×`}
      </span>
      <button
        type="button"
        className="icon-button"
        aria-label="Zoom in"
        title="Zoom in (Ctrl +)"
        onClick={() => zoom(1.25)}
      >
        <Icon name="plus" />
      </button>
      <button
        type="button"
        className="word-button"
        title="Fit the picture (Ctrl 0)"
        disabled={viewport.zoom === 1}
        onClick={() => zoom(0)}
      >
        Fit
      </button>
    </div>
  );
}

function CompareOptions({ document }: OptionsProps) {
  const { view } = usePage();
  const comparison = useView((state) => state.comparison);
  const [before, after] = comparedPlaces(document, comparison.before, comparison.after);
  const places = useMemo(
    () =>
      [
        ...lineTo(document, null),
        ...document.turns
          .filter(({ state }) => state.status === 'done')
          .map(({ id }) => lineTo(document, id).at(-1)),
      ].filter((place) => place !== undefined && place.picture !== null),
    [document],
  );
  const pick = (side: 'before' | 'after', id: NodeId) => (
    <select
      className="compare-pick"
      aria-label={side === 'before' ? 'Left picture' : 'Right picture'}
      value={id ?? ''}
      onChange={(event) => {
        const chosen = places.find((place) => (place?.id ?? '') === event.target.value);
        view.setState({ comparison: { ...view.getState().comparison, [side]: chosen?.id ?? null } });
      }}
    >
      {places.map((place) => (
        <option key={place?.id ?? ''} value={place?.id ?? ''}>{`${place?.number} ${place?.title}`}</option>
      ))}
    </select>
  );
  return (
    <>
      {pick('before', before.id)}
      <button
        type="button"
        className="icon-button"
        aria-label="Swap sides"
        title="Swap sides (Alt C)"
        onClick={() => view.setState({ comparison: { ...comparison, before: after.id, after: before.id } })}
      >
        <Icon name="swap" />
      </button>
      {pick('after', after.id)}
      <span className="hint fold">Drag the line, or arrow keys on its knob</span>
    </>
  );
}
