/** The stored form of a session: one record for it and one per turn, each parsed from unknown data. */
import type {
  BlobHash,
  Composer,
  LatentRef,
  ModelRef,
  NodeId,
  PictureRef,
  Root,
  SessionDocument,
  SessionId,
  Turn,
  TurnFailure,
  TurnId,
  TurnResult,
  TurnState,
} from './document.ts';

export type Fields = Readonly<Record<string, unknown>>;

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

function parseText(value: unknown, path: string): string {
  if (typeof value !== 'string') throw new SchemaError(path, 'text', value);
  return value;
}

function parseId(value: unknown, path: string): string {
  if (typeof value !== 'string' || !/^[\w-]{1,64}$/.test(value)) throw new SchemaError(path, 'an id', value);
  return value;
}

function parseHash(value: unknown, path: string): BlobHash {
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) {
    throw new SchemaError(path, 'a SHA-256', value);
  }
  return value as BlobHash;
}

function parseNumber(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new SchemaError(path, 'a number', value);
  return value;
}

export function parseInteger(value: unknown, path: string, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new SchemaError(path, `a whole number from ${least} to ${most}`, value);
  }
  return value;
}

function parseSeed(value: unknown, path: string): number {
  return parseInteger(value, path, 0, 2 ** 32 - 1);
}

function parseSteps(value: unknown, path: string): number {
  return parseInteger(value, path, 1, 1000);
}

function nullable<T>(parse: (value: unknown, path: string) => T): (value: unknown, path: string) => T | null {
  return (value, path) => (value === null ? null : parse(value, path));
}

function parsePicture(value: unknown, path: string): PictureRef {
  const fields = parseFields(value, path);
  return {
    hash: parseHash(fields['hash'], `${path}.hash`),
    width: parseInteger(fields['width'], `${path}.width`, 1, 8192),
    height: parseInteger(fields['height'], `${path}.height`, 1, 8192),
  };
}

function parseLatent(value: unknown, path: string): LatentRef {
  const { hash, width, height } = parsePicture(value, path);
  const channels = parseInteger(parseFields(value, path)['channels'], `${path}.channels`, 1, 1024);
  return { hash, channels, height, width };
}

function parseRoot(value: unknown, path: string): Root {
  const { kind, frame, name } = parseFields(value, path);
  if (kind === 'words') return { kind };
  if (kind !== 'opened' && kind !== 'starter') {
    throw new SchemaError(`${path}.kind`, 'opened, starter or words', kind);
  }
  return { kind, frame: parsePicture(frame, `${path}.frame`), name: parseText(name, `${path}.name`) };
}

function parseComposer(value: unknown, path: string): Composer {
  const fields = parseFields(value, path);
  return {
    instruction: parseText(fields['instruction'], `${path}.instruction`),
    mask: nullable(parsePicture)(fields['mask'], `${path}.mask`),
    seed: nullable(parseSeed)(fields['seed'], `${path}.seed`),
    steps: nullable(parseSteps)(fields['steps'], `${path}.steps`),
    guidance: nullable(parseNumber)(fields['guidance'], `${path}.guidance`),
    revising: nullable(parseId)(fields['revising'], `${path}.revising`) as NodeId,
  };
}

function parseModel(value: unknown, path: string): ModelRef {
  const fields = parseFields(value, path);
  return { id: parseText(fields['id'], `${path}.id`), hash: parseHash(fields['hash'], `${path}.hash`) };
}

function parseResult(value: unknown, path: string): TurnResult {
  const fields = parseFields(value, path);
  const timings = parseFields(fields['timingsMs'], `${path}.timingsMs`);
  const time = (stage: string): number => parseNumber(timings[stage], `${path}.timingsMs.${stage}`);
  const { backend } = fields;
  if (backend !== 'webgpu' && backend !== 'wasm') {
    throw new SchemaError(`${path}.backend`, 'webgpu or wasm', backend);
  }
  return {
    frame: parsePicture(fields['frame'], `${path}.frame`),
    latent: parseLatent(fields['latent'], `${path}.latent`),
    timingsMs: {
      text: time('text'),
      history: time('history'),
      denoise: time('denoise'),
      decode: time('decode'),
    },
    cachedTokens: parseNumber(fields['cachedTokens'], `${path}.cachedTokens`),
    computedTokens: parseNumber(fields['computedTokens'], `${path}.computedTokens`),
    backend,
    finishedAt: parseNumber(fields['finishedAt'], `${path}.finishedAt`),
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

function parseTurn(value: unknown, path: string, sessionId: SessionId): Turn {
  const fields = parseFields(value, path);
  const { revisedFrom, name } = fields;
  const owner = parseId(fields['sessionId'], `${path}.sessionId`);
  if (owner !== sessionId) throw new SchemaError(`${path}.sessionId`, sessionId, owner);
  return {
    id: parseId(fields['id'], `${path}.id`) as TurnId,
    parentId: nullable(parseId)(fields['parentId'], `${path}.parentId`) as NodeId,
    ...(revisedFrom === undefined
      ? {}
      : { revisedFrom: parseId(revisedFrom, `${path}.revisedFrom`) as TurnId }),
    instruction: parseText(fields['instruction'], `${path}.instruction`),
    mask: nullable(parsePicture)(fields['mask'], `${path}.mask`),
    seed: parseSeed(fields['seed'], `${path}.seed`),
    steps: parseSteps(fields['steps'], `${path}.steps`),
    guidance: parseNumber(fields['guidance'], `${path}.guidance`),
    model: parseModel(fields['model'], `${path}.model`),
    state: parseState(fields['state'], `${path}.state`),
    createdAt: parseNumber(fields['createdAt'], `${path}.createdAt`),
    ...(name === undefined ? {} : { name: parseText(name, `${path}.name`) }),
  };
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
    turns.map((turn, i) => parseTurn(turn, `turns[${i}]`, id)).map((turn) => [turn.id as string, turn]),
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
  const current = nullable(parseId)(fields['current'], 'session.current');
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
      current: current as NodeId,
      composer: parseComposer(fields['composer'], 'session.composer'),
    },
    modifiedAt: parseNumber(fields['modifiedAt'], 'session.modifiedAt'),
    revision: parseInteger(fields['revision'], 'session.revision', 0, Number.MAX_SAFE_INTEGER),
  };
}
