/** Reads the JSON that says which edits to run, and names what is wrong with it. */
import type { Reference } from '../../src/runtime/contract.ts';
import type { Move } from '../../src/session/document.ts';

/** In place of a region's path: the model says where it is. */
export const PREDICT = 'predict';

/** The picture of an earlier turn, by its number; 0 is the start. */
export interface TurnPicture {
  readonly turn: number;
}

/** How the region now is moved to make the region next. */
type ScriptMove = Partial<Omit<Move, 'about'>>;

export interface ScriptTurn {
  /** 0 is what is made from the words of the start. */
  readonly number: number;
  /** Number of the turn to go on from; 0 is the start, null stands for nothing at all. */
  readonly parent: number | null;
  readonly instruction: string;
  /** Paths of PNGs as large as the frame, light pixels are inside; `now` and `next` may be `PREDICT`. */
  readonly regions: {
    readonly drawn?: string;
    readonly now?: string;
    readonly next?: string | ScriptMove;
  };
  readonly references: readonly {
    readonly role: Reference['role'];
    /** The path of a PNG, or a turn of the script. */
    readonly picture: string | TurnPicture;
  }[];
  /** `edit`: the same edit on every frame of the clip of the turn before. */
  readonly task: 'image' | 'scene' | 'clip edit' | { readonly count: number; readonly to: TurnPicture };
  readonly seed: number;
  /** Undefined takes the model's own number. */
  readonly steps: number | undefined;
  readonly guidance: number | undefined;
}

export interface EditScript {
  /** Name of a folder in public/models, or a path with a slash, seen from the script. */
  readonly model: string;
  /** Of the session; undefined where the script leaves it to its start. */
  readonly name: string | undefined;
  /** One line about the session, for those who choose among several. */
  readonly about: string | undefined;
  /** Path of the picture to edit; undefined where the first turn makes one from words. */
  readonly picture: string | undefined;
  readonly turns: readonly ScriptTurn[];
}

/** A script that cannot be run; the message names the place and what belongs there. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

type Fields = Readonly<Record<string, unknown>>;

/** @throws ScriptError */
export function parseScript(text: string): EditScript {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ScriptError(`The script is not JSON: ${String(error)}`);
  }
  const root = fieldsOf(value, 'The script', ['model', 'name', 'about', 'start', 'turns']);
  const { turns, start } = root;
  if (!Array.isArray(turns)) throw new ScriptError('"turns" must be a list of edits.');
  const begin = startOf(start);
  return {
    model: textOf(root, 'model', '"model"'),
    name: root['name'] === undefined ? undefined : textOf(root, 'name', '"name"'),
    about: root['about'] === undefined ? undefined : textOf(root, 'about', '"about"'),
    picture: typeof begin === 'string' ? begin : undefined,
    turns: [
      ...(typeof begin === 'string' ? [] : [begin]),
      ...turns.map((turn: unknown, index) => turnOf(turn, index + 1)),
    ],
  };
}

/** The path of a picture, or the turn that makes one from words. */
function startOf(value: unknown): string | ScriptTurn {
  const start = fieldsOf(value, '"start"', ['picture', 'words', 'references', 'seed', 'steps', 'guidance']);
  if ('picture' in start === 'words' in start) {
    throw new ScriptError(
      '"start" needs either "picture", the path of a PNG, or "words" to make the first picture from.',
    );
  }
  if ('picture' in start) return textOf(start, 'picture', '"start.picture"');
  return {
    number: 0,
    parent: null,
    instruction: textOf(start, 'words', '"start.words"').trim(),
    regions: {},
    references: referencesOf(start['references'], '"start"', 0),
    task: 'image',
    ...settingsOf(start, '"start"', 0),
  };
}

function turnOf(value: unknown, number: number): ScriptTurn {
  const place = `Turn ${number}`;
  const turn = fieldsOf(value, place, [
    'instruction',
    'regions',
    'references',
    'scene',
    'clip',
    'seed',
    'steps',
    'guidance',
    'parent',
  ]);
  const { instruction = '' } = turn;
  if (typeof instruction !== 'string') throw new ScriptError(`${place}: "instruction" must be a text.`);
  const regions = regionsOf(turn['regions'], place);
  const references = referencesOf(turn['references'], place, number);
  const task = taskOf(turn, place, number);
  const isClip = task !== 'image' && task !== 'scene';
  if (isClip && (turn['regions'] !== undefined || references.length > 0)) {
    throw new ScriptError(`${place}: a "clip" takes no "regions" and no "references".`);
  }
  if (instruction.trim() === '' && !isClip && Object.keys(regions).length === 0) {
    throw new ScriptError(`${place} needs an "instruction", "regions", or both.`);
  }
  return {
    number,
    parent: earlierTurn(turn['parent'] ?? number - 1, number, `${place}: "parent"`),
    instruction: instruction.trim(),
    regions,
    references,
    task,
    ...settingsOf(turn, place, number),
  };
}

