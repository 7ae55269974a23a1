/** Timing for the benchmarks: what is compared is measured in turns, so that a busy machine slows both alike. */

/** Milliseconds of a clock that never goes back. */
export type Clock = () => number;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/**
 * Runs every candidate once to warm up, then `rounds` times in turns; milliseconds by candidate and round. A candidate
 * resolves when all its work is done, on the device too.
 */
export async function timeInTurns(
  candidates: readonly (() => Promise<unknown>)[],
  rounds: number,
  now: Clock,
): Promise<readonly (readonly number[])[]> {
  const times: number[][] = candidates.map(() => []);
  for (let round = -1; round < rounds; round++) {
    for (const [index, run] of candidates.entries()) {
      const startedAt = now();
      await run();
      if (round >= 0) times[index]?.push(now() - startedAt);
    }
  }
  return times;
}
