/**
 * Zoom and pan of the picture inside its window. Everything is in fractions: of the frame for `u`, `v`,
 * of the window for screen points, so the same view holds when the window changes its size.
 */

export interface Viewport {
  /** 1 = the whole frame fits the window; below 1 it is smaller and stands in the middle. */
  readonly zoom: number;
  /** Frame fraction at the window's left and top edge; negative below zoom 1. */
  readonly u: number;
  readonly v: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const FITTED: Viewport = { zoom: 1, u: 0, v: 0 };
export const MAX_ZOOM = 16;
const MIN_ZOOM = 1 / 16;

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** The nearest view that leaves no part of the window empty, or the middle where the frame is smaller than it. */
export function settle(view: Viewport): Viewport {
  const zoom = clamp(view.zoom, MIN_ZOOM, MAX_ZOOM);
  const room = 1 - 1 / zoom;
  if (room < 0) return { zoom, u: room / 2, v: room / 2 };
  return { zoom, u: clamp(view.u, 0, room), v: clamp(view.v, 0, room) };
}

/** Frame fraction under a window point. */
export function windowToFrame(view: Viewport, point: Point): Point {
  return { x: view.u + point.x / view.zoom, y: view.v + point.y / view.zoom };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The same in pixels of the frame. */
export function windowToPixels(view: Viewport, point: Point, { width, height }: Size): Point {
  const { x, y } = windowToFrame(view, point);
  return { x: x * width, y: y * height };
}

/** The part of the frame in sight, in its pixels, as an SVG says it. */
export function viewBoxOf({ zoom, u, v }: Viewport, { width, height }: Size): string {
  return [u * width, v * height, width / zoom, height / zoom].join(' ');
}

/**
 * Multiplies the zoom and keeps the frame point under `anchor` where it is, as far as the edges allow. `least` is the
 * smallest zoom: the fitted frame, unless its own size is smaller.
 */
export function zoomAt(view: Viewport, factor: number, anchor: Point, least = 1): Viewport {
  const fixed = windowToFrame(view, anchor);
  const zoom = clamp(view.zoom * factor, least, MAX_ZOOM);
  return settle({ zoom, u: fixed.x - anchor.x / zoom, v: fixed.y - anchor.y / zoom });
}

/** Moves the picture with the hand: `delta` in window fractions, positive to the right and down. */
export function panBy(view: Viewport, delta: Point): Viewport {
  return settle({
    zoom: view.zoom,
    u: view.u - delta.x / view.zoom,
    v: view.v - delta.y / view.zoom,
  });
}

const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

/** Two fingers: the frame point between them stays between them, their distance sets the zoom. */
export function pinch(view: Viewport, from: readonly [Point, Point], to: readonly [Point, Point]): Viewport {
  const before = Math.hypot(from[0].x - from[1].x, from[0].y - from[1].y);
  const after = Math.hypot(to[0].x - to[1].x, to[0].y - to[1].y);
  const start = middle(...from);
  const end = middle(...to);
  const zoomed = zoomAt(view, before > 0 ? after / before : 1, start);
  return panBy(zoomed, { x: end.x - start.x, y: end.y - start.y });
}
