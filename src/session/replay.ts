/** Makes turns anew: a changed turn with all that followed it, or a branch from its first picture. */
import { type Added, type Line, type Making, addLine } from './adding.ts';
import type { BlobBag } from './blobs.ts';
import { contextItems } from './contextItems.ts';
import {
  type ContextKey,
  type GroupId,
  type NodeId,
  type Recipe,
  type SessionDocument,
  type Turn,
  type TurnId,
  noRegions,
  plainRecipe,
  turnOf,
} from './document.ts';
import { shownTurns, waysOf } from './groups.ts';
import { boundsOf, fromFirstPicture } from './measuring.ts';
import { unionOf } from './regions.ts';
import { pathTo, subtreeOf } from './tree.ts';

const isMade = (turn: Turn): boolean => turn.state.status === 'done';

/** The turns that follow `id` and are made anew when it is replayed. */
export function replayed(document: SessionDocument, id: TurnId): readonly Turn[] {
  const shown = new Set(shownTurns(document));
  return subtreeOf(document, id).filter((one) => one.id !== id && isMade(one) && shown.has(one));
}

/**
 * Adds a sibling of `id` with `change` in its recipe, and under it a copy of every made turn under `id` that is in
 * sight, each with its own seed. Regions and references of the copies stay as they were given.
 */
export function addReplay(
  document: SessionDocument,
  id: TurnId,
  change: Partial<Recipe>,
  making: Making,
): Added {
  const turn = turnOf(document, id);
  const copies = new Map<NodeId, TurnId>();
  let added = addCopy({ document, turnIds: [] }, turn, turn.parentId, copies, making, {
    ...change,
    revisedFrom: id,
    replayOf: id,
  });
  for (const old of replayed(document, id)) {
    const parentId = copies.get(old.parentId);
    if (parentId !== undefined) added = addCopy(added, old, parentId, copies, making, { replayOf: old.id });
  }
  return added;
}

/** Adds `old` with `change` under `parentId`; what it left out of the branch in `copies` it leaves out of theirs. */
function addCopy(
  added: Added,
  old: Turn,
  parentId: NodeId,
  copies: Map<NodeId, TurnId>,
  making: Making,
  change: Partial<Parameters<typeof addLine>[3]>,
): Added {
  const recipe = { ...recipeOf(old), ...change };
  const context = { ...recipe.context, off: recipe.context.off.map((key) => renamed(key, copies)) };
  const more = addLine(added, parentId, making, { ...recipe, context });
  const made = more.turnIds.at(-1);
  if (made !== undefined) copies.set(old.id, made);
  return more;
}

export function recipeOf(turn: Turn): Recipe {
  const { instruction, regions, references, context, task, seed, steps, guidance } = turn;
  return { instruction, regions, references, context, task, seed, steps, guidance };
}

/** The same item of the copied branch. */
function renamed(key: ContextKey, copies: ReadonlyMap<NodeId, TurnId>): ContextKey {
  const [id, part] = key.split('/');
  const copy = copies.get((id ?? null) as NodeId);
  return copy === undefined ? key : (`${copy}/${part}` as ContextKey);
}

/** Adds one more of the ways of `id`, of as many turns as they are, each with a new seed. */
export function addWay(document: SessionDocument, id: TurnId, making: Making): Added {
  const [model] = waysOf(document, id);
  if (model === undefined) return { document, turnIds: [] };
  const { root, tip } = model;
  const groupId = root.groupId ?? (making.newId() as GroupId);
  const grouped = root.groupId === undefined ? { ...root, groupId } : root;
  const turns = document.turns.map((turn) => (turn === root ? grouped : turn));
  let added: Added = { document: { ...document, turns }, turnIds: [] };
  const copies = new Map<NodeId, TurnId>();
  const chain = pathTo(document, tip.id).slice(pathTo(document, root.id).length - 1);
  for (const old of chain) {
    const { revisedFrom } = old;
    added = addCopy(added, old, copies.get(old.parentId) ?? old.parentId, copies, making, {
      ...(revisedFrom === undefined ? {} : { revisedFrom }),
      groupId,
      seed: making.randomSeed() >>> 0,
    });
  }
  return added;
}

export type RebaseWay = 'history' | 'merged';

/**
 * Adds one turn that makes the picture of `id` from the first one of its branch, so that nothing lost on the way is
 * passed on: with all earlier words before it and no picture between (`history`), or with all words as one (`merged`).
 */
export function addRebase(
  document: SessionDocument,
  id: TurnId,
  way: RebaseWay,
  blobs: BlobBag,
  making: Making,
): Added {
  const turn = turnOf(document, id);
  const { first, since } = fromFirstPicture(document, id);
  const bounds = unionOf(since.map((one) => boundsOf(one.regions, blobs)));
  const { seed, steps, guidance } = turn;
  const line: Line = {
    instruction: turn.instruction,
    references: turn.references,
    regions: { ...noRegions, drawn: bounds === null ? null : blobs.putMask(bounds) },
    task: plainRecipe.task,
  };
  const asked = { ...line, seed, steps, guidance, rebaseOf: id };
  const start: Added = { document, turnIds: [] };
  if (way === 'merged') {
    const instruction = since
      .map((one) => one.instruction)
      .filter(Boolean)
      .join(' and ');
    const references = since.flatMap((one) => one.references);
    return addLine(start, first, making, { ...asked, instruction, references, context: plainRecipe.context });
  }
  const off = contextItems(document, turn.parentId).flatMap(({ key, part, turnId }) =>
    part === 'picture' && turnId !== first ? [key] : [],
  );
  const context = { preset: 'chosen', off, pinned: [] } as const;
  return addLine(start, turn.parentId, making, { ...asked, context });
}
