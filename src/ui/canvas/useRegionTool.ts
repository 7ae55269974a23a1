import { useRef, useState, type PointerEvent } from 'react';

import type { MaskPixels } from '../../runtime/contract.ts';
import { setRegion } from '../commands.ts';
import { usePage, useView } from '../page.ts';
import { screenScale, zoomBy } from '../view.ts';
import { drawShape, settleRectangle, type BrushPoint, type PaintMode, type Shape } from './maskPixels.ts';
import {
  rectangleShape,
  reduceMaskTool,
  RESTING_TOOL,
  type DrawingTool,
  type MaskTool,
  type MaskToolEvent,
} from './maskTool.ts';
import type { PressedPoint } from './pointers.ts';
import type { Gestures } from './usePictureGestures.ts';
import { windowToPixels, type Point } from './viewport.ts';

interface RegionTool {
  readonly gestures: Gestures;
  /** The region with the shape under the pointer in it; null while nothing is being drawn. */
  readonly live: MaskPixels | null;
  /** Corners and path of the lasso so far. */
  readonly path: readonly Point[] | null;
  /** Frame pixels of the pointer or of the keyboard's cursor, for the ring. */
  readonly cursor: Point | null;
  /** Moves the cursor by frame pixels. */
  readonly moveCursor: (dx: number, dy: number) => void;
  /** What a click would do at the cursor: a dab, a straight line, a corner. */
  readonly pressCursor: (isStraight: boolean) => void;
}

/** A pen that hardly touches still draws a quarter of the brush. */
const LEAST_PRESSED = 0.25;
/** CSS pixels within which two clicks of the lasso are one place. */
const NEAR = 6;
/** Bit of `buttons` that a pen turned round reports. */
const ERASER_END = 32;

/** Translates the pointer on the picture into strokes, rectangles and lassos of the region. */
export function useRegionTool(base: MaskPixels, canDraw: boolean): RegionTool {
  const page = usePage();
  const { view } = page;
  const name = useView((state) => state.tool);
  const tool = useRef<MaskTool>(RESTING_TOOL);
  const drawing = useRef<MaskPixels>(null);
  const [live, setLive] = useState<MaskPixels | null>(null);
  const [path, setPath] = useState<readonly Point[] | null>(null);
  const [cursor, setCursor] = useState<Point | null>(null);

  const toFrame = (point: Point): Point => windowToPixels(view.getState().viewport, point, base);
  const toBrush = (point: PressedPoint): BrushPoint => {
    const { brushSize, hasPressure } = view.getState();
    const part = hasPressure ? LEAST_PRESSED + (1 - LEAST_PRESSED) * point.pressure : 1;
    return { ...toFrame(point), radius: (brushSize / 2) * part };
  };
  const show = (mask: MaskPixels | null): void => {
    drawing.current = mask;
    setLive(mask);
  };

  const take = (event: MaskToolEvent): void => {
    const before = tool.current.gesture;
    const outcome = reduceMaskTool(tool.current, event);
    tool.current = outcome.tool;
    if (outcome.finished !== undefined) settle(outcome.finished);
    const { gesture } = outcome.tool;
    setPath(gesture?.kind === 'lasso' ? gesture.corners : null);
    if (gesture?.kind === 'stroke') {
      const { points } = gesture.shape;
      // Only the new piece is drawn: the rest of the stroke is in the picture already.
      const known = event.kind === 'extend' && before?.kind === 'stroke' ? before.shape.points.length : 0;
      const from = known > 0 ? (drawing.current ?? base) : base;
      show(drawShape(from, { ...gesture.shape, points: points.slice(Math.max(known - 1, 0)) }));
    } else show(gesture?.kind === 'rectangle' ? drawShape(base, rectangleShape(gesture)) : null);
  };

  /** The finished shape joins the region: one step of undo. */
  const settle = (shape: Shape): void => {
    setRegion(page, shape.kind === 'stroke' ? (drawing.current ?? base) : drawShape(base, shape));
    if (shape.kind === 'rectangle') view.setState({ rectangle: settleRectangle(shape.rectangle, base) });
  };

  const begin = (point: BrushPoint, mode: PaintMode, isStraight: boolean): void => {
    const { softness } = view.getState();
    const drawingTool: DrawingTool = name === 'lasso' || name === 'rectangle' ? name : 'brush';
    take({ kind: 'begin', tool: drawingTool, point, mode, softness, isStraight });
  };
  const near = (): number => NEAR / screenScale(view.getState());
  const modeOf = (event: PointerEvent<HTMLElement>): PaintMode => {
    const isErasing = event.button === 2 || event.altKey || (event.buttons & ERASER_END) !== 0;
    return name === 'eraser' || isErasing ? 'erase' : 'paint';
  };

  const gestures: Gestures = {
    isHand: () => name === 'hand' || (!canDraw && name !== 'zoom'),
    begin: (point, event) => {
      if (name === 'zoom') zoomBy(view, event.altKey || event.button === 2 ? 1 / 2 : 2, point);
      else begin(toBrush(point), modeOf(event), event.shiftKey);
    },
    extend: (points, event) =>
      take({ kind: 'extend', points: points.map(toBrush), isSquare: event.shiftKey }),
    end: () => take({ kind: 'end', near: near() }),
    abort: () => take({ kind: 'abort' }),
    giveUp: () => {
      // A lasso waits for its next corner without any button down.
      if (tool.current.gesture === null) return false;
      take({ kind: 'abort' });
      return true;
    },
    hover: (point) => setCursor(point === null ? null : toFrame(point)),
  };

  const middle = { x: base.width / 2, y: base.height / 2 };
  return {
    gestures,
    live,
    path,
    cursor,
    moveCursor: (dx, dy) =>
      setCursor((from) => {
        const at = from ?? middle;
        return {
          x: Math.min(Math.max(at.x + dx, 0), base.width),
          y: Math.min(Math.max(at.y + dy, 0), base.height),
        };
      }),
    pressCursor: (isStraight) => {
      const at = cursor ?? middle;
      setCursor(at);
      const mode = name === 'eraser' ? 'erase' : 'paint';
      begin({ ...at, radius: view.getState().brushSize / 2 }, mode, isStraight);
      take({ kind: 'end', near: near() });
    },
  };
}