function earlierTurn(value: unknown, number: number, place: string): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < number) return value as number;
  throw new ScriptError(`${place} must be the number of an earlier turn, or 0 for the start.`);
}

function settingsOf(
  fields: Fields,
  place: string,
  number: number,
): Pick<ScriptTurn, 'seed' | 'steps' | 'guidance'> {
  const isWithin = (value: number | undefined, least: number, most: number): boolean =>
    value === undefined || (Number.isInteger(value) && value >= least && value <= most);
  // Fixed where none is given, so that a script always makes the same pictures.
  const seed = numberOf(fields, 'seed', place) ?? number;
  const steps = numberOf(fields, 'steps', place);
  if (!isWithin(seed, 0, 2 ** 32 - 1)) {
    throw new ScriptError(`${place}: "seed" must be a whole number of at most 32 bits.`);
  }
  if (!isWithin(steps, 1, 200)) throw new ScriptError(`${place}: "steps" must be a whole number, 1 to 200.`);
  return { seed, steps, guidance: numberOf(fields, 'guidance', place) };
}

function regionsOf(value: unknown, place: string): ScriptTurn['regions'] {
  if (value === undefined) return {};
  const names = ['drawn', 'now', 'next'] as const;
  const fields = fieldsOf(value, `${place}: "regions"`, names);
  const { drawn, now, next } = fields;
  if (drawn === PREDICT) {
    throw new ScriptError(`${place}: "drawn" is what you draw; only "now" and "next" can be "${PREDICT}".`);
  }
  if (typeof next !== 'object') return regionPaths(fields, names, place);
  if (drawn === undefined && now === undefined) {
    throw new ScriptError(`${place}: "next" can move a region only where "now" or "drawn" gives one.`);
  }
  const moves = ['dx', 'dy', 'scale', 'angle'] as const;
  const move = fieldsOf(next, `${place}: "next"`, moves);
  const numbers: Record<string, number> = {};
  for (const name of moves) {
    const number = numberOf(move, name, `${place}: "next"`);
    if (number !== undefined) numbers[name] = number;
  }
  return { ...regionPaths(fields, ['drawn', 'now'], place), next: numbers };
}

function regionPaths<Name extends 'drawn' | 'now' | 'next'>(
  fields: Fields,
  names: readonly Name[],
  place: string,
): { readonly [name in Name]?: string } {
  return Object.fromEntries(
    names
      .filter((name) => fields[name] !== undefined)
      .map((name) => [name, textOf(fields, name, `${place}: "${name}"`)]),
  ) as { readonly [name in Name]?: string };
}

function referencesOf(value: unknown, place: string, number: number): ScriptTurn['references'] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new ScriptError(`${place}: "references" must be a list.`);
  return value.map((entry: unknown) => {
    const fields = fieldsOf(entry, `${place}: a reference`, ['role', 'picture', 'turn']);
    const { role, turn } = fields;
    if (role !== 'picture' && role !== 'exampleBefore' && role !== 'exampleAfter') {
      throw new ScriptError(`${place}: "role" must be "picture", "exampleBefore" or "exampleAfter".`);
    }
    if ('picture' in fields === 'turn' in fields) {
      throw new ScriptError(`${place}: a reference needs either "picture", the path of a PNG, or "turn".`);
    }
    const picture =
      turn === undefined
        ? textOf(fields, 'picture', `${place}: "picture"`)
        : { turn: earlierTurn(turn, number, `${place}: "turn"`) };
    return { role, picture };
  });
}

function taskOf(turn: Fields, place: string, number: number): ScriptTurn['task'] {
  const { scene = false, clip } = turn;
  if (typeof scene !== 'boolean' || (scene && clip !== undefined)) {
    throw new ScriptError(`${place}: "scene" must be true or false, and never stands beside "clip".`);
  }
  if (clip === undefined) return scene ? 'scene' : 'image';
  if (clip === 'edit') return 'clip edit';
  const { count, to } = fieldsOf(clip, `${place}: "clip"`, ['count', 'to']);
  if (!Number.isInteger(count) || (count as number) < 4 || (count as number) > 8) {
    throw new ScriptError(
      `${place}: "clip" is "edit", or has "count", 4 to 8, and "to", the turn whose picture it ends with.`,
    );
  }
  return { count: count as number, to: { turn: earlierTurn(to, number, `${place}: "to"`) } };
}

function fieldsOf(value: unknown, place: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ScriptError(`${place} must be an object with ${known.map((name) => `"${name}"`).join(', ')}.`);
  }
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ScriptError(
      `${place} has "${unknown}"; known are ${known.map((name) => `"${name}"`).join(', ')}.`,
    );
  }
  return value as Fields;
}

function textOf(fields: Fields, name: string, place: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value.trim() === '') throw new ScriptError(`${place} must be a text.`);
  return value;
}

function numberOf(fields: Fields, name: string, place: string): number | undefined {
  const value = fields[name];
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
  throw new ScriptError(`${place}: "${name}" must be a number.`);
}
