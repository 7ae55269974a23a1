import {
  useEffect,
  useId,
  useMemo,
  useRef,
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
} from 'react';

import type { MaskPixels } from '../../runtime/contract.ts';
import type { PictureRef } from '../../session/document.ts';
import { selectComposer } from '../../session/selectors.ts';
import { useActions, useEditor, usePage, useView } from '../page.ts';
import { countOf, inPercent, inSize } from '../words.ts';
import { drawRectangle, emptyMask, maskShare, settleRectangle, type Rectangle } from './maskTool.ts';
import { RegionOverlay } from './RegionOverlay.tsx';
import { useRegionTool } from './useRegionTool.ts';
import { useWidth } from './useSize.ts';
import { panBy, zoomAt } from './viewport.ts';

interface PictureWindowProps {
  readonly frame: { readonly width: number; readonly height: number };
  /** The picture itself, as wide and high as the layer it stands in. */
  readonly children: ReactNode;
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

/** The rectangle that the keyboard begins with: the middle quarter. */
export function middleRectangle(frame: { readonly width: number; readonly height: number }): Rectangle {
  const { width, height } = frame;
  return settleRectangle({ x: width / 4, y: height / 4, width: width / 2, height: height / 2 }, frame);
}

export function PictureWindow({ frame, children, canDraw, isRunning, runningMask }: PictureWindowProps) {
  const { view, editor } = usePage();
  const actions = useActions();
  const ref = useRef<HTMLDivElement>(null);
  const isSpaceHeld = useRef(false);
  const describedBy = useId();
  const width = useWidth(ref);
  const viewport = useView((state) => state.viewport);
  const tool = useView((state) => state.tool);
  const brushSize = useView((state) => state.brushSize);
  const isRegionShown = useView((state) => state.isRegionShown);
  const rectangle = useView((state) => state.rectangle);
  const composerMask = useEditor((state) => selectComposer(state).regions.drawn);
  const maskRef = isRunning ? runningMask : composerMask;
  const drawn = useMemo(
    () => (maskRef === null ? null : editor.actions.maskOf(maskRef.hash)),
    [editor, maskRef],
  );
  const blank = useMemo(() => emptyMask(frame.width, frame.height), [frame.width, frame.height]);
  const base: MaskPixels = drawn ?? blank;
  const isDrawable = canDraw && !isRunning;
  const region = useRegionTool(ref, base, isDrawable, isSpaceHeld);
  const mask = region.live ?? drawn;
  const scale = (width * viewport.zoom) / frame.width;
  const isBrush = tool === 'brush' || tool === 'eraser';

  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    // React listens passively to the wheel, so the browser's own zoom could not be held back there.
    const onWheel = (event: WheelEvent): void => {
      const { viewport: now } = view.getState();
      const box = element.getBoundingClientRect();
      const anchor = { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        view.setState({ viewport: zoomAt(now, Math.exp(-event.deltaY / 240), anchor) });
      } else if (now.zoom > 1) {
        event.preventDefault();
        const delta = { x: -event.deltaX / box.width, y: -event.deltaY / box.height };
        view.setState({ viewport: panBy(now, delta) });
      }
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [view]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.key === ' ') {
      isSpaceHeld.current = true;
      event.preventDefault();
      return;
    }
    if (event.key === 'Escape' && region.abort()) {
      event.stopPropagation();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    const now = rectangle ?? middleRectangle(frame);
    if (tool === 'rectangle' && isDrawable) {
      if (arrow !== undefined) {
        const step = event.shiftKey ? 10 : 1;
        const moved = { ...now, x: now.x + arrow[0] * step, y: now.y + arrow[1] * step };
        view.setState({ rectangle: settleRectangle(moved, frame) });
        event.preventDefault();
      } else if (event.key === 'Enter') {
        actions.setMask(drawRectangle(base, now));
        event.preventDefault();
      }
    } else if (arrow !== undefined && viewport.zoom > 1) {
      view.setState({ viewport: panBy(viewport, { x: -arrow[0] * 0.1, y: -arrow[1] * 0.1 }) });
      event.preventDefault();
    }
  };

  const layer: CSSProperties = {
    transform: `scale(${viewport.zoom}) translate(${-viewport.u * 100}%, ${-viewport.v * 100}%)`,
    imageRendering: scale >= 12 ? 'pixelated' : 'auto',
  };
  const share = mask === null ? 0 : maskShare(mask);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a drawing surface takes pointers and arrow keys
    <div
      ref={ref}
      className={`picture-window on-picture holds-${isDrawable ? tool : 'hand'}`}
      style={{ aspectRatio: `${frame.width} / ${frame.height}` }}
      role="application"
      aria-label="Picture"
      aria-describedby={describedBy}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- arrow keys move the rectangle and the view
      tabIndex={0}
      onKeyDown={onKeyDown}
      onKeyUp={(event) => {
        if (event.key === ' ') isSpaceHeld.current = false;
      }}
      onContextMenu={(event) => event.preventDefault()}
      {...region.handlers}
    >
      <div className="picture-layer" style={layer}>
        {children}
      </div>
      {(isRegionShown || region.live !== null) && (
        <RegionOverlay
          frame={frame}
          viewport={viewport}
          scale={scale}
          mask={canDraw ? mask : null}
          isFilled={!isRunning}
          rectangle={
            tool === 'rectangle' && isDrawable && region.live === null
              ? (rectangle ?? middleRectangle(frame))
              : null
          }
          ring={
            isBrush && isDrawable && region.hover !== null
              ? { at: region.hover, radius: brushSize / 2 }
              : null
          }
        />
      )}
      <p id={describedBy} className="spoken-only">
        {`${inSize(frame)} pixels, ${
          mask === null
            ? 'no region'
            : `the region covers ${inPercent(share)}, ${countOf(Math.round(share * mask.data.length), 'pixel', 'pixels')}`
        }.`}
      </p>
    </div>
  );
}
