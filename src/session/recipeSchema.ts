/** The stored form of what a turn asks for, and of the line being written. */
import type {
  Composer,
  ContextChoice,
  ContextKey,
  FrameRef,
  LatentRef,
  Move,
  NodeId,
  Part,
  PictureRef,
  PictureSize,
  Recipe,
  ReferenceRef,
  RegionRefs,
  StageRegion,
  Task,
} from './document.ts';
import {
  SchemaError,
  listOf,
  nullable,
  parseFields,
  parseHash,
  parseId,
  parseInteger,
  parseNumber,
  parseOneOf,
  parseSeed,
  parseSteps,
  parseText,
} from './fields.ts';

export function parseSize(value: unknown, path: string): PictureSize {
  const { width, height } = parseFields(value, path);
  return {
    width: parseInteger(width, `${path}.width`, 1, 8192),
    height: parseInteger(height, `${path}.height`, 1, 8192),
  };
}

export function parsePicture(value: unknown, path: string): PictureRef {
  const { hash } = parseFields(value, path);
  return { hash: parseHash(hash, `${path}.hash`), ...parseSize(value, path) };
}

function parseLatent(value: unknown, path: string): LatentRef {
  const { hash, width, height } = parsePicture(value, path);
  const channels = parseInteger(parseFields(value, path)['channels'], `${path}.channels`, 1, 1024);
  return { hash, channels, height, width };
}

export function parseFrame(value: unknown, path: string): FrameRef {
  const { frame, latent } = parseFields(value, path);
  return {
    frame: parsePicture(frame, `${path}.frame`),
    latent: nullable(parseLatent)(latent, `${path}.latent`),
  };
}

export const parseNode = nullable(parseId) as (value: unknown, path: string) => NodeId;

function parseReference(value: unknown, path: string): ReferenceRef {
  const { role, source } = parseFields(value, path);
  return {
    role: parseOneOf('picture', 'exampleBefore', 'exampleAfter')(role, `${path}.role`),
    ...parseFrame(value, path),
    source: parseSource(source, `${path}.source`),
  };
}

function parseSource(value: unknown, path: string): ReferenceRef['source'] {
  const { kind, name, id } = parseFields(value, path);
  if (parseOneOf('upload', 'place')(kind, `${path}.kind`) === 'upload') {
    return { kind: 'upload', name: parseText(name, `${path}.name`) };
  }
  return { kind: 'place', id: parseNode(id, `${path}.id`) };
}

function parseMove(value: unknown, path: string): Move {
  const { dx, dy, scale, angle, about } = parseFields(value, path);
  const { x, y } = parseFields(about, `${path}.about`);
  return {
    dx: parseNumber(dx, `${path}.dx`),
    dy: parseNumber(dy, `${path}.dy`),
    scale: parseNumber(scale, `${path}.scale`),
    angle: parseNumber(angle, `${path}.angle`),
    about: { x: parseNumber(x, `${path}.about.x`), y: parseNumber(y, `${path}.about.y`) },
  };
}

function parseStage(value: unknown, path: string): StageRegion {
  const fields = parseFields(value, path);
  const by = parseOneOf('drawn', 'moved', 'found')(fields['by'], `${path}.by`);
  const mask = parsePicture(fields['mask'], `${path}.mask`);
  if (by === 'drawn') return { by, mask };
  const inputs = parseText(fields['inputs'], `${path}.inputs`);
  return by === 'moved'
    ? { by, mask, move: parseMove(fields['move'], `${path}.move`), inputs }
    : { by, mask, seed: parseSeed(fields['seed'], `${path}.seed`), inputs };
}

function parseRegions(value: unknown, path: string): RegionRefs {
  const { drawn, now, next } = parseFields(value, path);
  return {
    drawn: nullable(parsePicture)(drawn, `${path}.drawn`),
    now: nullable(parseStage)(now, `${path}.now`),
    next: nullable(parseStage)(next, `${path}.next`),
  };
}

function parseKey(value: unknown, path: string): ContextKey {
  if (typeof value !== 'string' || !/^[\w-]{1,64}\/[a-z]{1,9}\d*$/.test(value)) {
    throw new SchemaError(path, 'a place of the history', value);
  }
  return value as ContextKey;
}

function parseContext(value: unknown, path: string): ContextChoice {
  const { preset, off, pinned } = parseFields(value, path);
  return {
    preset: parseOneOf('all', 'recent', 'original', 'chosen')(preset, `${path}.preset`),
    off: listOf(parseKey)(off, `${path}.off`),
    pinned: listOf(parseKey)(pinned, `${path}.pinned`),
  };
}

function parseTask(value: unknown, path: string): Task {
  const { kind, to, toId, count } = parseFields(value, path);
  const known = parseOneOf('image', 'scene', 'clip-between', 'clip-edit')(kind, `${path}.kind`);
  if (known !== 'clip-between') return { kind: known };
  return {
    kind: known,
    to: parseFrame(to, `${path}.to`),
    toId: parseNode(toId, `${path}.toId`),
    count: parseInteger(count, `${path}.count`, 2, 64),
  };
}

type Request = Pick<Recipe, 'instruction' | 'regions' | 'references' | 'context' | 'task'>;

function parseRequest(value: unknown, path: string): Request {
  const { instruction, regions, references, context, task } = parseFields(value, path);
  return {
    instruction: parseText(instruction, `${path}.instruction`),
    regions: parseRegions(regions, `${path}.regions`),
    references: listOf(parseReference)(references, `${path}.references`),
    context: parseContext(context, `${path}.context`),
    task: parseTask(task, `${path}.task`),
  };
}

/** @throws SchemaError */
export function parseRecipe(value: unknown, path: string): Recipe {
  const { seed, steps, guidance } = parseFields(value, path);
  return {
    ...parseRequest(value, path),
    seed: parseSeed(seed, `${path}.seed`),
    steps: parseSteps(steps, `${path}.steps`),
    guidance: parseNumber(guidance, `${path}.guidance`),
  };
}

function parsePart(value: unknown, path: string): Part {
  const { region, instruction } = parseFields(value, path);
  return {
    region: nullable(parsePicture)(region, `${path}.region`),
    instruction: parseText(instruction, `${path}.instruction`),
  };
}

/** @throws SchemaError */
export function parseComposer(value: unknown, path: string): Composer {
  const { parts, seed, steps, guidance, revising } = parseFields(value, path);
  return {
    ...parseRequest(value, path),
    parts: listOf(parsePart)(parts, `${path}.parts`),
    seed: nullable(parseSeed)(seed, `${path}.seed`),
    steps: nullable(parseSteps)(steps, `${path}.steps`),
    guidance: nullable(parseNumber)(guidance, `${path}.guidance`),
    revising: parseNode(revising, `${path}.revising`),
  };
}
