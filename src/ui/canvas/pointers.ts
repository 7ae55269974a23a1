/**
 * Decides what the pointers on the picture do: one finger, pen or mouse draws, two fingers pan and zoom,
 * and fingers are ignored while a pen is down, so a resting palm draws nothing.
 */
import type { Point } from './viewport.ts';

interface PointerDown {
  readonly kind: 'down';
  readonly id: number;
  readonly device: 'mouse' | 'touch' | 'pen';
  /** The hand tool, a held space bar or the middle button. */
  readonly isHand: boolean;
  readonly point: Point;
}
export type PointerInput =
  | PointerDown
  | { readonly kind: 'move'; readonly id: number; readonly point: Point }
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
  | { readonly kind: 'begin'; readonly point: Point }
  | { readonly kind: 'extend'; readonly point: Point }
  | { readonly kind: 'end' }
  | { readonly kind: 'abort' }
  | { readonly kind: 'pan'; readonly delta: Point }
  | { readonly kind: 'pinch'; readonly from: readonly [Point, Point]; readonly to: readonly [Point, Point] };

export interface PointerOutcome {
  readonly state: Pointers;
  readonly command?: PointerCommand;
}

export const NO_POINTERS: Pointers = { kind: 'idle' };

function onDown(state: Pointers, input: PointerDown): PointerOutcome {
  const { id, device, point } = input;
  if (state.kind === 'draw') {
    // A second finger turns an accidental dot into a pinch.
    if (device === 'touch' && state.device === 'touch') {
      return {
        state: { kind: 'pinch', ids: [state.id, id], points: [state.point, point] },
        command: { kind: 'abort' },
      };
    }
    return { state };
  }
  if (state.kind === 'pan' && device === 'touch') {
    return { state: { kind: 'pinch', ids: [state.id, id], points: [state.point, point] } };
  }
  if (state.kind === 'pinch' && device !== 'pen') return { state };
  if (input.isHand) return { state: { kind: 'pan', id, point } };
  return { state: { kind: 'draw', id, device, point }, command: { kind: 'begin', point } };
}

function onMove(state: Pointers, id: number, point: Point): PointerOutcome {
  switch (state.kind) {
    case 'idle':
      return { state };
    case 'draw':
      if (state.id !== id) return { state };
      return { state: { ...state, point }, command: { kind: 'extend', point } };
    case 'pan': {
      if (state.id !== id) return { state };
      const delta = { x: point.x - state.point.x, y: point.y - state.point.y };
      return { state: { ...state, point }, command: { kind: 'pan', delta } };
    }
    case 'pinch': {
      const place = state.ids.indexOf(id);
      if (place < 0) return { state };
      const to: readonly [Point, Point] = place === 0 ? [point, state.points[1]] : [state.points[0], point];
      return { state: { ...state, points: to }, command: { kind: 'pinch', from: state.points, to } };
    }
  }
}

function onUp(state: Pointers, id: number): PointerOutcome {
  switch (state.kind) {
    case 'idle':
      return { state };
    case 'draw':
      return state.id === id ? { state: NO_POINTERS, command: { kind: 'end' } } : { state };
    case 'pan':
      return { state: state.id === id ? NO_POINTERS : state };
    case 'pinch': {
      const place = state.ids.indexOf(id);
      if (place < 0) return { state };
      // The finger that stays goes on panning; it must lift before it may draw again.
      const stays = place === 0 ? 1 : 0;
      return { state: { kind: 'pan', id: state.ids[stays], point: state.points[stays] } };
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
      return state.kind === 'draw'
        ? { state: NO_POINTERS, command: { kind: 'abort' } }
        : { state: NO_POINTERS };
  }
}
