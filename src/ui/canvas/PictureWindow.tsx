import {
  useDeferredValue,
  useEffect,
  useId,
  useMemo,
  useRef,
  type KeyboardEvent,
  type ReactNode,
} from 'react';

import type { MaskPixels } from '../../runtime/contract.ts';
import type { PictureRef } from '../../session/document.ts';
import { selectComposer } from '../../session/selectors.ts';
import { setRegion } from '../commands.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useEditor, usePage, useView } from '../page.ts';
import { editedRegion } from '../stage.ts';
import { inSize } from '../words.ts';
import { describeMask } from './describeMask.ts';
import { DragOverlay } from './DragOverlay.tsx';
import { layerStyle } from './layerStyle.ts';
import { drawShape, emptyMask, middleRectangle, settleRectangle } from './maskPixels.ts';
import { RegionOverlay } from './RegionOverlay.tsx';
import { StageOverlays } from './side/StageOverlay.tsx';
import { hasRegion, type Place } from './turnLine.ts';
import { TurnRegion } from './TurnRegion.tsx';
import { useDragTool } from './useDragTool.ts';
import { usePictureGestures } from './usePictureGestures.ts';
import { useRegionTool } from './useRegionTool.ts';
import { useWidth } from './useSize.ts';
import { panBy } from './viewport.ts';

interface PictureWindowProps {
  /** The picture in the window. */
  readonly frame: PictureRef;
  /** The picture itself, as wide and high as the layer it stands in. */
  readonly children: ReactNode;
  /** The place whose own region may show on the picture. */
  readonly marked: Place | undefined;
  /** False while another picture than the current one shows. */
  readonly canDraw: boolean;
  readonly isRunning: boolean;
  /** The region of the turn being made; null takes that of the line being written. */
  readonly runningMask: PictureRef | null;
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function PictureWindow(props: PictureWindowProps) {
  const { frame, children, marked, canDraw, isRunning, runningMask } = props;
  const page = usePage();
  const { view, editor } = page;
  const { desk } = useMessages();
  const ref = useRef<HTMLDivElement>(null);
  const describedBy = useId();
  const picture = page.pictureUrl(frame.hash);
  const width = useWidth(ref);
  const viewport = useView((state) => state.viewport);
  const tool = useView((state) => state.tool);
  const isPanning = useView((state) => state.isPanning);
  const brushSize = useView((state) => state.brushSize);
  const overlay = useView((state) => state.overlay);
  const isRegionShown = useView((state) => state.isRegionShown);
  const hasTurnRegion = useView((state) => state.hasTurnRegion);
  const rectangle = useView((state) => state.rectangle);
  const stage = useView((state) => state.stage);
  const composerMask = useEditor((state) => editedRegion(selectComposer(state), stage));
  const maskRef = isRunning ? runningMask : composerMask;
  const drawn = useMemo(
    () => (maskRef === null ? null : editor.actions.maskOf(maskRef.hash)),
    [editor, maskRef],
  );
  const blank = useMemo(() => emptyMask(frame.width, frame.height), [frame.width, frame.height]);
  const base: MaskPixels = drawn ?? blank;
  const isDrawable = canDraw && !isRunning;
  const region = useRegionTool(base, isDrawable);
  const drag = useDragTool(frame);
  const isMoving = tool === 'move' && isDrawable;
  const handlers = usePictureGestures(ref, isMoving ? drag.gestures : region.gestures);
  const { dragged } = drag;
  const isMoved = useEditor((state) => selectComposer(state).regions.next?.by === 'moved');
  const mask = region.live ?? drawn;
  const scale = (width * viewport.zoom) / frame.width;
  const isBrush = tool === 'brush' || tool === 'eraser';
  const described = useDescription(drawn);

  useEffect(() => view.setState({ fittedScale: width / frame.width }), [view, width, frame.width]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [dx, dy] = ARROWS[event.key] ?? [0, 0];
    const step = event.shiftKey ? 10 : 1;
    const isArrow = dx !== 0 || dy !== 0;
    if (!isArrow && event.key !== 'Enter') return;
    const now = rectangle ?? middleRectangle(frame);
    if (isMoving && isArrow) drag.nudge(dx * step, dy * step);
    else if (isDrawable && tool === 'rectangle') {
      if (isArrow) {
        const moved = { ...now, x: now.x + dx * step, y: now.y + dy * step };
        view.setState({ rectangle: settleRectangle(moved, frame) });
      } else setRegion(page, drawShape(base, { kind: 'rectangle', mode: 'paint', rectangle: now }));
    } else if (isDrawable && (isBrush || tool === 'lasso')) {
      if (isArrow) region.moveCursor(dx * step, dy * step);
      else region.pressCursor(event.shiftKey);
    } else if (isArrow && viewport.zoom > 1) {
      view.setState({ viewport: panBy(viewport, { x: -dx * 0.1, y: -dy * 0.1 }) });
    } else return;
    event.preventDefault();
  };

  const { cursor, path } = region;
  const isDragShown =
    canDraw && !isRunning && isRegionShown && stage === null && dragged !== null && (isMoving || isMoved);
  const isRectangle = tool === 'rectangle' && isDrawable && region.live === null;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a drawing surface takes pointers and arrow keys
    <div
      ref={ref}
      className={`picture-window on-picture holds-${isPanning ? 'hand' : isDrawable || tool === 'zoom' ? tool : 'hand'}`}
      style={{ aspectRatio: `${frame.width} / ${frame.height}` }}
      role="application"
      aria-label={desk.picture}
      aria-describedby={describedBy}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- arrow keys move the tool and the view
      tabIndex={0}
      onKeyDown={onKeyDown}
      onContextMenu={(event) => event.preventDefault()}
      {...handlers}
    >
      <div className="picture-layer" style={layerStyle(viewport, scale)}>
        {children}
      </div>
      {marked !== undefined && hasTurnRegion && hasRegion(marked) && !isRunning && (
        <TurnRegion place={marked} frame={frame} viewport={viewport} scale={scale} />
      )}
      {(isRegionShown || region.live !== null || path !== null) && (
        <RegionOverlay
          frame={frame}
          viewport={viewport}
          scale={scale}
          overlay={overlay}
          kind={stage === 'next' ? 'next' : 'now'}
          mask={canDraw && isRegionShown && !isMoving ? mask : region.live}
          isFilled={!isRunning}
          rectangle={isRectangle ? (rectangle ?? middleRectangle(frame)) : null}
          path={path === null || cursor === null ? path : [...path, cursor]}
          ring={
            isBrush && isDrawable && !isPanning && cursor !== null
              ? { at: cursor, radius: brushSize / 2 }
              : null
          }
        />
      )}
      {canDraw && !isRunning && isRegionShown && stage === null && !isDragShown && (
        <StageOverlays frame={frame} viewport={viewport} scale={scale} />
      )}
      {isDragShown && dragged !== null && (
        <DragOverlay
          frame={frame}
          viewport={viewport}
          scale={scale}
          {...dragged}
          picture={picture}
          hasHandles={isMoving}
        />
      )}
      <p id={describedBy} className="spoken-only">
        {desk.described(inSize(frame), described)}
      </p>
    </div>
  );
}

/** Describing a region takes a look at all of its pixels, so it does not hold up the stroke. */
function useDescription(mask: MaskPixels | null): string {
  const settled = useDeferredValue(mask);
  const { desk } = useMessages();
  return useMemo(() => describeMask(settled, desk), [settled, desk]);
}
