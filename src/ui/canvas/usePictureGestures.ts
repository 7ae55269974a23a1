import { useEffect, useRef, type PointerEvent, type RefObject } from 'react';
import { flushSync } from 'react-dom';

import { usePage } from '../page.ts';
import { zoomBy } from '../view.ts';
import {
  NO_POINTERS,
  reducePointers,
  type PointerCommand,
  type PointerInput,
  type Pointers,
  type PressedPoint,
} from './pointers.ts';
import { panBy, pinch, type Point } from './viewport.ts';
import { readWheel, type WheelGuess } from './wheel.ts';

/** What is drawn or moved on the picture. Points are fractions of the window. */
export interface Gestures {
  /** The pointer moves the picture instead. */
  readonly isHand: (event: PointerEvent<HTMLElement>) => boolean;
  readonly begin: (point: PressedPoint, event: PointerEvent<HTMLElement>) => void;
  /** All places since the last call, oldest first. */
  readonly extend: (points: readonly PressedPoint[], event: PointerEvent<HTMLElement>) => void;
  readonly end: () => void;
  readonly abort: () => void;
  /** Ends what goes on between two presses; false when there is nothing. */
  readonly giveUp?: () => boolean;
  /** Where a mouse or a pen is without being pressed; null when it has left. */
  readonly hover?: (point: Point | null) => void;
}

interface Handlers {
  readonly onPointerDown: (event: PointerEvent<HTMLElement>) => void;
  readonly onPointerMove: (event: PointerEvent<HTMLElement>) => void;
  readonly onPointerUp: (event: PointerEvent<HTMLElement>) => void;
  readonly onPointerCancel: () => void;
  readonly onPointerLeave: () => void;
}

/** Turns pointers and the wheel on the picture into pans, zooms and the gestures of the tool in hand. */
export function usePictureGestures(target: RefObject<HTMLElement | null>, gestures: Gestures): Handlers {
  const { view } = usePage();
  const pointers = useRef<Pointers>(NO_POINTERS);
  /** Once a pen has been seen, fingers move the picture, so that a palm draws nothing. */
  const hasPen = useRef(false);
  useWheel(target);

  const place = (event: { readonly clientX: number; readonly clientY: number }): Point => {
    const box = target.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0 || box.height === 0) return { x: 0, y: 0 };
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  };
  /** Only a pen knows how hard it is pressed; the others report a constant. */
  const pressed = (event: globalThis.PointerEvent): PressedPoint => ({
    ...place(event),
    pressure: event.pointerType === 'pen' ? event.pressure : 1,
  });

  const send = (input: PointerInput): readonly PointerCommand[] => {
    const { state, commands } = reducePointers(pointers.current, input);
    pointers.current = state;
    return commands;
  };
  const follow = (commands: readonly PointerCommand[], event: PointerEvent<HTMLElement>): void => {
    const places: PressedPoint[] = [];
    for (const command of commands) {
      const { viewport } = view.getState();
      switch (command.kind) {
        case 'begin':
          gestures.begin(command.point, event);
          break;
        case 'extend':
          places.push(command.point);
          break;
        case 'end':
          gestures.end();
          break;
        case 'abort':
          gestures.abort();
          break;
        case 'pan':
          view.setState({ viewport: panBy(viewport, command.delta) });
          break;
        case 'pinch':
          view.setState({ viewport: pinch(viewport, command.from, command.to) });
      }
    }
    // One drawing for all places that the browser has gathered since the last frame.
    if (places.length > 0) gestures.extend(places, event);
  };
  const abort = (): boolean => {
    const [aborted] = send({ kind: 'abort' });
    if (aborted !== undefined) gestures.abort();
    return aborted !== undefined || (gestures.giveUp?.() ?? false);
  };
  useAbort(abort);

  return {
    onPointerDown: (event) => {
      const { pointerType, pointerId, button } = event;
      const device = pointerType === 'touch' || pointerType === 'pen' ? pointerType : 'mouse';
      if (device === 'pen') hasPen.current = true;
      event.currentTarget.setPointerCapture?.(pointerId);
      const isMoving = button === 1 || (device === 'touch' && hasPen.current);
      const isHand = isMoving || view.getState().isPanning || gestures.isHand(event);
      follow(send({ kind: 'down', id: pointerId, device, isHand, point: pressed(event.nativeEvent) }), event);
    },
    onPointerMove: (event) => {
      if (event.pointerType === 'pen') hasPen.current = true;
      const steps = event.nativeEvent.getCoalescedEvents?.() ?? [];
      const all = steps.length > 0 ? steps : [event.nativeEvent];
      // React would draw a movement in a task of its own, which is one frame later than the hand.
      flushSync(() => {
        if (event.pointerType !== 'touch') gestures.hover?.(place(event));
        follow(
          all.flatMap((step) => send({ kind: 'move', id: event.pointerId, point: pressed(step) })),
          event,
        );
      });
    },
    onPointerUp: (event) => follow(send({ kind: 'up', id: event.pointerId }), event),
    onPointerCancel: () => void abort(),
    onPointerLeave: () => gestures.hover?.(null),
  };
}

/** A drag ends with Esc, wherever the focus is, with another tool, and when the page is left in the middle of it. */
function useAbort(abort: () => boolean): void {
  const { view } = usePage();
  const latest = useRef(abort);
  useEffect(() => {
    latest.current = abort;
  });
  useEffect(() => {
    const onBlur = (): void => void latest.current();
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || !latest.current()) return;
      event.preventDefault();
      event.stopPropagation();
    };
    const forget = view.subscribe((now, before) => {
      if (now.tool !== before.tool) latest.current();
    });
    window.addEventListener('blur', onBlur);
    window.addEventListener('keydown', onKeyDown, true);
    return () => {
      forget();
      window.removeEventListener('blur', onBlur);
      window.removeEventListener('keydown', onKeyDown, true);
    };
  }, [view]);
}

function useWheel(target: RefObject<HTMLElement | null>): void {
  const { view } = usePage();
  useEffect(() => {
    const element = target.current;
    if (element === null) return;
    let guess: WheelGuess | null = null;
    // React listens passively to the wheel, so the browser's own zoom could not be held back there.
    const onWheel = (event: WheelEvent): void => {
      const { deltaX, deltaY, deltaMode, timeStamp, ctrlKey, metaKey, shiftKey } = event;
      const input = {
        deltaX,
        deltaY,
        deltaMode,
        timeStamp,
        isZoom: ctrlKey || metaKey,
        isSideways: shiftKey,
      };
      const read = readWheel(view.getState().wheel, guess, input);
      guess = read.guess;
      const box = element.getBoundingClientRect();
      const { viewport } = view.getState();
      if (read.command.kind === 'zoom') {
        event.preventDefault();
        const anchor = {
          x: (event.clientX - box.left) / box.width,
          y: (event.clientY - box.top) / box.height,
        };
        zoomBy(view, read.command.factor, anchor);
      } else if (viewport.zoom > 1) {
        event.preventDefault();
        const { dx, dy } = read.command;
        view.setState({ viewport: panBy(viewport, { x: dx / box.width, y: dy / box.height }) });
      }
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [view, target]);
}
