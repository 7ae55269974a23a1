import { useMemo, useRef, useState } from 'react';

import type { MaskPixels } from '../../runtime/contract.ts';
import type { Move } from '../../session/document.ts';
import { boxOf, type Rectangle } from '../../session/regions.ts';
import { selectComposer } from '../../session/selectors.ts';
import { useEditor, usePage } from '../page.ts';
import { screenScale } from '../view.ts';
import { STALK } from './DragOverlay.tsx';
import {
  handleAt,
  handlePlaces,
  reduceDrag,
  settleMove,
  stillMove,
  type Drag,
  type DragEvent,
} from './dragTool.ts';
import type { Gestures } from './usePictureGestures.ts';
import { windowToPixels, type Point } from './viewport.ts';

interface Dragged {
  /** The region as it is, or the drawn one that becomes it. */
  readonly mask: MaskPixels;
  readonly box: Rectangle;
  readonly move: Move;
}

/** The region that the move tool has hold of; null while there is none. */
export function useDragged(): Dragged | null {
  const { editor } = usePage();
  const { now, next, drawn } = useEditor((state) => selectComposer(state).regions);
  const hash = now?.mask.hash ?? drawn?.hash;
  const from = useMemo(() => {
    const mask = hash === undefined ? null : editor.actions.maskOf(hash);
    const box = mask === null ? null : boxOf(mask);
    return mask === null || box === null ? null : { mask, box };
  }, [editor, hash]);
  return useMemo(() => {
    if (from === null) return null;
    const { box } = from;
    const still = stillMove({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
    return { ...from, move: now !== null && next?.by === 'moved' ? next.move : still };
  }, [from, now, next]);
}

interface DragTool {
  readonly gestures: Gestures;
  /** With the drag under the pointer in it. */
  readonly dragged: Dragged | null;
  /** Moves it by frame pixels: one step of undo. */
  readonly nudge: (dx: number, dy: number) => void;
}

/** CSS pixels around a handle that belong to it. */
const REACH = 12;
const TOUCH_REACH = 22;

/** Translates the pointer on the picture into moves of a region. */
export function useDragTool(frame: { readonly width: number; readonly height: number }): DragTool {
  const { view, editor } = usePage();
  const settled = useDragged();
  const drag = useRef<Drag | null>(null);
  const last = useRef<Move | null>(null);
  const [live, setLive] = useState<Move | null>(null);

  const toFrame = (point: Point): Point => windowToPixels(view.getState().viewport, point, frame);
  const take = (event: DragEvent): void => {
    const outcome = reduceDrag(drag.current, event);
    const hadDrag = drag.current !== null;
    drag.current = outcome.drag;
    if (event.kind === 'end' && hadDrag && last.current !== null) editor.actions.moveRegion(last.current);
    last.current = event.kind === 'extend' ? (outcome.move ?? null) : null;
    setLive(outcome.move ?? null);
  };
  return {
    gestures: {
      isHand: () => settled === null,
      begin: (at, event) => {
        if (settled === null) return;
        const { box, move } = settled;
        const scale = screenScale(view.getState());
        const reach = (event.pointerType === 'touch' ? TOUCH_REACH : REACH) / scale;
        const point = toFrame(at);
        const handle = handleAt(handlePlaces(box, move, STALK / scale), point, reach);
        if (handle !== null) take({ kind: 'begin', handle, point, move });
      },
      extend: (points, event) => {
        const at = points.at(-1);
        if (at !== undefined) take({ kind: 'extend', point: toFrame(at), isHeld: event.shiftKey });
      },
      end: () => take({ kind: 'end' }),
      abort: () => take({ kind: 'abort' }),
    },
    dragged: settled === null ? null : { ...settled, move: live ?? settled.move },
    nudge: (dx, dy) => {
      if (settled === null) return;
      const { move } = settled;
      editor.actions.moveRegion(settleMove({ ...move, dx: move.dx + dx, dy: move.dy + dy }));
    },
  };
}
