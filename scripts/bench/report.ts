/** What all benchmarks print and write: a table for people, and the same as JSON with the machine it was measured on. */
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';

export const NANO_URL: string = new URL('../../public/models/nano/', import.meta.url).href;

/** `--json FILE` and `--rounds N` of every benchmark, and its own switches. Throws for others. */
export function readSwitches(own: readonly string[] = []): {
  json: string | undefined;
  rounds: number;
  has: (name: string) => boolean;
} {
  const { values } = parseArgs({
    options: {
      json: { type: 'string' as const },
      rounds: { type: 'string' as const, default: '3' },
      ...Object.fromEntries(own.map((name) => [name, { type: 'boolean' as const }])),
    },
  });
  const given: Readonly<Record<string, unknown>> = values;
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds needs a whole number from 1.');
  return { json: values.json, rounds, has: (name) => given[name] === true };
}

/** Rows of one shape as a table; numbers with three digits that count. */
export function printTable(rows: readonly object[]): void {
  const columns = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => Object.values(row).map(show));
  const widths = columns.map((name, column) =>
    Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of [columns, ...cells]) {
    process.stdout.write(`${row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ')}\n`);
  }
}

function show(value: unknown): string {
  if (typeof value !== 'number') return String(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}

export async function writeReport(path: string | undefined, device: string, measured: object): Promise<void> {
  if (path === undefined) return;
  const machine = { device, processor: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() };
  await writeFile(path, `${JSON.stringify({ machine, node: process.version, ...measured }, null, 1)}\n`);
}

/** Runs a benchmark and ends the process: Node does not end by itself while WebGPU is open. */
export async function runBench(main: () => Promise<void>): Promise<never> {
  let status = 0;
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    status = 1;
  }
  process.exit(status);
}
