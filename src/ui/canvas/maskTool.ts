/** The drawn region: strokes and rectangles as data, and their pixels. Frame pixels throughout. */
import type { MaskPixels } from '../../runtime/contract.ts';
import type { Point } from './viewport.ts';

export type PaintMode = 'paint' | 'erase';

export interface Stroke {
  readonly mode: PaintMode;
  readonly radius: number;
  readonly points: readonly Point[];
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface MaskTool {
  /** The stroke under the pointer, not yet part of the region. */
  readonly stroke: Stroke | undefined;
  /** Where the last stroke ended, for straight lines. */
  readonly last: Point | undefined;
}

export type MaskToolEvent =
  | {
      readonly kind: 'begin';
      readonly point: Point;
      readonly mode: PaintMode;
      readonly radius: number;
      /** Shift: a straight line from the end of the last stroke. */
      readonly isStraight: boolean;
    }
  | { readonly kind: 'extend'; readonly points: readonly Point[] }
  | { readonly kind: 'end' }
  | { readonly kind: 'abort' };

export const RESTING_TOOL: MaskTool = { stroke: undefined, last: undefined };

/** The next state of the tool; a stroke that `end` finishes is in `finished`. */
export function reduceMaskTool(
  tool: MaskTool,
  event: MaskToolEvent,
): { readonly tool: MaskTool; readonly finished?: Stroke } {
  switch (event.kind) {
    case 'begin': {
      const start = event.isStraight && tool.last !== undefined ? [tool.last] : [];
      const stroke = { mode: event.mode, radius: event.radius, points: [...start, event.point] };
      return { tool: { ...tool, stroke } };
    }
    case 'extend': {
      if (tool.stroke === undefined) return { tool };
      const points = [...tool.stroke.points, ...event.points];
      return { tool: { ...tool, stroke: { ...tool.stroke, points } } };
    }
    case 'end':
      if (tool.stroke === undefined) return { tool };
      return {
        tool: { stroke: undefined, last: tool.stroke.points.at(-1) },
        finished: tool.stroke,
      };
    case 'abort':
      return { tool: { ...tool, stroke: undefined } };
  }
}

export function emptyMask(width: number, height: number): MaskPixels {
  return { width, height, data: new Uint8Array(width * height) };
}

export function isEmptyMask(mask: MaskPixels): boolean {
  return !mask.data.includes(255);
}

/** Share of the frame that may change, 0 to 1. */
export function maskShare(mask: MaskPixels): number {
  let count = 0;
  for (const value of mask.data) if (value !== 0) count += 1;
  return count / mask.data.length;
}

export function invertMask(mask: MaskPixels): MaskPixels {
  return { ...mask, data: mask.data.map((value) => 255 - value) };
}

function distanceToSegment(x: number, y: number, a: Point, b: Point): number {
  const length2 = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
  const along = length2 === 0 ? 0 : ((x - a.x) * (b.x - a.x) + (y - a.y) * (b.y - a.y)) / length2;
  const t = Math.min(Math.max(along, 0), 1);
  return Math.hypot(x - (a.x + t * (b.x - a.x)), y - (a.y + t * (b.y - a.y)));
}

/** A pixel belongs to a stroke when its centre is within `radius` of the stroke's line. */
export function drawStroke(mask: MaskPixels, stroke: Stroke): MaskPixels {
  const { width, height } = mask;
  const data = mask.data.slice();
  const { radius, points } = stroke;
  const value = stroke.mode === 'paint' ? 255 : 0;
  points.forEach((b, index) => {
    const a = points[index - 1] ?? b;
    const left = Math.max(0, Math.floor(Math.min(a.x, b.x) - radius));
    const right = Math.min(width - 1, Math.ceil(Math.max(a.x, b.x) + radius));
    const top = Math.max(0, Math.floor(Math.min(a.y, b.y) - radius));
    const bottom = Math.min(height - 1, Math.ceil(Math.max(a.y, b.y) + radius));
    for (let y = top; y <= bottom; y += 1) {
      for (let x = left; x <= right; x += 1) {
        if (distanceToSegment(x + 0.5, y + 0.5, a, b) <= radius) data[y * width + x] = value;
      }
    }
  });
  return { width, height, data };
}

/** Whole pixels inside the frame, at least one pixel wide and high. */
export function settleRectangle(
  rectangle: Rectangle,
  frame: { readonly width: number; readonly height: number },
): Rectangle {
  const within = (value: number, low: number, high: number): number =>
    Math.min(Math.max(Math.round(value), low), high);
  const width = within(rectangle.width, 1, frame.width);
  const height = within(rectangle.height, 1, frame.height);
  return {
    x: within(rectangle.x, 0, frame.width - width),
    y: within(rectangle.y, 0, frame.height - height),
    width,
    height,
  };
}

type Side = keyof Rectangle;

const PARTNERS: Readonly<Record<Side, Side>> = { x: 'width', y: 'height', width: 'x', height: 'y' };

/**
 * The rectangle with one typed number. What was typed stays, as far as the frame reaches; where place and
 * size no longer fit together, the other one of the two gives way and is named in `adjusted`.
 */
export function typeRectangle(
  rectangle: Rectangle,
  side: Side,
  value: number,
  frame: { readonly width: number; readonly height: number },
): { readonly rectangle: Rectangle; readonly adjusted: Side | null } {
  const isSize = side === 'width' || side === 'height';
  const most = side === 'x' || side === 'width' ? frame.width : frame.height;
  const typed = isSize ? Math.min(Math.max(value, 1), most) : Math.min(Math.max(value, 0), most - 1);
  const partner = PARTNERS[side];
  const fits = Math.min(rectangle[partner], most - typed);
  return {
    rectangle: { ...rectangle, [side]: typed, [partner]: fits },
    adjusted: fits === rectangle[partner] ? null : partner,
  };
}

/** The rectangle between two dragged corners. */
export function rectangleBetween(a: Point, b: Point): Rectangle {
  return {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  };
}

export function drawRectangle(mask: MaskPixels, rectangle: Rectangle, mode: PaintMode = 'paint'): MaskPixels {
  const data = mask.data.slice();
  const { x, y, width, height } = settleRectangle(rectangle, mask);
  const value = mode === 'paint' ? 255 : 0;
  for (let row = y; row < y + height; row += 1) {
    data.fill(value, row * mask.width + x, row * mask.width + x + width);
  }
  return { ...mask, data };
}
