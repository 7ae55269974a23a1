/** What the wheel does: a mouse's zooms, a trackpad's pans and pinches. Nothing in the browser tells which it is. */

export type WheelDevice = 'auto' | 'mouse' | 'trackpad';

/** The parts of a wheel event that count. */
export interface WheelInput {
  readonly deltaX: number;
  readonly deltaY: number;
  /** 0 = pixels, 1 = lines, 2 = pages. */
  readonly deltaMode: number;
  readonly isZoom: boolean;
  readonly isSideways: boolean;
  /** Milliseconds on any clock. */
  readonly timeStamp: number;
}

/** What the last event looked like, so that one movement of the hand is not taken for two devices. */
export interface WheelGuess {
  readonly device: 'mouse' | 'trackpad';
  readonly timeStamp: number;
}

export type WheelCommand =
  | { readonly kind: 'zoom'; readonly factor: number }
  /** CSS pixels by which the picture moves. */
  | { readonly kind: 'pan'; readonly dx: number; readonly dy: number };

const LINE = 33;
const PAGE = 400;
/** One notch of a wheel is at least this many pixels; a trackpad begins with a few. */
const NOTCH = 60;
const ONE_MOVEMENT_MS = 400;

function guess(before: WheelGuess | null, input: WheelInput): WheelGuess {
  const { timeStamp, deltaX, deltaY, deltaMode } = input;
  if (before !== null && timeStamp - before.timeStamp < ONE_MOVEMENT_MS)
    return { device: before.device, timeStamp };
  const isNotch = deltaMode !== 0 || (deltaX === 0 && Math.abs(deltaY) >= NOTCH);
  return { device: isNotch ? 'mouse' : 'trackpad', timeStamp };
}

/** The next guess and what to do. With Ctrl, which browsers also report for a pinch, both devices zoom. */
export function readWheel(
  preference: WheelDevice,
  before: WheelGuess | null,
  input: WheelInput,
): { readonly guess: WheelGuess; readonly command: WheelCommand } {
  const unit = [1, LINE, PAGE][input.deltaMode] ?? 1;
  const [deltaX, deltaY] = [input.deltaX * unit, input.deltaY * unit];
  const now = guess(before, input);
  const device = preference === 'auto' ? now.device : preference;
  if (input.isZoom || (device === 'mouse' && !input.isSideways && deltaY !== 0)) {
    // A pinch comes in small steps and has to follow the fingers; a notch is one step.
    const slowness = Math.abs(deltaY) < NOTCH ? 100 : 300;
    return { guess: now, command: { kind: 'zoom', factor: Math.exp(-deltaY / slowness) } };
  }
  const [dx, dy] = input.isSideways && deltaX === 0 ? [deltaY, 0] : [deltaX, deltaY];
  return { guess: now, command: { kind: 'pan', dx: -dx, dy: -dy } };
}
