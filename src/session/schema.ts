/** The stored form of a session: one record for it and one per turn, each parsed from unknown data. */
import type {
  Drift,
  GroupId,
  MarkedShot,
  ModelRef,
  Root,
  SessionDocument,
  SessionId,
  ShotMarks,
  Turn,
  TurnFailure,
  TurnId,
  TurnResult,
  TurnState,
} from './document.ts';
import {
  SchemaError,
  listOf,
  nullable,
  parseFields,
  parseFlag,
  parseHash,
  parseId,
  parseInteger,
  parseList,
  parseNumber,
  parseOneOf,
  parseText,
} from './fields.ts';
import {
  parseComposer,
  parseFrame,
  parseNode,
  parsePicture,
  parseRecipe,
  parseSize,
} from './recipeSchema.ts';
import { leastSeconds, mostSeconds } from './story.ts';

export interface SessionRecord extends Omit<SessionDocument, 'turns'> {
  readonly version: number;
  readonly turnIds: readonly TurnId[];
  readonly modifiedAt: number;
  readonly revision: number;
}

export interface TurnRecord extends Turn {
  readonly version: number;
  readonly sessionId: SessionId;
}

function parseRoot(value: unknown, path: string): Root {
  const { kind, frame, name, size } = parseFields(value, path);
  if (kind === 'words')
    return { kind, ...(size === undefined ? {} : { size: parseSize(size, `${path}.size`) }) };
  if (kind !== 'opened' && kind !== 'starter') {
    throw new SchemaError(`${path}.kind`, 'opened, starter or words', kind);
  }
  return { kind, frame: parsePicture(frame, `${path}.frame`), name: parseText(name, `${path}.name`) };
}

function parseModel(value: unknown, path: string): ModelRef {
  const fields = parseFields(value, path);
  return { id: parseText(fields['id'], `${path}.id`), hash: parseHash(fields['hash'], `${path}.hash`) };
}

function parseResult(value: unknown, path: string): TurnResult {
  const fields = parseFields(value, path);
  const timings = parseFields(fields['timingsMs'], `${path}.timingsMs`);
  const time = (stage: string): number => parseNumber(timings[stage], `${path}.timingsMs.${stage}`);
  const { clip, drift } = fields;
  return {
    ...parseFrame(value, path),
    ...(clip === undefined ? {} : { clip: listOf(parseFrame)(clip, `${path}.clip`) }),
    ...(drift === undefined ? {} : { drift: parseDrifts(drift, `${path}.drift`) }),
    timingsMs: {
      text: time('text'),
      history: time('history'),
      denoise: time('denoise'),
      decode: time('decode'),
    },
    cachedTokens: parseNumber(fields['cachedTokens'], `${path}.cachedTokens`),
    computedTokens: parseNumber(fields['computedTokens'], `${path}.computedTokens`),
    backend: parseOneOf('webgpu', 'wasm')(fields['backend'], `${path}.backend`),
    finishedAt: parseNumber(fields['finishedAt'], `${path}.finishedAt`),
  };
}

function parseDrifts(value: unknown, path: string): NonNullable<TurnResult['drift']> {
  const { step, original } = parseFields(value, path);
  return { step: parseDrift(step, `${path}.step`), original: parseDrift(original, `${path}.original`) };
}

function parseDrift(value: unknown, path: string): Drift {
  const { changedPixels, outsidePixels, meanOutside, psnrDb } = parseFields(value, path);
  return {
    changedPixels: parseNumber(changedPixels, `${path}.changedPixels`),
    outsidePixels: parseNumber(outsidePixels, `${path}.outsidePixels`),
    meanOutside: parseNumber(meanOutside, `${path}.meanOutside`),
    psnrDb: nullable(parseNumber)(psnrDb, `${path}.psnrDb`),
  };
}

function parseFailure(value: unknown, path: string): TurnFailure {
  const { code, message, detail } = parseFields(value, path);
  return {
    code: parseText(code, `${path}.code`),
    message: parseText(message, `${path}.message`),
    ...(detail === undefined ? {} : { detail: parseText(detail, `${path}.detail`) }),
  };
}

function parseState(value: unknown, path: string): TurnState {
  const { status, startedAt, result, failure } = parseFields(value, path);
  switch (status) {
    case 'draft':
    case 'cancelled':
      return { status };
    case 'running':
      return { status, startedAt: parseNumber(startedAt, `${path}.startedAt`) };
    case 'done':
      return { status, result: parseResult(result, `${path}.result`) };
    case 'failed':
      return { status, failure: parseFailure(failure, `${path}.failure`) };
    default:
      throw new SchemaError(`${path}.status`, 'a status of a turn', status);
  }
}

