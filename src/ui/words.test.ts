// @vitest-environment node
import { describe, expect, it } from 'vitest';

import { countOf, inBytes, inPercent, inSeconds } from './words.ts';

/** No-break spaces shown as underscores. */
const plain = (text: string): string => text.replaceAll('\u00a0', '_');

describe('numbers on the page', () => {
  it('keep their unit with a no-break space and as many digits as matter', () => {
    expect([86_400_000, 412_000_000, 2_500_000_000, 900].map(inBytes).map(plain)).toEqual([
      '86.4_MB',
      '412_MB',
      '2.5_GB',
      '0.9_kB',
    ]);
    expect([2840, 12_600].map(inSeconds).map(plain)).toEqual(['2.8_s', '13_s']);
    expect(plain(countOf(1, 'turn', 'turns'))).toBe('1_turn');
    expect(plain(countOf(1200, 'turn', 'turns'))).toBe('1,200_turns');
  });

  it('never say nothing of a little', () => {
    expect([0, 0.000_01, 0.004, 0.11, 1].map(inPercent).map(plain)).toEqual([
      '0_%',
      '<_0.1_%',
      '0.4_%',
      '11_%',
      '100_%',
    ]);
  });
});
