import { describe, expect, it } from 'vitest';

import { readWheel, type WheelDevice, type WheelGuess, type WheelInput } from './wheel.ts';

const turn = (change: Partial<WheelInput>): WheelInput => ({
  deltaX: 0,
  deltaY: 0,
  deltaMode: 0,
  isZoom: false,
  isSideways: false,
  timeStamp: 0,
  ...change,
});

const notch = turn({ deltaY: 100 });
const swipe = turn({ deltaX: 3, deltaY: 4 });

function kinds(preference: WheelDevice, ...inputs: readonly WheelInput[]): readonly string[] {
  let guess: WheelGuess | null = null;
  return inputs.map((input) => {
    const read = readWheel(preference, guess, input);
    guess = read.guess;
    return read.command.kind;
  });
}

describe('the wheel', () => {
  it('zooms with a mouse and pans with a trackpad, found out by the size of the first step', () => {
    expect(kinds('auto', notch)).toEqual(['zoom']);
    expect(kinds('auto', turn({ deltaY: 3, deltaMode: 1 }))).toEqual(['zoom']);
    expect(kinds('auto', swipe)).toEqual(['pan']);
  });

  it('takes one movement of the hand for one device, however fast it becomes', () => {
    const fast = turn({ deltaY: 160, timeStamp: 300 });
    expect(kinds('auto', swipe, fast)).toEqual(['pan', 'pan']);
    expect(kinds('auto', swipe, { ...fast, timeStamp: 2000 })).toEqual(['pan', 'zoom']);
  });

  it('does what the person chose, whatever it looks like', () => {
    expect(kinds('mouse', swipe, notch)).toEqual(['zoom', 'zoom']);
    expect(kinds('trackpad', swipe, notch)).toEqual(['pan', 'pan']);
  });

  it('zooms on either with Ctrl, as a pinch is reported', () => {
    for (const device of ['auto', 'mouse', 'trackpad'] as const) {
      expect(kinds(device, { ...swipe, isZoom: true })).toEqual(['zoom']);
    }
    const { command } = readWheel('auto', null, turn({ deltaY: -100, isZoom: true }));
    expect(command.kind === 'zoom' && command.factor > 1).toBe(true);
  });

  it('pans sideways with Shift', () => {
    const { command } = readWheel('mouse', null, { ...notch, isSideways: true });
    expect(command).toEqual({ kind: 'pan', dx: -100, dy: -0 });
  });
});
