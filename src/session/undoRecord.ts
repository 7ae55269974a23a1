/** The stored form of what can be undone. It is a convenience: damage costs steps of it and never the session. */
import { type Marks, type SessionDocument, type Turn, type TurnId, emptyComposer } from './document.ts';
import {
  SchemaError,
  listOf,
  nullable,
  parseFields,
  parseFlag,
  parseId,
  parseInteger,
  parseOneOf,
  parseText,
} from './fields.ts';
import { currentVersion } from './migrations.ts';
import { parseComposer, parseNode } from './recipeSchema.ts';
import { parseShotMarks, parseTurn } from './schema.ts';
import { undoLabels } from './state.ts';
import { type Change, type History, type Step, after, emptyHistory } from './undo.ts';

interface UndoRecord extends History {
  readonly version: number;
}

export function writeUndo({ past, future }: History): UndoRecord {
  return { version: currentVersion, past, future };
}

/**
 * The steps that can be read and that lead from `document` to whole documents, as far as they do so one after another.
 * Steps of another version are left out: they are not migrated. Never throws.
 */
export function readUndo(record: unknown, document: SessionDocument): History {
  if (typeof record !== 'object' || record === null) return emptyHistory;
  const { version, past, future } = record as Readonly<Record<string, unknown>>;
  if (version !== currentVersion) return emptyHistory;
  return { past: usable(past, document), future: usable(future, document) };
}

function usable(list: unknown, document: SessionDocument): readonly Step[] {
  const kept: Step[] = [];
  if (!Array.isArray(list)) return kept;
  let at = document;
  for (const value of list.toReversed() as readonly unknown[]) {
    try {
      const step = parseStep(value);
      at = after(step, at);
      if (!isWhole(at)) break;
      kept.unshift(step);
    } catch {
      break;
    }
  }
  return kept;
}

/** What the strict reader of stored records would refuse must not come back through undo. */
function isWhole({ turns, current }: SessionDocument): boolean {
  const seen = new Set<TurnId>();
  for (const { id, parentId } of turns) {
    if (seen.has(id) || (parentId !== null && !seen.has(parentId))) return false;
    seen.add(id);
  }
  return current === null || seen.has(current);
}

function parseStep(value: unknown): Step {
  const { label, changes } = parseFields(value, 'step');
  return {
    label: parseOneOf(...undoLabels)(label, 'step.label'),
    changes: listOf(parseChange)(changes, 'step.changes'),
  };
}

const kinds = ['go-to', 'compose', 'rename-session', 'mark', 'shot', 'delete', 'restore'] as const;

function parseChange(value: unknown, path: string): Change {
  const fields = parseFields(value, path);
  const turnId = (name: string): TurnId => parseId(fields[name], `${path}.${name}`) as TurnId;
  const kind = parseOneOf(...kinds)(fields['kind'], `${path}.kind`);
  switch (kind) {
    case 'go-to':
      return { kind, to: parseNode(fields['to'], `${path}.to`) };
    case 'compose': {
      const part = parseFields(fields['composer'], `${path}.composer`);
      const whole = parseComposer({ ...emptyComposer, ...part }, `${path}.composer`);
      return { kind, composer: picked(whole, part, path) };
    }
    case 'rename-session':
      return { kind, name: parseText(fields['name'], `${path}.name`) };
    case 'mark': {
      const part = parseFields(fields['marks'], `${path}.marks`);
      return { kind, turnId: turnId('turnId'), marks: picked(parseMarks(part, path), part, path) };
    }
    case 'shot': {
      const part = parseFields(fields['marks'], `${path}.marks`);
      const marks = picked(parseShotMarks(part, path), part, path);
      return { kind, place: parseNode(fields['place'], `${path}.place`), marks };
    }
    case 'delete':
      return { kind, turnId: turnId('turnId') };
    case 'restore':
      return {
        kind,
        root: turnId('root'),
        turns: listOf(parsePlaced)(fields['turns'], `${path}.turns`),
        current: parseNode(fields['current'], `${path}.current`),
      };
  }
}

function parseMarks(value: unknown, path: string): Marks {
  const {
    name = null,
    isStarred = false,
    isArchived = false,
    isDiscarded = false,
  } = parseFields(value, path);
  return {
    name: nullable(parseText)(name, `${path}.name`),
    isStarred: parseFlag(isStarred, `${path}.isStarred`),
    isArchived: parseFlag(isArchived, `${path}.isArchived`),
    isDiscarded: parseFlag(isDiscarded, `${path}.isDiscarded`),
  };
}

/** The fields of `whole` that `part` has. */
function picked<Whole extends object>(whole: Whole, part: object, path: string): Partial<Whole> {
  const keys = Object.keys(part);
  const stranger = keys.find((key) => !(key in whole));
  if (stranger !== undefined) throw new SchemaError(path, 'known fields', stranger);
  return Object.fromEntries(keys.map((key) => [key, whole[key as keyof Whole]])) as Partial<Whole>;
}

function parsePlaced(value: unknown, path: string): { readonly at: number; readonly turn: Turn } {
  const { at, turn } = parseFields(value, path);
  return {
    at: parseInteger(at, `${path}.at`, 0, Number.MAX_SAFE_INTEGER),
    turn: parseTurn(turn, `${path}.turn`),
  };
}
