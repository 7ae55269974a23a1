import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createContextLedger } from './contextLedger.ts';

const keys = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 });

function commonPrefix(one: readonly string[], other: readonly string[]): number {
  const difference = one.findIndex((key, index) => key !== other[index]);
  return difference === -1 ? one.length : difference;
}

test('keeps exactly the common prefix with what was cached last, over any series of turns', () => {
  fc.assert(
    fc.property(fc.array(keys, { maxLength: 8 }), (turns) => {
      const ledger = createContextLedger();
      let cached: readonly string[] = [];
      for (const turn of turns) {
        const kept = ledger.keepPrefix(turn);
        expect(kept).toBe(commonPrefix(cached, turn));
        for (const key of turn.slice(kept)) ledger.append(key);
        cached = turn;
      }
    }),
  );
});

test('does not count what was never completed', () => {
  const ledger = createContextLedger();
  ledger.keepPrefix(['a', 'b', 'c']);
  ledger.append('a');
  expect(ledger.keepPrefix(['a', 'b', 'c'])).toBe(1);
});

test('forgets the tail of a longer session, because a turn writes over it', () => {
  const ledger = createContextLedger();
  for (const key of ['a', 'b', 'c']) ledger.append(key);
  expect(ledger.keepPrefix(['a'])).toBe(1);
  expect(ledger.keepPrefix(['a', 'b', 'c'])).toBe(1);
});
