/** A turn as three stages: the region as it is, the region as it will be, the picture. Each knows what it was made from. */
import { itemsAt, leftOut } from './contextItems.ts';
import { type Composer, type SessionDocument, type StageRegion, findTurn } from './document.ts';
import { sha256 } from './sha256.ts';
import { attachPoint } from './tree.ts';

export type RegionStage = 'now' | 'next';

interface Stage {
  readonly name: RegionStage | 'picture';
  /** How it came about; `none` is not there yet. */
  readonly by: StageRegion['by'] | 'made' | 'none';
  /** What it was made from has changed since. A drawn region was made from nothing. */
  readonly isOutOfDate: boolean;
}

/** One name for all that a region found now for the line being written would be made from. */
export function foundInputs(document: SessionDocument, stage: RegionStage): string {
  const place = attachPoint(document);
  const { composer } = document;
  const { instruction, regions, references, context } = composer;
  // What a key names never changes once it is made, so the keys stand for all of it.
  const history = itemsAt(document, place, leftOut(document, place, context)).map(({ key }) => key);
  return nameOf([
    history,
    instruction.trim(),
    regions.drawn?.hash,
    references.map(({ role, frame }) => [role, frame.hash]),
    stage === 'next' ? regions.now?.mask.hash : null,
  ]);
}

/** The same for a region that is moved: the region now alone. */
export function movedInputs({ regions }: Composer): string {
  return nameOf(regions.now?.mask.hash);
}

function nameOf(value: unknown): string {
  return sha256(new TextEncoder().encode(JSON.stringify(value ?? null)));
}

/** The stages of the line being written, in their order. The picture is that of the turn that is being revised. */
export function stagesOf(document: SessionDocument): readonly [Stage, Stage, Stage] {
  const { composer } = document;
  const region = (name: RegionStage): Stage => {
    const stage = composer.regions[name];
    if (stage === null) return { name, by: 'none', isOutOfDate: false };
    if (stage.by === 'drawn') return { name, by: 'drawn', isOutOfDate: false };
    const inputs = stage.by === 'moved' ? movedInputs(composer) : foundInputs(document, name);
    return { name, by: stage.by, isOutOfDate: inputs !== stage.inputs };
  };
  return [region('now'), region('next'), pictureStage(document)];
}

function pictureStage(document: SessionDocument): Stage {
  const { composer } = document;
  const turn = composer.revising === null ? undefined : findTurn(document, composer.revising);
  const isHere = turn !== undefined && turn.parentId === attachPoint(document);
  if (!isHere || turn.state.status !== 'done') return { name: 'picture', by: 'none', isOutOfDate: false };
  const asked = ({ instruction, regions, references, task }: Pick<Composer, AskField>): string =>
    nameOf([instruction.trim(), regions, references, task]);
  const off = leftOut(document, turn.parentId, composer.context);
  const isSame = asked(composer) === asked(turn) && nameOf(off) === nameOf(turn.context.off);
  return { name: 'picture', by: 'made', isOutOfDate: !isSame };
}

type AskField = 'instruction' | 'regions' | 'references' | 'task';
