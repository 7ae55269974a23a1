/** Reads the fields of a model's manifest; every error names the field, what was expected and what stands there. */
import type { EngineError } from './contract.ts';
import { failure } from './failures.ts';

type JsonObject = Readonly<Record<string, unknown>>;

export function invalid(field: string, problem: string): EngineError {
  return failure('manifest-invalid', { field, problem });
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0;
}

export function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads fields of one JSON object and knows its path, so that an error can name the field. */
export class Reader {
  readonly #value: JsonObject;
  readonly #path: string;

  constructor(value: unknown, path: string) {
    if (!isObject(value)) throw invalid(path, 'must be an object.');
    this.#value = value;
    this.#path = path === 'manifest' ? '' : `${path}.`;
  }

  #read<T>(key: string, accepts: (value: unknown) => value is T, expected: string): T {
    const value = this.#value[key];
    if (!accepts(value)) {
      const found = JSON.stringify(value)?.slice(0, 60) ?? 'nothing';
      throw invalid(this.#path + key, `must be ${expected}; found ${found}.`);
    }
    return value;
  }

  text(key: string): string {
    return this.#read(key, isText, 'a text');
  }

  matching(key: string, pattern: RegExp, expected: string): string {
    return this.#read(key, (value): value is string => isText(value) && pattern.test(value), expected);
  }

  has(key: string): boolean {
    return this.#value[key] !== undefined;
  }

  allMatching(key: string, pattern: RegExp, expected: string): readonly string[] {
    const accepts = (value: unknown): value is string[] =>
      Array.isArray(value) && value.every((entry) => isText(entry) && pattern.test(entry));
    return this.#read(key, accepts, expected);
  }

  integer(key: string): number {
    const accepts = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
    return this.#read(key, accepts, 'a whole number above 0');
  }

  positive(key: string): number {
    const accepts = (value: unknown): value is number => isFiniteNumber(value) && value > 0;
    return this.#read(key, accepts, 'a number above 0');
  }

  texts(key: string): readonly string[] {
    const accepts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
    return this.#read(key, accepts, 'a list of texts');
  }

  fourIntegers(key: string): readonly [number, number, number, number] {
    const accepts = (value: unknown): value is [number, number, number, number] =>
      Array.isArray(value) &&
      value.length === 4 &&
      value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
    return this.#read(key, accepts, 'four whole numbers');
  }

  /** One of `names`, or the first of them where nothing stands. */
  oneOf<const Name extends string>(key: string, names: readonly [Name, ...Name[]]): Name {
    if (!this.has(key)) return names[0];
    const accepts = (value: unknown): value is Name => names.some((name) => name === value);
    return this.#read(key, accepts, `one of ${names.map((name) => `"${name}"`).join(', ')}`);
  }

  object(key: string): Reader {
    return new Reader(this.#value[key], this.#path + key);
  }

  objects(key: string): readonly Reader[] {
    const list = this.#read(key, Array.isArray as (value: unknown) => value is unknown[], 'a list');
    return list.map((entry, index) => new Reader(entry, `${this.#path}${key}[${index}]`));
  }

  dictionary<T>(key: string, accepts: (value: unknown) => value is T, expected: string): Record<string, T> {
    const acceptsAll = (value: unknown): value is Record<string, T> =>
      isObject(value) && Object.values(value).every(accepts);
    return this.#read(key, acceptsAll, `an object whose values are each ${expected}`);
  }
}
