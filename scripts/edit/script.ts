/** Reads the JSON that says which edits to run, and names what is wrong with it. */
import type { Reference } from '../../src/runtime/contract.ts';

/** In place of a region's path: the model says where it is. */
export const PREDICT = 'predict';

export interface ScriptTurn {
  readonly instruction: string;
  /** Paths of PNGs as large as the frame, light pixels are inside; `now` and `next` may be `PREDICT`. */
  readonly regions: { readonly drawn?: string; readonly now?: string; readonly next?: string };
  readonly references: readonly { readonly role: Reference['role']; readonly picture: string }[];
  /** Frames between the picture there is and another one, or frames to be edited. */
  readonly clip:
    | { readonly count: number; readonly to: string }
    | { readonly frames: readonly string[] }
    | undefined;
  readonly seed: number;
  /** Undefined takes the model's own number. */
  readonly steps: number | undefined;
  readonly guidance: number | undefined;
  /** Number of the turn to go on from; 0 is the start. */
  readonly parent: number;
}

export interface EditScript {
  /** Name of a folder in public/models, or a path with a slash, seen from the script. */
  readonly model: string;
  /** A picture to edit, or the words to make the first one from. */
  readonly start: { readonly picture: string } | { readonly words: string };
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
  const root = fieldsOf(value, 'The script', ['model', 'start', 'turns']);
  const { turns } = root;
  if (!Array.isArray(turns)) throw new ScriptError('"turns" must be a list of edits.');
  return {
    model: textOf(root, 'model', '"model"'),
    start: startOf(root['start']),
    turns: turns.map((turn: unknown, index) => turnOf(turn, index + 1)),
  };
}

function startOf(value: unknown): EditScript['start'] {
  const start = fieldsOf(value, '"start"', ['picture', 'words']);
  if ('picture' in start === 'words' in start) {
    throw new ScriptError(
      '"start" needs either "picture", the path of a PNG, or "words" to make the first picture from.',
    );
  }
  if ('picture' in start) return { picture: textOf(start, 'picture', '"start.picture"') };
  return { words: textOf(start, 'words', '"start.words"') };
}

function turnOf(value: unknown, number: number): ScriptTurn {
  const place = `Turn ${number}`;
  const turn = fieldsOf(value, place, [
    'instruction',
    'regions',
    'references',
    'clip',
    'seed',
    'steps',
    'guidance',
    'parent',
  ]);
  const { instruction = '' } = turn;
  if (typeof instruction !== 'string') throw new ScriptError(`${place}: "instruction" must be a text.`);
  const regions = regionsOf(turn['regions'], place);
  const references = referencesOf(turn['references'], place);
  const clip = clipOf(turn['clip'], place);
  if (clip !== undefined && (turn['regions'] !== undefined || references.length > 0)) {
    throw new ScriptError(`${place}: a "clip" takes no "regions" and no "references".`);
  }
  if (instruction.trim() === '' && clip === undefined && Object.keys(regions).length === 0) {
    throw new ScriptError(`${place} needs an "instruction", "regions", or both.`);
  }
  const parent = numberOf(turn, 'parent', place) ?? number - 1;
  if (!Number.isInteger(parent) || parent < 0 || parent >= number) {
    throw new ScriptError(`${place}: "parent" must be the number of an earlier turn, or 0 for the start.`);
  }
  return {
    instruction: instruction.trim(),
    regions,
    references,
    clip,
    // Fixed where none is given, so that a script always makes the same pictures.
    seed: numberOf(turn, 'seed', place) ?? number,
    steps: numberOf(turn, 'steps', place),
    guidance: numberOf(turn, 'guidance', place),
    parent,
  };
}

function regionsOf(value: unknown, place: string): ScriptTurn['regions'] {
  if (value === undefined) return {};
  const names = ['drawn', 'now', 'next'] as const;
  const fields = fieldsOf(value, `${place}: "regions"`, names);
  if (fields['drawn'] === PREDICT) {
    throw new ScriptError(`${place}: "drawn" is what you draw; only "now" and "next" can be "${PREDICT}".`);
  }
  return Object.fromEntries(
    names
      .filter((name) => fields[name] !== undefined)
      .map((name) => [name, textOf(fields, name, `${place}: "${name}"`)]),
  );
}

function referencesOf(value: unknown, place: string): ScriptTurn['references'] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new ScriptError(`${place}: "references" must be a list.`);
  return value.map((entry: unknown) => {
    const fields = fieldsOf(entry, `${place}: a reference`, ['role', 'picture']);
    const { role } = fields;
    if (role !== 'picture' && role !== 'exampleBefore' && role !== 'exampleAfter') {
      throw new ScriptError(`${place}: "role" must be "picture", "exampleBefore" or "exampleAfter".`);
    }
    return { role, picture: textOf(fields, 'picture', `${place}: "picture"`) };
  });
}

function clipOf(value: unknown, place: string): ScriptTurn['clip'] {
  if (value === undefined) return undefined;
  const clip = fieldsOf(value, `${place}: "clip"`, ['frames', 'count', 'to']);
  const { frames, count } = clip;
  if (frames === undefined && typeof count === 'number' && count >= 4 && count <= 8) {
    return { count, to: textOf(clip, 'to', `${place}: "to"`) };
  }
  if (count === undefined && Array.isArray(frames) && frames.length >= 4 && frames.length <= 8) {
    return {
      frames: frames.map((_, at) => textOf(frames as unknown as Fields, `${at}`, `${place}: a frame`)),
    };
  }
  throw new ScriptError(
    `${place}: "clip" needs "count", 4 to 8, and "to", the picture it ends with, or "frames", 4 to 8 pictures.`,
  );
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
