/**
 * Undo for what the person does to the document. A step holds changes, not copies of the document, so
 * pictures that the model finishes in between stay where they are.
 */
import {
  type Composer,
  type Marks,
  type NodeId,
  type SessionDocument,
  type ShotMarks,
  type Turn,
  type TurnId,
  goTo,
  markTurn,
  turnOf,
} from './document.ts';
import type { UndoLabel } from './state.ts';
import { markShot, shotMarks } from './story.ts';
import { subtreeOf } from './tree.ts';

export type Change =
  | { readonly kind: 'go-to'; readonly to: NodeId }
  | { readonly kind: 'compose'; readonly composer: Partial<Composer> }
  | { readonly kind: 'rename-session'; readonly name: string }
  | { readonly kind: 'mark'; readonly turnId: TurnId; readonly marks: Partial<Marks> }
  | { readonly kind: 'shot'; readonly place: NodeId; readonly marks: Partial<ShotMarks> }
  /** The turn and all turns under it. */
  | { readonly kind: 'delete'; readonly turnId: TurnId }
  | {
      readonly kind: 'restore';
      readonly root: TurnId;
      /** The root and all that stood under it, in document order, each with its place. */
      readonly turns: readonly { readonly at: number; readonly turn: Turn }[];
      readonly current: NodeId;
    };

export interface Step {
  readonly label: UndoLabel;
  readonly changes: readonly Change[];
}

/** Steps ready to be applied, the next one last. */
export interface History {
  readonly past: readonly Step[];
  readonly future: readonly Step[];
}

export const emptyHistory: History = { past: [], future: [] };

const deepest = 500;

export interface Changed {
  readonly document: SessionDocument;
  readonly history: History;
}

/** Applies `changes` as one undo step. When they change nothing, document and history are returned as given. */
export function perform(
  history: History,
  document: SessionDocument,
  label: UndoLabel,
  changes: readonly Change[],
): Changed {
  const done = applyAll(document, changes);
  if (done.document === document) return { document, history };
  const past = [...history.past, { label, changes: done.inverse }].slice(-deepest);
  return { document: done.document, history: { past, future: [] } };
}

export function undo(history: History, document: SessionDocument): Changed {
  const { changed, from, to } = takeBack(history.past, history.future, document);
  return { document: changed, history: { past: from, future: to } };
}

export function redo(history: History, document: SessionDocument): Changed {
  const { changed, from, to } = takeBack(history.future, history.past, document);
  return { document: changed, history: { past: to, future: from } };
}

/** `document` after `step`. @throws DocumentError when the step does not belong to this document */
export function after(step: Step, document: SessionDocument): SessionDocument {
  return applyAll(document, step.changes).document;
}

/** Label of the step that `undo` would take back, null when it would do nothing. */
export function peek(steps: readonly Step[], document: SessionDocument): UndoLabel | null {
  return steps.findLast((step) => applyAll(document, step.changes).document !== document)?.label ?? null;
}

function takeBack(
  from: readonly Step[],
  to: readonly Step[],
  document: SessionDocument,
): { changed: SessionDocument; from: readonly Step[]; to: readonly Step[] } {
  for (let left = from.length - 1; left >= 0; left -= 1) {
    const step = from[left];
    if (step === undefined) break;
    const done = applyAll(document, step.changes);
    // A cancelled turn puts place and words back by itself; its step has nothing left to do.
    if (done.document === document) continue;
    return {
      changed: done.document,
      from: from.slice(0, left),
      to: [...to, { label: step.label, changes: done.inverse }],
    };
  }
  return { changed: document, from: [], to };
}

interface Applied {
  readonly document: SessionDocument;
  readonly inverse: readonly Change[];
}

function applyAll(document: SessionDocument, changes: readonly Change[]): Applied {
  const inverse: Change[] = [];
  let at = document;
  for (const change of changes) {
    const next = apply(at, change);
    if (next.document === at) continue;
    at = next.document;
    inverse.unshift(next.inverse);
  }
  return { document: at, inverse };
}

function apply(document: SessionDocument, change: Change): { document: SessionDocument; inverse: Change } {
  switch (change.kind) {
    case 'go-to': {
      const inverse: Change = { kind: 'go-to', to: document.current };
      return { document: change.to === document.current ? document : goTo(document, change.to), inverse };
    }
    case 'compose': {
      const { composer } = document;
      const inverse: Change = { kind: 'compose', composer: partOf(composer, change.composer) };
      if (isPart(composer, change.composer)) return { document, inverse };
      return { document: { ...document, composer: { ...composer, ...change.composer } }, inverse };
    }
    case 'rename-session': {
      const inverse: Change = { kind: 'rename-session', name: document.name };
      return {
        document: change.name === document.name ? document : { ...document, name: change.name },
        inverse,
      };
    }
    case 'mark': {
      const { turnId, marks } = change;
      const turn = turnOf(document, turnId);
      const inverse: Change = { kind: 'mark', turnId, marks: partOf<Marks>(turn, marks) };
      return { document: isPart(turn, marks) ? document : markTurn(document, turnId, marks), inverse };
    }
    case 'shot': {
      const { place, marks } = change;
      const before = shotMarks(document, place);
      const inverse: Change = { kind: 'shot', place, marks: partOf(before, marks) };
      return { document: isPart(before, marks) ? document : markShot(document, place, marks), inverse };
    }
    case 'delete':
      return deleteSubtree(document, change.turnId);
    case 'restore': {
      const turns = [...document.turns];
      for (const { at, turn } of change.turns) turns.splice(at, 0, turn);
      return {
        document: { ...document, turns, current: change.current },
        inverse: { kind: 'delete', turnId: change.root },
      };
    }
  }
}

function deleteSubtree(
  document: SessionDocument,
  turnId: TurnId,
): { document: SessionDocument; inverse: Change } {
  const gone = new Set(subtreeOf(document, turnId).map((turn) => turn.id));
  const { current } = document;
  const turns = document.turns.flatMap((turn, at) => (gone.has(turn.id) ? [{ at, turn }] : []));
  return {
    document: {
      ...document,
      turns: document.turns.filter((turn) => !gone.has(turn.id)),
      current: current !== null && gone.has(current) ? turnOf(document, turnId).parentId : current,
    },
    inverse: { kind: 'restore', root: turnId, turns, current },
  };
}

/** The fields of `whole` that `part` has. */
function partOf<Whole extends object>(whole: Whole, part: Partial<Whole>): Partial<Whole> {
  const keys = Object.keys(part) as (keyof Whole)[];
  return Object.fromEntries(keys.map((key) => [key, whole[key]])) as Partial<Whole>;
}

/** Whether `whole` holds all of `part` already. */
export function isPart(whole: object, part: object): boolean {
  return Object.entries(part).every(([key, value]) => isEqual(whole[key as keyof typeof whole], value));
}

/** For plain data. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => isEqual(a[key as keyof typeof a], b[key as keyof typeof b]))
  );
}
