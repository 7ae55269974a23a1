/**
 * Decides what the pointers on the picture do: one finger, pen or mouse draws, two fingers pan and zoom.
 * A pen comes before fingers: they are ignored while it is down, and what a palm began before it ends there.
 */
import type { Point } from './viewport.ts';

/** A place in fractions of the window, and how hard it is pressed, 0 to 1; 1 for what does not know. */
export interface PressedPoint extends Point {
  readonly pressure: number;
}

interface PointerDown {
  readonly kind: 'down';
  readonly id: number;
  readonly device: 'mouse' | 'touch' | 'pen';
  /** The hand tool, a held space bar or the middle button. */
  readonly isHand: boolean;
  readonly point: PressedPoint;
}
export type PointerInput =
  | PointerDown
  | { readonly kind: 'move'; readonly id: number; readonly point: PressedPoint }
  | { readonly kind: 'up'; readonly id: number }
  | { readonly kind: 'abort' };

export type Pointers =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'draw';
      readonly id: number;
      readonly device: PointerDown['device'];
      readonly point: Point;
    }
  | { readonly kind: 'pan'; readonly id: number; readonly point: Point }
  | {
      readonly kind: 'pinch';
      readonly ids: readonly [number, number];
      readonly points: readonly [Point, Point];
    };

export type PointerCommand =
  | { readonly kind: 'begin'; readonly point: PressedPoint }
  | { readonly kind: 'extend'; readonly point: PressedPoint }
  | { readonly kind: 'end' }
  | { readonly kind: 'abort' }
  | { readonly kind: 'pan'; readonly delta: Point }
  | { readonly kind: 'pinch'; readonly from: readonly [Point, Point]; readonly to: readonly [Point, Point] };

export interface PointerOutcome {
  readonly state: Pointers;
  readonly commands: readonly PointerCommand[];
}

export const NO_POINTERS: Pointers = { kind: 'idle' };

function onDown(state: Pointers, input: PointerDown): PointerOutcome {
  const { id, device, point } = input;
  const given: readonly PointerCommand[] = state.kind === 'draw' ? [{ kind: 'abort' }] : [];
  if (state.kind === 'draw' && !(state.device === 'touch' && device !== 'mouse')) return unchanged(state);
  if (device === 'touch' && (state.kind === 'draw' || state.kind === 'pan')) {
    // A second finger turns an accidental dot into a pinch.
    return {
      state: { kind: 'pinch', ids: [state.id, id], points: [state.point, point] },
      commands: given,
    };
  }
  if (state.kind === 'pinch' && device !== 'pen') return unchanged(state);
  if (input.isHand) return { state: { kind: 'pan', id, point }, commands: given };
  return { state: { kind: 'draw', id, device, point }, commands: [...given, { kind: 'begin', point }] };
}

function unchanged(state: Pointers): PointerOutcome {
  return { state, commands: [] };
}

function onMove(state: Pointers, id: number, point: PressedPoint): PointerOutcome {
  switch (state.kind) {
    case 'idle':
      return unchanged(state);
    case 'draw':
      if (state.id !== id) return unchanged(state);
      return { state: { ...state, point }, commands: [{ kind: 'extend', point }] };
    case 'pan': {
      if (state.id !== id) return unchanged(state);
      const delta = { x: point.x - state.point.x, y: point.y - state.point.y };
      return { state: { ...state, point }, commands: [{ kind: 'pan', delta }] };
    }
    case 'pinch': {
      const place = state.ids.indexOf(id);
      if (place < 0) return unchanged(state);
      const to: readonly [Point, Point] = place === 0 ? [point, state.points[1]] : [state.points[0], point];
      return { state: { ...state, points: to }, commands: [{ kind: 'pinch', from: state.points, to }] };
    }
  }
}

function onUp(state: Pointers, id: number): PointerOutcome {
  switch (state.kind) {
    case 'idle':
      return unchanged(state);
    case 'draw':
      return state.id === id ? { state: NO_POINTERS, commands: [{ kind: 'end' }] } : unchanged(state);
    case 'pan':
      return unchanged(state.id === id ? NO_POINTERS : state);
    case 'pinch': {
      const place = state.ids.indexOf(id);
      if (place < 0) return unchanged(state);
      // The finger that stays goes on panning; it must lift before it may draw again.
      const stays = place === 0 ? 1 : 0;
      return unchanged({ kind: 'pan', id: state.ids[stays], point: state.points[stays] });
    }
  }
}

export function reducePointers(state: Pointers, input: PointerInput): PointerOutcome {
  switch (input.kind) {
    case 'down':
      return onDown(state, input);
    case 'move':
      return onMove(state, input.id, input.point);
    case 'up':
      return onUp(state, input.id);
    case 'abort':
      return { state: NO_POINTERS, commands: state.kind === 'draw' ? [{ kind: 'abort' }] : [] };
  }
}
