import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  NO_POINTERS,
  reducePointers,
  type PointerCommand,
  type PointerInput,
  type Pointers,
} from './pointers.ts';

const at = (x: number, y: number) => ({ x, y, pressure: 1 });

function play(inputs: readonly PointerInput[]): { state: Pointers; commands: PointerCommand[] } {
  let state = NO_POINTERS;
  const commands: PointerCommand[] = [];
  for (const input of inputs) {
    const outcome = reducePointers(state, input);
    state = outcome.state;
    commands.push(...outcome.commands);
  }
  return { state, commands };
}

const down = (id: number, device: 'mouse' | 'touch' | 'pen', isHand = false): PointerInput => ({
  kind: 'down',
  id,
  device,
  isHand,
  point: at(id / 10, 0),
});

describe('pointers', () => {
  it('draws with one finger from down to up', () => {
    const { state, commands } = play([
      down(1, 'touch'),
      { kind: 'move', id: 1, point: at(0.5, 0.5) },
      { kind: 'up', id: 1 },
    ]);
    expect(commands).toEqual([
      { kind: 'begin', point: at(0.1, 0) },
      { kind: 'extend', point: at(0.5, 0.5) },
      { kind: 'end' },
    ]);
    expect(state).toEqual(NO_POINTERS);
  });

  it('gives up the stroke and pinches when a second finger comes down', () => {
    const { commands } = play([
      down(1, 'touch'),
      down(2, 'touch'),
      { kind: 'move', id: 2, point: at(0.9, 0.9) },
    ]);
    expect(commands).toEqual([
      { kind: 'begin', point: at(0.1, 0) },
      { kind: 'abort' },
      { kind: 'pinch', from: [at(0.1, 0), at(0.2, 0)], to: [at(0.1, 0), at(0.9, 0.9)] },
    ]);
  });

  it('does not draw with the finger that stays after a pinch', () => {
    const { commands, state } = play([
      down(1, 'touch'),
      down(2, 'touch'),
      { kind: 'up', id: 1 },
      { kind: 'move', id: 2, point: at(0.3, 0.1) },
    ]);
    expect(commands.map((command) => command.kind)).toEqual(['begin', 'abort', 'pan']);
    expect(state.kind).toBe('pan');
  });

  it('ignores a palm while the pen draws', () => {
    const { commands, state } = play([
      down(1, 'pen'),
      down(2, 'touch'),
      { kind: 'move', id: 2, point: at(1, 1) },
      { kind: 'up', id: 2 },
    ]);
    expect(commands).toEqual([{ kind: 'begin', point: at(0.1, 0) }]);
    expect(state.kind).toBe('draw');
  });

  it('gives up what the palm began when the pen comes down', () => {
    const { commands, state } = play([
      down(1, 'touch'),
      down(2, 'pen'),
      { kind: 'move', id: 1, point: at(1, 1) },
      { kind: 'move', id: 2, point: at(0.4, 0) },
    ]);
    expect(commands).toEqual([
      { kind: 'begin', point: at(0.1, 0) },
      { kind: 'abort' },
      { kind: 'begin', point: at(0.2, 0) },
      { kind: 'extend', point: at(0.4, 0) },
    ]);
    expect(state.kind).toBe('draw');
  });

  it('hands on how hard the pen is pressed', () => {
    const pressed = { x: 0.5, y: 0.5, pressure: 0.25 };
    const { commands } = play([down(1, 'pen'), { kind: 'move', id: 1, point: pressed }]);
    expect(commands[1]).toEqual({ kind: 'extend', point: pressed });
  });

  it('pans with the hand', () => {
    expect(play([down(1, 'mouse', true), { kind: 'move', id: 1, point: at(0.1, 0.25) }]).commands).toEqual([
      { kind: 'pan', delta: { x: 0, y: 0.25 } },
    ]);
  });

  it('closes every begun stroke exactly once, whatever the pointers do', () => {
    const input: fc.Arbitrary<PointerInput> = fc.oneof(
      fc.record({
        kind: fc.constant('down' as const),
        id: fc.nat(3),
        device: fc.constantFrom('mouse' as const, 'touch' as const, 'pen' as const),
        isHand: fc.boolean(),
        point: fc.constant(at(0, 0)),
      }),
      fc.record({ kind: fc.constant('move' as const), id: fc.nat(3), point: fc.constant(at(1, 1)) }),
      fc.record({ kind: fc.constant('up' as const), id: fc.nat(3) }),
      fc.constant({ kind: 'abort' as const }),
    );
    fc.assert(
      fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
        const signs = { begin: '(', extend: '.', end: ')', abort: ')', pan: '', pinch: '' };
        const { commands } = play([...inputs, { kind: 'abort' }]);
        expect(commands.map(({ kind }) => signs[kind]).join('')).toMatch(/^(\(\.*\))*$/);
      }),
    );
  });
});
