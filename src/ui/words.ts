/** Numbers and names as the page writes them. */
import type { Turn } from '../session/document.ts';

/** No-break space, so a number keeps its unit. */
const NB = '\u00a0';

const UNITS: readonly (readonly [string, number])[] = [
  ['GB', 1e9],
  ['MB', 1e6],
];

export function inBytes(bytes: number): string {
  const [unit, size] = UNITS.find(([, least]) => bytes >= least) ?? ['kB', 1e3];
  const value = bytes / size;
  return `${value.toFixed(value >= 100 ? 0 : 1)}${NB}${unit}`;
}

export function inPercent(share: number): string {
  const value = share * 100;
  const digits = value !== 0 && value < 10 ? 1 : 0;
  // What is there but rounds to nothing must not read as nothing.
  if (value > 0 && value < 0.05) return `<${NB}0.1${NB}%`;
  return `${value.toFixed(digits)}${NB}%`;
}

export function inSeconds(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return `${seconds.toFixed(seconds < 10 ? 1 : 0)}${NB}s`;
}

export function countOf(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en-GB')}${NB}${count === 1 ? one : many}`;
}

export function inSize(size: { readonly width: number; readonly height: number }): string {
  return `${size.width}${NB}×${NB}${size.height}`;
}

function totalMs(timings: Readonly<Record<string, number>>): number {
  return Object.values(timings).reduce((sum, value) => sum + value, 0);
}

export function turnTitle(turn: Turn): string {
  return turn.name ?? turn.instruction;
}

/** Whole time a made turn took, in milliseconds. */
export function turnTime(turn: Turn): number | null {
  return turn.state.status === 'done' ? totalMs(turn.state.result.timingsMs) : null;
}
