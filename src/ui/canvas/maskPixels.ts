/** The drawn region as pixels: what strokes, rectangles and lassos do to it. Frame pixels throughout. */
import type { MaskPixels } from '../../runtime/contract.ts';
import type { Rectangle } from '../../session/regions.ts';
import type { Point } from './viewport.ts';

export type PaintMode = 'paint' | 'erase';

export interface BrushPoint extends Point {
  /** Of the ring: half of the brush size, less where a pen is pressed less. */
  readonly radius: number;
}

export interface Stroke {
  readonly kind: 'stroke';
  readonly mode: PaintMode;
  /** 0 = hard edge, 1 = the edge reaches from the middle of the brush to twice its radius. */
  readonly softness: number;
  readonly points: readonly BrushPoint[];
}

/** What one gesture adds to the region or takes from it. */
export type Shape =
  | Stroke
  | { readonly kind: 'rectangle'; readonly mode: PaintMode; readonly rectangle: Rectangle }
  | { readonly kind: 'polygon'; readonly mode: PaintMode; readonly corners: readonly Point[] };

interface Size {
  readonly width: number;
  readonly height: number;
}

/** From this value on a pixel is in the region for the model; below it only the paste blends. */
export const HALF = 128;

export function emptyMask(width: number, height: number): MaskPixels {
  return { width, height, data: new Uint8Array(width * height) };
}

/** True when the model would see no region: a soft edge alone is none. */
export function isEmptyMask(mask: MaskPixels): boolean {
  return !mask.data.some((value) => value >= HALF);
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

/** Half of a pixel's diagonal: a thinner brush would slip between the centres of pixels and draw nothing. */
const LEAST_RADIUS = Math.SQRT1_2;

/** Weight of a pixel `distance` away from the line, 0 to 255; 128 on the ring, so the ring is the model's border. */
function brushWeight(distance: number, radius: number, softness: number): number {
  const inner = radius * (1 - softness);
  const outer = radius * (1 + softness);
  if (distance <= inner) return 255;
  if (distance >= outer) return 0;
  const part = (outer - distance) / (outer - inner);
  return Math.round(255 * part * part * (3 - 2 * part));
}

/**
 * Paint keeps the larger weight and erasing the smaller one, so a stroke drawn piece by piece is the stroke drawn whole.
 */
function drawPiece(data: Uint8Array, { width, height }: Size, stroke: Stroke, a: BrushPoint, b: BrushPoint) {
  const { softness, mode } = stroke;
  const radiusA = Math.max(a.radius, LEAST_RADIUS);
  const radiusB = Math.max(b.radius, LEAST_RADIUS);
  const reach = Math.max(radiusA, radiusB) * (1 + softness);
  const left = Math.max(0, Math.floor(Math.min(a.x, b.x) - reach));
  const right = Math.min(width - 1, Math.ceil(Math.max(a.x, b.x) + reach));
  const top = Math.max(0, Math.floor(Math.min(a.y, b.y) - reach));
  const bottom = Math.min(height - 1, Math.ceil(Math.max(a.y, b.y) + reach));
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length2 = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y += 1) {
    for (let x = left; x <= right; x += 1) {
      const [px, py] = [x + 0.5 - a.x, y + 0.5 - a.y];
      const along = length2 === 0 ? 0 : Math.min(Math.max((px * dx + py * dy) / length2, 0), 1);
      const distance = Math.hypot(px - along * dx, py - along * dy);
      let weight = brushWeight(distance, radiusA + along * (radiusB - radiusA), softness);
      // A line that grows thinner is narrower than the round ends that it joins.
      if (radiusA !== radiusB) {
        const atA = brushWeight(Math.hypot(px, py), radiusA, softness);
        weight = Math.max(weight, atA, brushWeight(Math.hypot(px - dx, py - dy), radiusB, softness));
      }
      const at = y * width + x;
      const before = data[at] ?? 0;
      data[at] = mode === 'paint' ? Math.max(before, weight) : Math.min(before, 255 - weight);
    }
  }
}

/** A pixel belongs to a polygon when its centre lies in it, by the even-odd rule. */
function fillPolygon(mask: MaskPixels, data: Uint8Array, corners: readonly Point[], value: number): void {
  const { width, height } = mask;
  const last = corners.at(-1);
  if (last === undefined) return;
  for (let y = 0; y < height; y += 1) {
    const crossings: number[] = [];
    let a = last;
    for (const b of corners) {
      const centre = y + 0.5;
      if (a.y <= centre !== b.y <= centre) crossings.push(a.x + ((centre - a.y) / (b.y - a.y)) * (b.x - a.x));
      a = b;
    }
    crossings.sort((one, other) => one - other);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      const from = Math.max(0, Math.ceil((crossings[pair] ?? 0) - 0.5));
      const to = Math.min(width, Math.ceil((crossings[pair + 1] ?? 0) - 0.5));
      if (from < to) data.fill(value, y * width + from, y * width + to);
    }
  }
}

export function drawShape(mask: MaskPixels, shape: Shape): MaskPixels {
  const data = mask.data.slice();
  const value = shape.mode === 'paint' ? 255 : 0;
  switch (shape.kind) {
    case 'stroke':
      shape.points.forEach((point, index) =>
        drawPiece(data, mask, shape, shape.points[index - 1] ?? point, point),
      );
      break;
    case 'polygon':
      fillPolygon(mask, data, shape.corners, value);
      break;
    case 'rectangle': {
      const { x, y, width, height } = settleRectangle(shape.rectangle, mask);
      for (let row = y; row < y + height; row += 1) {
        data.fill(value, row * mask.width + x, row * mask.width + x + width);
      }
    }
  }
  return { ...mask, data };
}

/** Whole pixels inside the frame, at least one pixel wide and high. */
export function settleRectangle(rectangle: Rectangle, frame: Size): Rectangle {
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

/** The rectangle that the keyboard begins with: the middle quarter. */
export function middleRectangle(frame: Size): Rectangle {
  const { width, height } = frame;
  return settleRectangle({ x: width / 4, y: height / 4, width: width / 2, height: height / 2 }, frame);
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
  frame: Size,
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

/** The rectangle between two dragged corners; a square has the longer of the two sides. */
export function rectangleBetween(a: Point, b: Point, isSquare = false): Rectangle {
  const side = Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));
  const width = isSquare ? side : Math.abs(a.x - b.x);
  const height = isSquare ? side : Math.abs(a.y - b.y);
  return { x: b.x < a.x ? a.x - width : a.x, y: b.y < a.y ? a.y - height : a.y, width, height };
}
