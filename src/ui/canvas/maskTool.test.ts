import { describe, expect, it } from 'vitest';

import type { Shape } from './maskPixels.ts';
import { reduceMaskTool, RESTING_TOOL, type MaskTool, type MaskToolEvent } from './maskTool.ts';

const at = (x: number, y = 0) => ({ x, y, radius: 2 });
const begin = (
  tool: 'brush' | 'lasso' | 'rectangle',
  x: number,
  y = 0,
  isStraight = false,
): MaskToolEvent => ({
  kind: 'begin',
  tool,
  point: at(x, y),
  mode: 'paint',
  softness: 0.25,
  isStraight,
});
const move = (...points: readonly (readonly [number, number])[]): MaskToolEvent => ({
  kind: 'extend',
  points: points.map(([x, y]) => at(x, y)),
  isSquare: false,
});
const end: MaskToolEvent = { kind: 'end', near: 1 };
const abort: MaskToolEvent = { kind: 'abort' };

function play(...events: readonly MaskToolEvent[]): { tool: MaskTool; finished: readonly Shape[] } {
  let tool = RESTING_TOOL;
  const finished: Shape[] = [];
  for (const event of events) {
    const outcome = reduceMaskTool(tool, event);
    tool = outcome.tool;
    if (outcome.finished !== undefined) finished.push(outcome.finished);
  }
  return { tool, finished };
}

const click = (x: number, y: number): readonly MaskToolEvent[] => [begin('lasso', x, y), end];

describe('the brush', () => {
  it('draws a straight line from the end of the last stroke', () => {
    const { tool, finished } = play(begin('brush', 1), end, begin('brush', 9, 0, true), end);
    const stroke = { kind: 'stroke', mode: 'paint', softness: 0.25 };
    expect(finished).toEqual([
      { ...stroke, points: [at(1)] },
      { ...stroke, points: [at(1), at(9)] },
    ]);
    expect(tool).toEqual({ gesture: null, last: at(9) });
  });

  it('forgets an aborted stroke and keeps the end of the one before', () => {
    const { tool, finished } = play(begin('brush', 1), end, begin('brush', 5), move([6, 6]), abort, end);
    expect(finished).toHaveLength(1);
    expect(tool).toEqual({ gesture: null, last: at(1) });
  });

  it('finishes no stroke that was never begun', () => {
    expect(play(end, move([1, 1]))).toEqual({ tool: RESTING_TOOL, finished: [] });
  });
});

describe('the rectangle', () => {
  it('runs between the corners, as a square while Shift is held', () => {
    const isSquare = { ...move([4, 9]), isSquare: true } as MaskToolEvent;
    const { finished } = play(
      begin('rectangle', 1, 2),
      move([3, 3], [4, 9]),
      end,
      begin('rectangle', 1, 2),
      isSquare,
      end,
    );
    expect(finished).toEqual([
      { kind: 'rectangle', mode: 'paint', rectangle: { x: 1, y: 2, width: 3, height: 7 } },
      { kind: 'rectangle', mode: 'paint', rectangle: { x: 1, y: 2, width: 7, height: 7 } },
    ]);
  });
});

describe('the lasso', () => {
  const corners = [at(0, 0), at(20, 0), at(20, 20)];
  const polygon = { kind: 'polygon', mode: 'paint', corners };

  it('closes where a drag ends', () => {
    const { finished, tool } = play(begin('lasso', 0, 0), move([20, 0], [20, 20]), end);
    expect(finished).toEqual([polygon]);
    expect(tool.gesture).toBeNull();
  });

  it('is set corner by corner with clicks and closed by one on the first corner or twice on the last', () => {
    const three = [...click(0, 0), ...click(20, 0), ...click(20, 20)];
    expect(play(...three).finished).toEqual([]);
    expect(play(...three, ...click(0.5, 0.5)).finished).toEqual([polygon]);
    expect(play(...three, ...click(20, 20)).finished).toEqual([polygon]);
  });

  it('takes clicked corners and dragged pieces together', () => {
    const { finished } = play(...click(0, 0), begin('lasso', 20, 0), move([20, 20]), end);
    expect(finished).toEqual([polygon]);
  });

  it('gives up the corner being pressed first, and all corners when none is', () => {
    const one = play(...click(0, 0), begin('lasso', 20, 0), abort);
    expect(one.tool.gesture).toMatchObject({ corners: [at(0, 0)], pressedAt: null });
    expect(play(...click(0, 0), abort).tool).toEqual(RESTING_TOOL);
  });

  it('draws nothing of two corners', () => {
    expect(play(...click(0, 0), ...click(20, 0), ...click(20, 0))).toEqual({
      tool: RESTING_TOOL,
      finished: [],
    });
  });
});
