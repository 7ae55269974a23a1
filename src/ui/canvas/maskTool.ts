/** The drawing gestures as data: strokes, rectangles and lassos between a press and its end. */
import { type BrushPoint, type PaintMode, type Shape, rectangleBetween } from './maskPixels.ts';
import type { Point } from './viewport.ts';

export type DrawingTool = 'brush' | 'lasso' | 'rectangle';

type Gesture =
  | { readonly kind: 'stroke'; readonly shape: Extract<Shape, { kind: 'stroke' }> }
  | {
      readonly kind: 'rectangle';
      readonly mode: PaintMode;
      readonly from: Point;
      readonly to: Point;
      readonly isSquare: boolean;
    }
  | {
      readonly kind: 'lasso';
      readonly mode: PaintMode;
      readonly corners: readonly Point[];
      /** Corners that stood when the button went down; null while it is up and the next corner is awaited. */
      readonly pressedAt: number | null;
    };

export interface MaskTool {
  /** What is being drawn and is not yet part of the region. */
  readonly gesture: Gesture | null;
  /** Where the last stroke ended, for straight lines. */
  readonly last: BrushPoint | undefined;
}

export type MaskToolEvent =
  | {
      readonly kind: 'begin';
      readonly tool: DrawingTool;
      readonly point: BrushPoint;
      readonly mode: PaintMode;
      readonly softness: number;
      /** Shift: a straight line from the end of the last stroke. */
      readonly isStraight: boolean;
    }
  | { readonly kind: 'extend'; readonly points: readonly BrushPoint[]; readonly isSquare: boolean }
  /** `near`: frame pixels within which two places count as one, for closing a lasso. */
  | { readonly kind: 'end'; readonly near: number }
  | { readonly kind: 'abort' };

export const RESTING_TOOL: MaskTool = { gesture: null, last: undefined };

export interface MaskToolOutcome {
  readonly tool: MaskTool;
  /** The shape that `end` finishes. */
  readonly finished?: Shape;
}

function begin(tool: MaskTool, event: Extract<MaskToolEvent, { kind: 'begin' }>): MaskTool {
  const { point, mode, softness } = event;
  const { gesture } = tool;
  switch (event.tool) {
    case 'brush': {
      const start = event.isStraight && tool.last !== undefined ? [tool.last] : [];
      const shape = { kind: 'stroke', mode, softness, points: [...start, point] } as const;
      return { ...tool, gesture: { kind: 'stroke', shape } };
    }
    case 'rectangle':
      return { ...tool, gesture: { kind: 'rectangle', mode, from: point, to: point, isSquare: false } };
    case 'lasso': {
      const goesOn = gesture?.kind === 'lasso';
      const corners = goesOn ? gesture.corners : [];
      return {
        ...tool,
        gesture: {
          kind: 'lasso',
          mode: goesOn ? gesture.mode : mode,
          corners: [...corners, point],
          pressedAt: corners.length,
        },
      };
    }
  }
}

function extend(gesture: Gesture, points: readonly BrushPoint[], isSquare: boolean): Gesture {
  const last = points.at(-1);
  if (last === undefined) return gesture;
  switch (gesture.kind) {
    case 'stroke':
      return { ...gesture, shape: { ...gesture.shape, points: [...gesture.shape.points, ...points] } };
    case 'rectangle':
      return { ...gesture, to: last, isSquare };
    case 'lasso':
      return gesture.pressedAt === null ? gesture : { ...gesture, corners: [...gesture.corners, ...points] };
  }
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

/** A drag closes the lasso; a click sets a corner, and a click on the first or the last one closes it. */
function endLasso(
  tool: MaskTool,
  gesture: Extract<Gesture, { kind: 'lasso' }>,
  near: number,
): MaskToolOutcome {
  const { corners, mode, pressedAt } = gesture;
  if (pressedAt === null) return { tool };
  const pressed = corners[pressedAt];
  if (pressed === undefined) return { tool: { ...tool, gesture: null } };
  const isClick = corners.slice(pressedAt).every((corner) => distance(corner, pressed) <= near);
  const earlier = corners.slice(0, pressedAt);
  const closes = [earlier[0], earlier.at(-1)].some(
    (corner) => corner !== undefined && distance(corner, pressed) <= near,
  );
  if (isClick && !closes) {
    return { tool: { ...tool, gesture: { ...gesture, corners: [...earlier, pressed], pressedAt: null } } };
  }
  const all = isClick ? earlier : corners;
  // Two corners enclose nothing, so they are given up.
  const rest = { ...tool, gesture: null };
  return all.length < 3 ? { tool: rest } : { tool: rest, finished: { kind: 'polygon', mode, corners: all } };
}

/** The next state of the tool; a shape that `end` finishes is in `finished`. */
export function reduceMaskTool(tool: MaskTool, event: MaskToolEvent): MaskToolOutcome {
  const { gesture } = tool;
  switch (event.kind) {
    case 'begin':
      return { tool: begin(tool, event) };
    case 'extend':
      if (gesture === null) return { tool };
      return { tool: { ...tool, gesture: extend(gesture, event.points, event.isSquare) } };
    case 'end':
      if (gesture === null) return { tool };
      if (gesture.kind === 'lasso') return endLasso(tool, gesture, event.near);
      if (gesture.kind === 'stroke')
        return { tool: { gesture: null, last: gesture.shape.points.at(-1) }, finished: gesture.shape };
      return { tool: { ...tool, gesture: null }, finished: rectangleShape(gesture) };
    case 'abort':
      // Of a lasso with corners only the press is given up, so that two fingers may look closer in between.
      if (gesture?.kind === 'lasso' && gesture.pressedAt !== null && gesture.pressedAt > 0) {
        const corners = gesture.corners.slice(0, gesture.pressedAt);
        return { tool: { ...tool, gesture: { ...gesture, corners, pressedAt: null } } };
      }
      return { tool: { ...tool, gesture: null } };
  }
}

export function rectangleShape({
  mode,
  from,
  to,
  isSquare,
}: Extract<Gesture, { kind: 'rectangle' }>): Extract<Shape, { kind: 'rectangle' }> {
  return { kind: 'rectangle', mode, rectangle: rectangleBetween(from, to, isSquare) };
}
