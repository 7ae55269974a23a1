import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createContextTree, type ContextTree, type PoolLayout } from './contextTree.ts';
import { EngineError } from './contract.ts';

/** Tokens of every segment that the tests know. */
const TOKENS: Readonly<Record<string, number>> = { a: 3, b: 5, c: 1, d: 400 };
const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 6 });

/** A pool of real cells, each of which holds the history that wrote it. */
function createPool(maxTokens: number, largest = Number.POSITIVE_INFINITY) {
  let cells: string[] = [];
  let relocations = 0;
  const tree: ContextTree = createContextTree(maxTokens, async ({ capacity, moves }: PoolLayout) => {
    if (capacity > largest) throw new EngineError({ code: 'unsupported', message: 'no memory' });
    const laid = Array.from({ length: capacity }, () => '');
    for (const { from, to } of moves)
      laid.splice(to.start, to.end - to.start, ...cells.slice(from.start, from.end));
    cells = laid;
    relocations++;
  });
  return {
    /** Computes what is not kept of a history; returns how many segments were. */
    async turn(history: readonly string[]): Promise<number> {
      const kept = tree.follow(history);
      for (const [index, key] of [...history.entries()].slice(kept)) {
        const slots = await tree.reserve(TOKENS[key] ?? 0);
        cells.fill(history.slice(0, index + 1).join(' '), slots.start, slots.end);
        tree.append(key, slots);
      }
      return kept;
    },
    /** What lies in the slots of the path, segment by segment. */
    read: () => tree.path().map(({ start, end }) => cells.slice(start, end)),
    reserve: (tokens: number) => tree.reserve(tokens),
    capacity: () => cells.length,
    relocations: () => relocations,
  };
}

function written(history: readonly string[]): readonly (readonly string[])[] {
  return history.map((key, index) =>
    Array.from({ length: TOKENS[key] ?? 0 }, () => history.slice(0, index + 1).join(' ')),
  );
}

function commonPrefix(one: readonly string[], other: readonly string[]): number {
  const difference = one.findIndex((key, index) => key !== other[index]);
  return difference === -1 ? one.length : difference;
}

test('keeps exactly the longest prefix that any earlier turn had, while there is room', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(keys, { maxLength: 8 }), async (turns) => {
      const pool = createPool(1e6);
      for (const [index, history] of turns.entries()) {
        const longest = Math.max(
          0,
          ...turns.slice(0, index).map((earlier) => commonPrefix(history, earlier)),
        );
        expect(await pool.turn(history)).toBe(longest);
        expect(pool.read()).toEqual(written(history));
      }
    }),
  );
});

test('holds what each segment wrote and no more than its budget, over any series of turns', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(keys, { maxLength: 12 }),
      fc.integer({ min: 2400, max: 3000 }),
      fc.constantFrom(1024, 2048, 1e6),
      async (turns, budget, largest) => {
        const pool = createPool(budget, largest);
        for (const history of turns) {
          const tokens = history.reduce((sum, key) => sum + (TOKENS[key] ?? 0), 0);
          if (tokens > Math.min(budget, largest)) continue;
          await pool.turn(history);
          expect(pool.read()).toEqual(written(history));
          expect(pool.capacity()).toBeLessThanOrEqual(Math.min(budget, largest));
        }
      },
    ),
  );
});

test('finds a branch again after another one was used', async () => {
  const pool = createPool(1e6);
  await pool.turn(['a', 'b', 'd']);
  expect(await pool.turn(['a', 'c', 'd'])).toBe(1);
  expect(await pool.turn(['a', 'b', 'd'])).toBe(3);
});

test('forgets the end of the history that was not used for longest, and none of the path in use', async () => {
  const pool = createPool(1210);
  await pool.turn(['a', 'd']);
  await pool.turn(['a', 'b', 'd']);
  await pool.turn(['a', 'd']);
  await pool.turn(['a', 'c', 'd']);
  // There is room for three of the long segments only.
  await pool.turn(['c', 'd']);
  expect(await pool.turn(['a', 'd'])).toBe(2);
  expect(await pool.turn(['a', 'b', 'd'])).toBe(2);
});

test('does not count what was never completed, and writes over it', async () => {
  const pool = createPool(1e6);
  await pool.turn(['a']);
  const first = await pool.reserve(5);
  expect(await pool.reserve(5)).toEqual(first);
  expect(await pool.turn(['a', 'b'])).toBe(1);
});

test('packs the pool when what is left lies scattered', async () => {
  const pool = createPool(1024);
  for (const history of [['d'], ['a', 'd'], ['b', 'c']]) await pool.turn(history);
  const before = pool.relocations();
  // The first of the long segments goes; neither its place nor the end of the pool is long enough alone.
  expect(await pool.reserve(610)).toEqual({ start: 409, end: 1019 });
  expect(pool.relocations()).toBe(before + 1);
  expect(pool.read()).toEqual(written(['b', 'c']));
});

test('says how long a history may be', async () => {
  const pool = createPool(500);
  await expect(pool.turn(['a', 'd', 'd'])).rejects.toMatchObject({
    code: 'unsupported',
    message: 'The session has 803 tokens and there is memory for 500. Leave some earlier frames out.',
  });
  expect(await pool.turn(['a', 'd'])).toBe(2);
});

test('gives up memory that the device has not, and says so only when the history itself needs it', async () => {
  const pool = createPool(1e6, 1024);
  await pool.turn(['a', 'd', 'd']);
  await pool.turn(['b', 'd', 'd']);
  expect(pool.read()).toEqual(written(['b', 'd', 'd']));
  await expect(pool.turn(['b', 'd', 'd', 'd'])).rejects.toMatchObject({ code: 'unsupported' });
});
