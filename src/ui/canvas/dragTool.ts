/** Moving, scaling and turning a region with handles, as data. Frame pixels and degrees clockwise. */
import type { Move } from '../../session/document.ts';
import { leastScale, mostScale, type Rectangle } from '../../session/regions.ts';
import type { Point } from './viewport.ts';

/** `scale` at each corner and in the middle of each side, `turn` above the box, `body` everywhere inside it. */
export type Handle = 'body' | 'scale' | 'turn';

export interface Drag {
  readonly handle: Handle;
  readonly start: Point;
  readonly from: Move;
}

export type DragEvent =
  | { readonly kind: 'begin'; readonly handle: Handle; readonly point: Point; readonly move: Move }
  /** `isHeld`: along one axis, or in steps of a 24th of a turn. */
  | { readonly kind: 'extend'; readonly point: Point; readonly isHeld: boolean }
  | { readonly kind: 'end' | 'abort' };

const TURN_STEP = 15;

export function stillMove(about: Point): Move {
  return { dx: 0, dy: 0, scale: 1, angle: 0, about: { x: about.x, y: about.y } };
}

/** More than -180 up to 180. */
function settleAngle(angle: number): number {
  const turned = angle % 360;
  if (turned > 180) return turned - 360;
  return turned <= -180 ? turned + 360 : turned;
}

/** A move with whole pixels, percents and degrees, within its bounds: what the fields show is what is done. */
export function settleMove(move: Move): Move {
  const scale = Math.min(Math.max(Math.round(move.scale * 100) / 100, leastScale), mostScale);
  const { dx, dy, angle, about } = move;
  return { dx: Math.round(dx), dy: Math.round(dy), scale, angle: settleAngle(Math.round(angle)), about };
}

/** Where the middle of the region is after the move. */
export function middleAfter({ about, dx, dy }: Move): Point {
  return { x: about.x + dx, y: about.y + dy };
}

function movedBy({ handle, start, from }: Drag, point: Point, isHeld: boolean): Move {
  const middle = middleAfter(from);
  const angleTo = (at: Point): number => (Math.atan2(at.y - middle.y, at.x - middle.x) * 180) / Math.PI;
  const lengthTo = (at: Point): number => Math.hypot(at.x - middle.x, at.y - middle.y);
  switch (handle) {
    case 'body': {
      const [dx, dy] = [point.x - start.x, point.y - start.y];
      const isAcross = Math.abs(dx) >= Math.abs(dy);
      return {
        ...from,
        dx: from.dx + (isHeld && !isAcross ? 0 : dx),
        dy: from.dy + (isHeld && isAcross ? 0 : dy),
      };
    }
    case 'scale':
      return { ...from, scale: (from.scale * lengthTo(point)) / Math.max(lengthTo(start), 1e-6) };
    case 'turn': {
      const angle = from.angle + angleTo(point) - angleTo(start);
      return { ...from, angle: isHeld ? Math.round(angle / TURN_STEP) * TURN_STEP : angle };
    }
  }
}

/** The next state, with the move as it is now; none after `abort`, which leaves the region where it was. */
export function reduceDrag(
  drag: Drag | null,
  event: DragEvent,
): { readonly drag: Drag | null; readonly move?: Move } {
  switch (event.kind) {
    case 'begin':
      return { drag: { handle: event.handle, start: event.point, from: event.move }, move: event.move };
    case 'extend':
      return drag === null ? { drag } : { drag, move: settleMove(movedBy(drag, event.point, event.isHeld)) };
    case 'end':
    case 'abort':
      return { drag: null };
  }
}

/** Where a point of the region is after the move. */
export function movePoint({ about, dx, dy, scale, angle }: Move, point: Point): Point {
  const turn = (angle * Math.PI) / 180;
  const [x, y] = [(point.x - about.x) * scale, (point.y - about.y) * scale];
  return {
    x: about.x + dx + x * Math.cos(turn) - y * Math.sin(turn),
    y: about.y + dy + x * Math.sin(turn) + y * Math.cos(turn),
  };
}

export interface HandlePlaces {
  /** The four corners in their order around the box. */
  readonly corners: readonly Point[];
  /** Corners and middles of the sides. */
  readonly scale: readonly Point[];
  readonly turn: Point;
  /** Where the stalk of `turn` leaves the box. */
  readonly top: Point;
}

/** `stalk`: how far above the box its handle for turning stands. */
export function handlePlaces(box: Rectangle, move: Move, stalk: number): HandlePlaces {
  const { x, y, width, height } = box;
  const at = (across: number, down: number): Point =>
    movePoint(move, { x: x + across * width, y: y + down * height });
  const corners = [at(0, 0), at(1, 0), at(1, 1), at(0, 1)];
  const top = at(0.5, 0);
  const turn = (move.angle * Math.PI) / 180;
  return {
    corners,
    scale: [...corners, top, at(1, 0.5), at(0.5, 1), at(0, 0.5)],
    turn: { x: top.x + stalk * Math.sin(turn), y: top.y - stalk * Math.cos(turn) },
    top,
  };
}

/** What a press at `point` takes hold of: a handle within `reach`, else the box; null beside it. */
export function handleAt(places: HandlePlaces, point: Point, reach: number): Handle | null {
  const isNear = (at: Point): boolean => Math.hypot(at.x - point.x, at.y - point.y) <= reach;
  if (isNear(places.turn)) return 'turn';
  if (places.scale.some(isNear)) return 'scale';
  const { corners } = places;
  const isInside = corners.every((a, index) => {
    const b = corners[(index + 1) % corners.length] ?? a;
    return (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x) >= 0;
  });
  return isInside ? 'body' : null;
}
