/** Versions of the stored records, and the way from each version to the next. */
import type { SessionDocument, Turn } from './document.ts';
import { type Fields, parseFields, parseInteger } from './fields.ts';
import { type SessionRecord, type TurnRecord, parseSession } from './schema.ts';

/** Brings the records of version `to - 1` to version `to`; the `version` field is set by the caller. */
export interface MigrationStep {
  readonly to: number;
  readonly session: (record: Fields) => Fields;
  readonly turn: (record: Fields) => Fields;
}

/** Released steps are never edited. A new one needs a fixture of the version it leaves behind. */
export const migrationSteps: readonly MigrationStep[] = [
  {
    // One drawn region becomes the first of three; references, context, tasks and marks are new.
    to: 2,
    session: ({ composer, ...record }) => ({
      ...record,
      composer: { ...withRequest(parseFields(composer, 'session.composer')), parts: [] },
    }),
    turn: ({ name = null, ...record }) => ({
      ...withRequest(record),
      name,
      isStarred: false,
      isArchived: false,
      isDiscarded: false,
    }),
  },
];

function withRequest({ mask = null, ...record }: Fields): Fields {
  return {
    ...record,
    regions: { drawn: mask, now: null, next: null },
    references: [],
    context: { preset: 'all', off: [], pinned: [] },
    task: { kind: 'image' },
  };
}

export const currentVersion = 1 + migrationSteps.length;

export type ReadSession =
  | { readonly state: 'empty' }
  | {
      readonly state: 'current' | 'older';
      readonly document: SessionDocument;
      readonly modifiedAt: number;
      readonly revision: number;
    }
  | { readonly state: 'newer'; readonly version: number }
  | { readonly state: 'unreadable'; readonly reason: string };

/**
 * Migrates the records of one session step by step and parses all of them afterwards.
 * `session` is undefined when there is none. Never throws for bad data.
 * @throws RangeError when the steps do not follow each other
 */
export function readSession(
  session: unknown,
  turns: readonly unknown[],
  steps: readonly MigrationStep[] = migrationSteps,
): ReadSession {
  const gap = steps.findIndex((step, i) => step.to !== i + 2);
  if (gap !== -1) throw new RangeError(`Migration ${gap} must lead to version ${gap + 2}.`);
  if (session === undefined) return { state: 'empty' };
  const newest = 1 + steps.length;
  try {
    const versions = [session, ...turns].map((record, i) =>
      versionOf(record, i === 0 ? 'session' : `turns[${i - 1}]`),
    );
    const highest = Math.max(...versions);
    if (highest > newest) return { state: 'newer', version: highest };
    const parsed = parseSession(
      migrate(session, 'session', steps),
      turns.map((turn) => migrate(turn, 'turn', steps)),
    );
    const isCurrent = versions.every((version) => version === newest);
    return {
      ...parsed,
      document: settleInterrupted(parsed.document),
      state: isCurrent ? 'current' : 'older',
    };
  } catch (error) {
    // A step may trip over anything in a damaged record, so every error counts as damage.
    return { state: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
  }
}

function versionOf(record: unknown, path: string): number {
  return parseInteger(parseFields(record, path)['version'], `${path}.version`, 1, Number.MAX_SAFE_INTEGER);
}

function migrate(record: unknown, kind: 'session' | 'turn', steps: readonly MigrationStep[]): Fields {
  let at = parseFields(record, kind);
  for (const step of steps) {
    if (versionOf(at, kind) < step.to) at = { ...step[kind](at), version: step.to };
  }
  return at;
}

/** The records of a document in the current version. */
export function writeSession(
  document: SessionDocument,
  modifiedAt: number,
  revision: number,
): { session: SessionRecord; turns: readonly TurnRecord[] } {
  const { turns, ...rest } = document;
  const version = currentVersion;
  return {
    session: { ...rest, version, modifiedAt, revision, turnIds: turns.map((turn) => turn.id) },
    turns: turns.map((turn) => ({ ...turn, version, sessionId: document.id })),
  };
}

/** Nothing runs after a reload: what had been waiting or running is cancelled, its words kept. */
export function settleInterrupted(document: SessionDocument): SessionDocument {
  const isOpen = (turn: Turn): boolean => turn.state.status === 'running' || turn.state.status === 'draft';
  if (!document.turns.some(isOpen)) return document;
  return {
    ...document,
    turns: document.turns.map((turn) => (isOpen(turn) ? { ...turn, state: { status: 'cancelled' } } : turn)),
  };
}
