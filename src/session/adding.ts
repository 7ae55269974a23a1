/** Turns the line being written into waiting turns. Nothing here runs anything. */
import { leftOut } from './contextItems.ts';
import {
  type Composer,
  type FrameRef,
  type GroupId,
  type ModelRef,
  type NewTurn,
  type NodeId,
  type PictureRef,
  type Recipe,
  type SessionDocument,
  type Task,
  type TaskChoice,
  type Turn,
  type TurnId,
  addTurn,
  emptyRequest,
  findTurn,
  noRegions,
  turnOf,
} from './document.ts';
import { hasRegions } from './recipe.ts';
import { attachPoint, placeFrame } from './tree.ts';

/** What new turns need besides words. */
export interface Making {
  readonly newId: () => string;
  readonly now: () => number;
  readonly randomSeed: () => number;
  readonly model: ModelRef;
  readonly sampler: { readonly steps: number; readonly guidance: number };
}

export interface Added {
  readonly document: SessionDocument;
  /** In the order in which they can be made. */
  readonly turnIds: readonly TurnId[];
}

/** What is asked for in one turn: `context` is worked out where the turn hangs. */
export type Line = Pick<Recipe, 'instruction' | 'regions' | 'references' | 'task'>;

/**
 * The composer as turns one after another: a line for each region with words of its own, then the line itself, unless
 * it is empty.
 */
export function linesOf({ instruction, regions, references, task, parts }: Composer): readonly Line[] {
  const own = { instruction: instruction.trim(), regions, references, task };
  const chain = parts.map((part) => ({
    instruction: part.instruction.trim(),
    regions: drawnIn(part.region),
    references: [],
    task: emptyRequest.task,
  }));
  const isPointed = hasRegions(regions) || references.length > 0;
  const saysMore = own.instruction !== '' || isPointed || task.kind !== 'image';
  return chain.length > 0 && !saysMore ? chain : [...chain, own];
}

function drawnIn(region: PictureRef | null): Recipe['regions'] {
  return { ...noRegions, drawn: region };
}

/**
 * Adds `ways` siblings with the composer's recipe under the current place, each a chain where there are several
 * lines; more than one way form a group. Without a seed every turn gets one of its own.
 */
export function addFromComposer(document: SessionDocument, ways: number, making: Making): Added {
  const { composer } = document;
  const groupId = ways > 1 ? (making.newId() as GroupId) : undefined;
  const { seed, steps, guidance, revising } = composer;
  const place = attachPoint(document);
  let added: Added = { document, turnIds: [] };
  for (let way = 0; way < ways; way += 1) {
    let parentId = place;
    linesOf(composer).forEach((line, i) => {
      added = addLine(added, parentId, making, {
        ...line,
        // A region drawn on a later picture says nothing about the first one.
        ...(document.root.kind === 'words' && parentId === null ? { regions: noRegions } : {}),
        ...(revising === null || i > 0 ? {} : { revisedFrom: revising }),
        ...(groupId === undefined ? {} : { groupId }),
        seed: (seed === null ? making.randomSeed() : seed + way) >>> 0,
        steps: steps ?? making.sampler.steps,
        guidance: guidance ?? making.sampler.guidance,
      });
      parentId = added.turnIds.at(-1) ?? parentId;
    });
  }
  return added;
}

type Asked = Line &
  Pick<Recipe, 'seed' | 'steps' | 'guidance'> &
  Partial<Pick<NewTurn, 'context' | 'revisedFrom' | 'replayOf' | 'rebaseOf' | 'groupId'>>;

/** Adds one turn under `parentId`; without a context of its own it takes the composer's choice as it is there. */
export function addLine({ document, turnIds }: Added, parentId: NodeId, making: Making, asked: Asked): Added {
  const { context } = document.composer;
  const id = making.newId() as TurnId;
  const turn: NewTurn = {
    context: { ...context, off: leftOut(document, parentId, context) },
    ...asked,
    id,
    parentId,
    model: making.model,
    createdAt: making.now(),
  };
  return { document: addTurn(document, turn), turnIds: [...turnIds, id] };
}

export const [leastFrames, mostFrames] = [4, 8];

/** What was chosen, with the end of a clip as it is now; null where that has no picture. */
export function taskOf(document: SessionDocument, choice: TaskChoice): Task | null {
  if (choice.kind !== 'clip-between') return { kind: choice.kind };
  const to = madeAt(document, choice.to);
  const count = Math.min(Math.max(Math.round(choice.count), leastFrames), mostFrames);
  return to === null ? null : { kind: 'clip-between', to, toId: choice.to, count };
}

/** The picture that was made or opened at this very place. */
export function madeAt(document: SessionDocument, place: NodeId): FrameRef | null {
  if (place !== null && findTurn(document, place)?.state.status !== 'done') return null;
  return placeFrame(document, place);
}

/** A turn's request as the composer would hold it, to be taken up again. */
export function requestOf(turn: Turn): Partial<Composer> {
  const { instruction, regions, references, task, revisedFrom = null } = turn;
  return { ...emptyRequest, instruction, regions, references, task, revising: revisedFrom };
}

/** The end of the first way, where the person will look on. */
export function tipOf({ document, turnIds }: Added): TurnId | null {
  let tip = turnIds[0] ?? null;
  for (const id of turnIds) if (tip !== null && turnOf(document, id).parentId === tip) tip = id;
  return tip;
}

/** Whether nothing was written or pointed at yet. */
export function isEmptyRequest({ instruction, regions, references, parts }: Composer): boolean {
  return instruction === '' && !hasRegions(regions) && references.length === 0 && parts.length === 0;
}