function parseTurnOf(sessionId: SessionId, value: unknown, path: string): Turn {
  const owner = parseId(parseFields(value, path)['sessionId'], `${path}.sessionId`);
  if (owner !== sessionId) throw new SchemaError(`${path}.sessionId`, sessionId, owner);
  return parseTurn(value, path);
}

/** @throws SchemaError */
export function parseTurn(value: unknown, path: string): Turn {
  const fields = parseFields(value, path);
  const optional = <Name extends string>(name: Name): { readonly [name in Name]?: TurnId & GroupId } => {
    const id = fields[name];
    if (id === undefined) return {};
    return { [name]: parseId(id, `${path}.${name}`) } as { readonly [name in Name]: TurnId & GroupId };
  };
  return {
    id: parseId(fields['id'], `${path}.id`) as TurnId,
    parentId: parseNode(fields['parentId'], `${path}.parentId`),
    ...optional('revisedFrom'),
    ...optional('replayOf'),
    ...optional('rebaseOf'),
    ...optional('groupId'),
    ...parseRecipe(value, path),
    model: parseModel(fields['model'], `${path}.model`),
    state: parseState(fields['state'], `${path}.state`),
    createdAt: parseNumber(fields['createdAt'], `${path}.createdAt`),
    name: nullable(parseText)(fields['name'], `${path}.name`),
    isStarred: parseFlag(fields['isStarred'], `${path}.isStarred`),
    isArchived: parseFlag(fields['isArchived'], `${path}.isArchived`),
    isDiscarded: parseFlag(fields['isDiscarded'], `${path}.isDiscarded`),
  };
}

/** A mark that is not given is as if nothing had been said. @throws SchemaError */
export function parseShotMarks(value: unknown, path: string): ShotMarks {
  const { seconds = null, isLeftOut = false } = parseFields(value, path);
  return {
    seconds: nullable(parseSeconds)(seconds, `${path}.seconds`),
    isLeftOut: parseFlag(isLeftOut, `${path}.isLeftOut`),
  };
}

function parseSeconds(value: unknown, path: string): number {
  const seconds = parseNumber(value, path);
  if (seconds < leastSeconds || seconds > mostSeconds) {
    throw new SchemaError(path, `seconds from ${leastSeconds} to ${mostSeconds}`, value);
  }
  return seconds;
}

function parseShot(value: unknown, path: string): MarkedShot {
  const place = parseNode(parseFields(value, path)['place'], `${path}.place`);
  return { place, ...parseShotMarks(value, path) };
}

export interface ParsedSession {
  readonly document: SessionDocument;
  readonly modifiedAt: number;
  readonly revision: number;
}

/**
 * Builds a document from records of the current version; `turns` may come in any order.
 * @throws SchemaError when a record is malformed or the turns do not form a tree.
 */
export function parseSession(session: unknown, turns: readonly unknown[]): ParsedSession {
  const fields = parseFields(session, 'session');
  const id = parseId(fields['id'], 'session.id') as SessionId;
  const order = parseList(fields['turnIds'], 'session.turnIds').map((turnId, i) =>
    parseId(turnId, `session.turnIds[${i}]`),
  );
  const byId = new Map(
    turns.map((turn, i) => parseTurnOf(id, turn, `turns[${i}]`)).map((turn) => [turn.id as string, turn]),
  );
  if (new Set(order).size !== order.length || byId.size !== turns.length || turns.length !== order.length) {
    throw new SchemaError('session.turnIds', `each of the ${turns.length} turns once`, order);
  }
  const seen = new Set<string>();
  const ordered = order.map((turnId) => {
    const turn = byId.get(turnId);
    if (turn === undefined) throw new SchemaError('session.turnIds', 'turns that are stored', turnId);
    // Parents first also rules out circles.
    if (turn.parentId !== null && !seen.has(turn.parentId)) {
      throw new SchemaError(`turn ${turnId}.parentId`, 'an earlier turn', turn.parentId);
    }
    seen.add(turnId);
    return turn;
  });
  const { shots } = fields;
  const current = parseNode(fields['current'], 'session.current');
  if (current !== null && !seen.has(current)) {
    throw new SchemaError('session.current', 'a stored turn', current);
  }
  return {
    document: {
      id,
      name: parseText(fields['name'], 'session.name'),
      createdAt: parseNumber(fields['createdAt'], 'session.createdAt'),
      root: parseRoot(fields['root'], 'session.root'),
      turns: ordered,
      current,
      composer: parseComposer(fields['composer'], 'session.composer'),
      ...(shots === undefined ? {} : { shots: listOf(parseShot)(shots, 'session.shots') }),
    },
    modifiedAt: parseNumber(fields['modifiedAt'], 'session.modifiedAt'),
    revision: parseInteger(fields['revision'], 'session.revision', 0, Number.MAX_SAFE_INTEGER),
  };
}
