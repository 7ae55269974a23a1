/** Reads the JSON that says which edits to run, and names what is wrong with it. */

export interface ScriptTurn {
  readonly instruction: string;
  /** Path of a PNG as large as the frame; light pixels may change. */
  readonly mask: string | undefined;
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
  const turn = fieldsOf(value, place, ['instruction', 'mask', 'seed', 'steps', 'guidance', 'parent']);
  const { instruction = '', mask } = turn;
  if (typeof instruction !== 'string') throw new ScriptError(`${place}: "instruction" must be a text.`);
  if (mask !== undefined && typeof mask !== 'string')
    throw new ScriptError(`${place}: "mask" must be the path of a PNG.`);
  if (instruction.trim() === '' && mask === undefined) {
    throw new ScriptError(`${place} needs an "instruction", a "mask", or both.`);
  }
  const parent = numberOf(turn, 'parent', place) ?? number - 1;
  if (!Number.isInteger(parent) || parent < 0 || parent >= number) {
    throw new ScriptError(`${place}: "parent" must be the number of an earlier turn, or 0 for the start.`);
  }
  return {
    instruction: instruction.trim(),
    mask,
    // Fixed where none is given, so that a script always makes the same pictures.
    seed: numberOf(turn, 'seed', place) ?? number,
    steps: numberOf(turn, 'steps', place),
    guidance: numberOf(turn, 'guidance', place),
    parent,
  };
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
