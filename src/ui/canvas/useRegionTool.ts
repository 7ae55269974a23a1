import { useCallback, useEffect, useRef, useState, type PointerEvent, type RefObject } from 'react';

import type { MaskPixels } from '../../runtime/contract.ts';
import { useActions, usePage } from '../page.ts';
import {
  drawRectangle,
  drawStroke,
  isEmptyMask,
  rectangleBetween,
  reduceMaskTool,
  RESTING_TOOL,
  type MaskTool,
  type PaintMode,
} from './maskTool.ts';
import {
  NO_POINTERS,
  reducePointers,
  type PointerCommand,
  type PointerInput,
  type Pointers,
} from './pointers.ts';
import { panBy, pinch, windowToFrame, type Point } from './viewport.ts';

interface RegionTool {
  /** The region with the stroke under the pointer in it, or null while nothing is drawn. */
  readonly live: MaskPixels | null;
  /** Frame pixels under the pointer, for the ring. */
  readonly hover: Point | null;
  readonly handlers: {
    readonly onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerUp: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerCancel: () => void;
    readonly onPointerLeave: () => void;
  };
  /** True when a stroke was under way and is given up. */
  readonly abort: () => boolean;
}

/** Translates pointer events on the picture into strokes, rectangles, pans and pinches. */
export function useRegionTool(
  target: RefObject<HTMLElement | null>,
  base: MaskPixels,
  canDraw: boolean,
  isSpaceHeld: RefObject<boolean>,
): RegionTool {
  const { view } = usePage();
  const actions = useActions();
  const pointers = useRef<Pointers>(NO_POINTERS);
  const tool = useRef<MaskTool>(RESTING_TOOL);
  const gesture = useRef<{ mode: PaintMode; isStraight: boolean; start: Point }>(null);
  const drawing = useRef<MaskPixels>(null);
  const [live, setLive] = useState<MaskPixels | null>(null);
  const [hover, setHover] = useState<Point | null>(null);

  const toFrame = useCallback(
    (point: Point): Point => {
      const at = windowToFrame(view.getState().viewport, point);
      return { x: at.x * base.width, y: at.y * base.height };
    },
    [view, base.width, base.height],
  );

  const show = (mask: MaskPixels | null): void => {
    drawing.current = mask;
    setLive(mask);
  };

  const begin = (point: Point): void => {
    const { mode, isStraight } = gesture.current ?? { mode: 'paint', isStraight: false };
    gesture.current = { mode, isStraight, start: point };
    if (view.getState().tool === 'rectangle') return show(base);
    const radius = view.getState().brushSize / 2;
    tool.current = reduceMaskTool(tool.current, { kind: 'begin', point, mode, radius, isStraight }).tool;
    if (tool.current.stroke !== undefined) show(drawStroke(base, tool.current.stroke));
  };

  const extend = (point: Point): void => {
    const { mode, start } = gesture.current ?? { mode: 'paint', start: point };
    if (view.getState().tool === 'rectangle')
      return show(drawRectangle(base, rectangleBetween(start, point), mode));
    const last = tool.current.stroke?.points.at(-1) ?? point;
    tool.current = reduceMaskTool(tool.current, { kind: 'extend', points: [point] }).tool;
    const { stroke } = tool.current;
    // Only the new piece is drawn: the rest of the stroke is in the picture already.
    if (stroke !== undefined) show(drawStroke(drawing.current ?? base, { ...stroke, points: [last, point] }));
  };

  const finish = (): void => {
    tool.current = reduceMaskTool(tool.current, { kind: 'end' }).tool;
    const drawn = drawing.current;
    if (drawn !== null && drawn !== base) actions.setMask(isEmptyMask(drawn) ? null : drawn);
    show(null);
  };

  const follow = (command: PointerCommand): void => {
    const { viewport } = view.getState();
    switch (command.kind) {
      case 'begin':
        return begin(toFrame(command.point));
      case 'extend':
        return extend(toFrame(command.point));
      case 'end':
        return finish();
      case 'abort':
        tool.current = reduceMaskTool(tool.current, { kind: 'abort' }).tool;
        return show(null);
      case 'pan':
        return view.setState({ viewport: panBy(viewport, command.delta) });
      case 'pinch':
        return view.setState({ viewport: pinch(viewport, command.from, command.to) });
    }
  };

  const send = (input: PointerInput): void => {
    const { state, command } = reducePointers(pointers.current, input);
    pointers.current = state;
    if (command !== undefined) follow(command);
  };

  const place = (event: { readonly clientX: number; readonly clientY: number }): Point => {
    const box = target.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0 || box.height === 0) return { x: 0, y: 0 };
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  };

  const abort = (): boolean => {
    const wasDrawing = pointers.current.kind === 'draw';
    send({ kind: 'abort' });
    return wasDrawing;
  };

  // Leaving the page in the middle of a stroke must not leave the stroke hanging.
  const abortRef = useRef(abort);
  useEffect(() => {
    abortRef.current = abort;
  });
  useEffect(() => {
    const onBlur = (): void => void abortRef.current();
    window.addEventListener('blur', onBlur);
    return () => window.removeEventListener('blur', onBlur);
  }, []);

  return {
    live,
    hover,
    abort,
    handlers: {
      onPointerDown: (event) => {
        const { tool: name } = view.getState();
        const isHand = name === 'hand' || isSpaceHeld.current || event.button === 1 || !canDraw;
        const isErasing = name === 'eraser' || event.button === 2 || event.altKey;
        gesture.current = {
          mode: isErasing ? 'erase' : 'paint',
          isStraight: event.shiftKey,
          start: { x: 0, y: 0 },
        };
        event.currentTarget.setPointerCapture?.(event.pointerId);
        const device =
          event.pointerType === 'touch' || event.pointerType === 'pen' ? event.pointerType : 'mouse';
        send({ kind: 'down', id: event.pointerId, device, isHand, point: place(event) });
      },
      onPointerMove: (event) => {
        if (event.pointerType !== 'touch') setHover(toFrame(place(event)));
        const steps = event.nativeEvent.getCoalescedEvents?.() ?? [];
        for (const step of steps.length > 0 ? steps : [event]) {
          send({ kind: 'move', id: event.pointerId, point: place(step) });
        }
      },
      onPointerUp: (event) => send({ kind: 'up', id: event.pointerId }),
      onPointerCancel: () => void abort(),
      onPointerLeave: () => setHover(null),
    },
  };
}
