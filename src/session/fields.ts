/** Reads plain values out of unknown data; whatever does not fit is named by its path. */
import type { BlobHash } from './document.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Where a record does not have the expected form, as in `turns[2].seed: expected ...`. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
  constructor(path: string, expected: string, found: unknown) {
    super(`${path}: expected ${expected}, found ${describe(found)}`);
  }
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : typeof value;
}

export function parseFields(value: unknown, path: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SchemaError(path, 'a record', value);
  }
  return value as Fields;
}

export function parseList(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new SchemaError(path, 'a list', value);
  return value;
}

export function parseText(value: unknown, path: string): string {
  if (typeof value !== 'string') throw new SchemaError(path, 'text', value);
  return value;
}

export function parseId(value: unknown, path: string): string {
  if (typeof value !== 'string' || !/^[\w-]{1,64}$/.test(value)) throw new SchemaError(path, 'an id', value);
  return value;
}

export function parseHash(value: unknown, path: string): BlobHash {
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) {
    throw new SchemaError(path, 'a SHA-256', value);
  }
  return value as BlobHash;
}

export function parseNumber(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new SchemaError(path, 'a number', value);
  return value;
}

export function parseInteger(value: unknown, path: string, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new SchemaError(path, `a whole number from ${least} to ${most}`, value);
  }
  return value;
}

export function parseSeed(value: unknown, path: string): number {
  return parseInteger(value, path, 0, 2 ** 32 - 1);
}

export function parseSteps(value: unknown, path: string): number {
  return parseInteger(value, path, 1, 1000);
}

export function nullable<T>(
  parse: (value: unknown, path: string) => T,
): (value: unknown, path: string) => T | null {
  return (value, path) => (value === null ? null : parse(value, path));
}

export function parseFlag(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw new SchemaError(path, 'true or false', value);
  return value;
}

export function parseOneOf<T extends string>(...known: readonly T[]): (value: unknown, path: string) => T {
  return (value, path) => {
    const found = known.find((one) => one === value);
    if (found === undefined) throw new SchemaError(path, known.join(', '), value);
    return found;
  };
}

export function listOf<T>(
  parse: (value: unknown, path: string) => T,
): (value: unknown, path: string) => readonly T[] {
  return (value, path) => parseList(value, path).map((entry, i) => parse(entry, `${path}[${i}]`));
}
