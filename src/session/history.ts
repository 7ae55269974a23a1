/** Turns the document and its blobs into what the engine is asked. */
import type { EditRequest, HistoryItem, MaskPixels, ModelRoles, Reference } from '../runtime/contract.ts';
import type { BlobBag } from './blobs.ts';
import { type HistoryRef, historyAt } from './contextItems.ts';
import {
  type FrameRef,
  type NodeId,
  type PictureRef,
  type Recipe,
  type SessionDocument,
  type TurnId,
  turnOf,
} from './document.ts';

/** A picture or mask that the document names is not there any more. */
export class MissingPictureError extends Error {
  override readonly name = 'MissingPictureError';
}

type ImageItem = Extract<HistoryItem, { readonly kind: 'image' }>;

/** Of a turn that makes one picture. @throws MissingPictureError */
export function editRequestOf(
  document: SessionDocument,
  turnId: TurnId,
  blobs: BlobBag,
  roles?: ModelRoles,
): EditRequest {
  const turn = turnOf(document, turnId);
  return requestAt(document, turn.parentId, turn, blobs, roles);
}

/** What `recipe` asks under `place`, whether or not there is such a turn yet. @throws MissingPictureError */
export function requestAt(
  document: SessionDocument,
  place: NodeId,
  recipe: Omit<Recipe, 'task'>,
  blobs: BlobBag,
  roles?: ModelRoles,
): EditRequest {
  const { instruction, regions, references, context, seed, steps, guidance } = recipe;
  const { drawn, now, next } = regions;
  const given = {
    ...(drawn === null ? {} : { drawn: maskOf(drawn, blobs) }),
    ...(now === null ? {} : { now: maskOf(now.mask, blobs) }),
    ...(next === null ? {} : { next: maskOf(next.mask, blobs) }),
  };
  return {
    history: historyAt(document, place, context.off).flatMap((item) => historyItems(item, blobs, roles)),
    ...(references.length === 0
      ? {}
      : { references: references.map((reference) => referenceOf(reference, blobs)) }),
    instruction,
    ...(document.root.kind === 'words' && document.root.size ? { size: document.root.size } : {}),
    ...(Object.keys(given).length === 0 ? {} : { regions: given }),
    seed,
    steps,
    guidance,
  };
}

/** What stands before a region of a stage, or before a reference; a drawn region needs nothing. */
export function roleText(
  item: Extract<HistoryRef, { readonly kind: 'mask' | 'reference' }>,
  roles: ModelRoles | undefined,
): string | undefined {
  if (item.kind === 'reference') {
    return item.role === 'picture' ? roles?.pictures[item.number - 1] : roles?.[item.role];
  }
  if (item.role === 'drawn') return undefined;
  return item.role === 'now' ? roles?.regionNow : roles?.regionNext;
}

/** A model without role texts knows no references and no stages, so what only they can name is left out. */
function historyItems(
  item: HistoryRef,
  blobs: BlobBag,
  roles: ModelRoles | undefined,
): readonly HistoryItem[] {
  switch (item.kind) {
    case 'text':
      return [textItem(item.text)];
    case 'image':
      return [imageItem(item, blobs)];
    case 'mask': {
      const { role, mask } = item;
      const region: HistoryItem = { kind: 'mask', id: `mask:${mask.hash}`, mask: maskOf(mask, blobs) };
      if (role === 'drawn') return [region];
      const text = roleText(item, roles);
      return text === undefined ? [] : [textItem(text), region];
    }
    case 'reference': {
      const text = roleText(item, roles);
      return text === undefined ? [] : [textItem(text), { ...imageItem(item, blobs), isReference: true }];
    }
  }
}

export function textItem(text: string): HistoryItem {
  return { kind: 'text', id: `text:${text}`, text };
}

/** What stands before a frame of a clip, as "frame two of five". */
export function frameText(
  { index, count }: { readonly index: number; readonly count: number },
  { frame, numbers }: ModelRoles,
): string {
  const [indexWord = '', countWord = ''] = [numbers[index - 1], numbers[count - 1]];
  return frame.replace('{index}', indexWord).replace('{count}', countWord);
}

/** @throws MissingPictureError */
export function imageItem({ frame, latent: ref }: FrameRef, blobs: BlobBag): ImageItem {
  const pixels = present(blobs.pixelsOf(frame.hash), 'picture');
  const latent = ref === null ? null : blobs.latentOf(ref);
  // The same pixels give other tokens with a latent than without, so the latent is part of the name.
  const id = `image:${frame.hash}:${latent === null ? 'encoded' : ref?.hash}`;
  return latent === null ? { kind: 'image', id, pixels } : { kind: 'image', id, pixels, latent };
}

function referenceOf(reference: Recipe['references'][number], blobs: BlobBag): Reference {
  const { kind: _, ...image } = imageItem(reference, blobs);
  const { id, pixels, latent } = image;
  return { role: reference.role, id, pixels, ...(latent === undefined ? {} : { latent }) };
}

function maskOf({ hash }: PictureRef, blobs: BlobBag): MaskPixels {
  return present(blobs.maskOf(hash), 'region');
}

function present<T>(value: T | null, what: string): T {
  if (value === null) throw new MissingPictureError(`A ${what} of this session is missing from the storage.`);
  return value;
}
