import { useEffect, useRef, type KeyboardEvent } from 'react';

import type { PictureRef } from '../../session/document.ts';
import { useMessages } from '../messages/useMessages.ts';
import { usePage, useView } from '../page.ts';
import { Frame } from '../parts/Frame.tsx';
import { Icon } from '../parts/Icon.tsx';
import { PixelCanvas } from '../parts/PixelCanvas.tsx';
import { layerStyle } from './layerStyle.ts';
import type { PressedPoint } from './pointers.ts';
import { useDifferenceMap } from './useChange.ts';
import { usePictureGestures } from './usePictureGestures.ts';
import { useWidth } from './useSize.ts';

interface CompareSide {
  readonly title: string;
  readonly picture: PictureRef;
}

interface CompareProps {
  readonly before: CompareSide;
  readonly after: CompareSide;
}

/** Two pictures held against each other, both through one viewport, so that they never shift. */
export function Compare({ before, after }: CompareProps) {
  const { view } = usePage();
  const ref = useRef<HTMLDivElement>(null);
  const width = useWidth(ref);
  const mode = useView((state) => state.compareMode);
  const isPanning = useView((state) => state.isPanning);
  const viewport = useView((state) => state.viewport);
  const line = useView((state) => state.comparison.line);
  const hasLine = mode === 'slider' || mode === 'through';
  const frame = after.picture;
  const layer = layerStyle(viewport, (width * viewport.zoom) / frame.width);

  useEffect(() => view.setState({ fittedScale: width / frame.width }), [view, width, frame.width]);

  const moveLine = (point: PressedPoint | undefined): void => {
    if (point === undefined) return;
    const { comparison } = view.getState();
    view.setState({ comparison: { ...comparison, line: Math.min(Math.max(point.x, 0), 1) } });
  };
  const handlers = usePictureGestures(ref, {
    isHand: () => !hasLine,
    begin: moveLine,
    extend: (points) => moveLine(points.at(-1)),
    end: () => undefined,
    abort: () => undefined,
  });
  const beforePicture = <Frame picture={before.picture} alt={before.title} />;
  const afterPicture = <Frame picture={after.picture} alt={after.title} />;
  return (
    <div
      ref={ref}
      className={`compare on-picture is-${mode}${isPanning ? ' holds-hand' : ''}`}
      style={{ aspectRatio: `${frame.width} / ${frame.height}` }}
      {...handlers}
    >
      {mode === 'side' ? (
        [beforePicture, afterPicture].map((picture, index) => (
          <div
            key={index === 0 ? 'before' : 'after'}
            className="compare-half"
            style={{ aspectRatio: `${frame.width} / ${frame.height}` }}
          >
            <div className="picture-layer" style={layer}>
              {picture}
            </div>
          </div>
        ))
      ) : mode === 'difference' ? (
        <div className="picture-layer" style={layer}>
          <DifferenceMap before={before} after={after} />
        </div>
      ) : (
        <>
          <div className="picture-layer" style={layer}>
            {afterPicture}
          </div>
          <div
            className="compare-before"
            style={mode === 'slider' ? { clipPath: `inset(0 ${100 - line * 100}% 0 0)` } : { opacity: line }}
          >
            <div className="picture-layer" style={layer}>
              {beforePicture}
            </div>
          </div>
        </>
      )}
      {mode !== 'difference' && (
        <>
          <span className="compare-tag is-left" aria-hidden="true">
            {before.title}
          </span>
          <span className="compare-tag is-right" aria-hidden="true">
            {after.title}
          </span>
        </>
      )}
      {mode === 'slider' && <Line before={before} after={after} />}
    </div>
  );
}

function DifferenceMap({ before, after }: CompareProps) {
  const { desk } = useMessages();
  const map = useDifferenceMap(before.picture, after.picture);
  if (map === null) return null;
  return <PixelCanvas pixels={map} label={desk.differenceOf(before.title, after.title)} />;
}

/** The line between the two, with a knob for the keyboard. */
function Line({ before, after }: CompareProps) {
  const { view } = usePage();
  const line = useView((state) => state.comparison.line);
  const { desk } = useMessages();
  const percent = Math.round(line * 100);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = event.shiftKey ? 0.1 : 0.01;
    const to: Readonly<Record<string, number>> = {
      ArrowLeft: line - step,
      ArrowDown: line - step,
      ArrowRight: line + step,
      ArrowUp: line + step,
      // Home shows all of the picture before, End all of the one after.
      Home: 1,
      End: 0,
    };
    const place = to[event.key];
    if (place === undefined) return;
    event.preventDefault();
    const { comparison } = view.getState();
    view.setState({ comparison: { ...comparison, line: Math.min(Math.max(place, 0), 1) } });
  };
  return (
    <span className="compare-line" style={{ left: `${line * 100}%` }}>
      <span
        className="compare-knob"
        role="slider"
        tabIndex={0}
        aria-label={desk.beforeAndAfter}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={desk.lineAt(percent, before.title, after.title)}
        onKeyDown={onKeyDown}
      >
        <Icon name="swap" />
      </span>
    </span>
  );
}
