/** What a turn asks of a model, and the words for what a model cannot do. */
import type { ModelManifest } from '../runtime/contract.ts';
import { type NodeId, type Recipe, type SessionDocument, findTurn, turnOf } from './document.ts';
import { badRequest, unsupportedTask } from './messages.ts';
import { hasRegions, isClip } from './recipe.ts';
import type { Failure } from './state.ts';
import { frameAt } from './tree.ts';

export type Ask = Pick<Recipe, 'instruction' | 'regions' | 'references' | 'task'>;

/** What is to be made: a picture or clip, or one of its regions first. */
export type AskedFor = 'picture' | 'region-now' | 'region-next';

type Capability =
  | 'next-image'
  | 'text-to-image'
  | 'drawn-region'
  | 'region-now'
  | 'region-next'
  | 'dragged-region'
  | 'chain'
  | 'multi-concept'
  | 'demonstration'
  | 'story'
  | 'clip-between'
  | 'clip-edit';

/** To be read after "This model cannot" and "It can". */
const phrases: Readonly<Record<Capability, string>> = {
  'next-image': 'change a picture by words',
  'text-to-image': 'make a picture from words alone',
  'drawn-region': 'keep an edit inside a drawn region',
  'region-now': 'find the region that words speak of',
  'region-next': 'say where something will be after an edit',
  'dragged-region': 'move a region to another place',
  chain: 'go from a region to the next one and to the picture',
  'multi-concept': 'take things over from other pictures',
  demonstration: 'repeat an example on another picture',
  story: 'go on with the next scene of a story',
  'clip-between': 'make a clip between two pictures',
  'clip-edit': 'edit every frame of a clip',
};

const isCapability = (name: string): name is Capability => name in phrases;

/** The model must know one of each list. */
function needs(
  { regions, references, task }: Ask,
  hasPicture: boolean,
  asked: AskedFor,
): readonly (readonly Capability[])[] {
  const list: (readonly Capability[])[] = [];
  if (isClip(task)) return [[task.kind]];
  if (task.kind === 'scene') list.push(['story']);
  if (asked !== 'picture') list.push([asked]);
  else if (regions.now !== null || regions.next !== null) list.push(['dragged-region', 'chain']);
  if (references.some(({ role }) => role === 'picture')) list.push(['multi-concept']);
  if (references.some(({ role }) => role !== 'picture')) list.push(['demonstration']);
  if (regions.drawn !== null) list.push(['drawn-region']);
  return list.length > 0 ? list : [[hasPicture ? 'next-image' : 'text-to-image']];
}

const withoutRoles: ReadonlySet<Capability> = new Set([
  'next-image',
  'text-to-image',
  'drawn-region',
  'story',
]);

/** Why this model would not take `ask` under `place`, in words for the page; null when it would. */
export function refusalOf(
  document: SessionDocument,
  place: NodeId,
  ask: Ask,
  manifest: ModelManifest,
  asked: AskedFor = 'picture',
): Failure | null {
  const hasPicture = canHavePicture(document, place);
  const knows = (name: Capability): boolean =>
    manifest.capabilities.includes(name) && (manifest.roles !== undefined || withoutRoles.has(name));
  const missing = needs(ask, hasPicture, asked).find((names) => !names.some(knows));
  if (missing?.[0] !== undefined) {
    const can = manifest.capabilities.filter((name) => isCapability(name) && knows(name));
    return unsupportedTask(
      phrases[missing[0]],
      can.map((name) => phrases[name as Capability]),
    );
  }
  const wrong = mistakeIn(document, place, ask, manifest, hasPicture);
  return wrong === null ? null : badRequest(...wrong);
}

/** What happened and what to do, for asks that no model takes. */
function mistakeIn(
  document: SessionDocument,
  place: NodeId,
  { regions, references, task }: Ask,
  { roles }: ModelManifest,
  hasPicture: boolean,
): readonly [string, string] | null {
  const hasRegion = hasRegions(regions);
  if (isClip(task) && (hasRegion || references.length > 0)) {
    return ['A clip is made from words and pictures alone.', 'Clear the regions and references.'];
  }
  if ((isClip(task) || hasRegion) && !hasPicture) {
    return ['There is no picture yet to go on from.', 'Open or make a picture first.'];
  }
  if (task.kind === 'clip-edit' && !isOfClip(document, place)) {
    return ['There is no clip here to edit.', 'Go to a clip first.'];
  }
  const pictures = references.filter(({ role }) => role === 'picture').length;
  const most = roles?.pictures.length ?? 0;
  if (pictures > most) {
    return [`Words can speak of ${most} pictures at most; there are ${pictures}.`, 'Take some of them out.'];
  }
  const [before, after] = (['exampleBefore', 'exampleAfter'] as const).map(
    (role) => references.filter((reference) => reference.role === role).length,
  );
  if (before !== after) {
    return ['An example needs a picture before and a picture after.', 'Add the other one.'];
  }
  return null;
}

/** Whether `place` shows a picture, or will once what waits has been made. */
function canHavePicture(document: SessionDocument, place: NodeId): boolean {
  return frameAt(document, place) !== null || (place !== null && findTurn(document, place) !== undefined);
}

/** Whether the frames of a clip stand at `place`, or will once it is made. */
function isOfClip(document: SessionDocument, place: NodeId): boolean {
  return place !== null && isClip(turnOf(document, place).task);
}
