import { describe, expect, it } from 'vitest';

import type { Rectangle } from '../../session/regions.ts';
import { deskEn } from '../messages/deskEn.ts';
import { describeMask } from './describeMask.ts';
import { drawShape, emptyMask } from './maskPixels.ts';

const words = (rectangle: Rectangle): string =>
  describeMask(drawShape(emptyMask(100, 100), { kind: 'rectangle', mode: 'paint', rectangle }), deskEn);

describe('a region in words', () => {
  it('says how much and where', () => {
    expect(words({ x: 5, y: 60, width: 30, height: 40 })).toBe('the region covers 12\u00a0%, lower left');
    expect(words({ x: 40, y: 40, width: 20, height: 20 })).toBe(
      'the region covers 4.0\u00a0%, in the centre',
    );
    expect(words({ x: 70, y: 40, width: 20, height: 20 })).toMatch(/, middle right$/);
    expect(words({ x: 40, y: 0, width: 20, height: 20 })).toMatch(/, upper middle$/);
  });

  it('names a band by its direction and a large one as such', () => {
    expect(words({ x: 0, y: 0, width: 100, height: 20 })).toMatch(/, across the upper part$/);
    expect(words({ x: 0, y: 40, width: 100, height: 20 })).toMatch(/, across the middle$/);
    expect(words({ x: 80, y: 0, width: 20, height: 100 })).toMatch(/, down the right$/);
    expect(words({ x: 0, y: 0, width: 100, height: 100 })).toBe(
      'the region covers 100\u00a0%, over most of the picture',
    );
  });

  it('says when there is none', () => {
    expect([describeMask(null, deskEn), describeMask(emptyMask(4, 4), deskEn)]).toEqual([
      'no region',
      'no region',
    ]);
  });
});
