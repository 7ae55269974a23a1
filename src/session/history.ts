/** Turns the document and its blobs into what the engine is asked. */
import type { EditRequest, HistoryItem } from '../runtime/contract.ts';
import type { BlobBag } from './blobs.ts';
import { type HistoryRef, type SessionDocument, type TurnId, historyOf, turnOf } from './document.ts';

/** A picture or mask that the document names is not there any more. */
export class MissingPictureError extends Error {
  override readonly name = 'MissingPictureError';
}

/** @throws MissingPictureError */
export function editRequestOf(document: SessionDocument, turnId: TurnId, blobs: BlobBag): EditRequest {
  const { instruction, mask, seed, steps, guidance } = turnOf(document, turnId);
  return {
    history: historyOf(document, turnId).map((item) => historyItemOf(item, blobs)),
    instruction,
    ...(mask === null ? {} : { regions: { drawn: present(blobs.maskOf(mask.hash), 'drawn region') } }),
    seed,
    steps,
    guidance,
  };
}

function historyItemOf(item: HistoryRef, blobs: BlobBag): HistoryItem {
  switch (item.kind) {
    case 'text':
      return { kind: 'text', id: `text:${item.text}`, text: item.text };
    case 'mask':
      return {
        kind: 'mask',
        id: `mask:${item.mask.hash}`,
        mask: present(blobs.maskOf(item.mask.hash), 'drawn region'),
      };
    case 'image': {
      const pixels = present(blobs.pixelsOf(item.frame.hash), 'picture');
      const latent = item.latent === null ? null : blobs.latentOf(item.latent);
      // The same pixels give other tokens with a latent than without, so the latent is part of the name.
      const id = `image:${item.frame.hash}:${latent === null ? 'encoded' : item.latent?.hash}`;
      return latent === null ? { kind: 'image', id, pixels } : { kind: 'image', id, pixels, latent };
    }
  }
}

function present<T>(value: T | null, what: string): T {
  if (value === null) throw new MissingPictureError(`A ${what} of this session is missing from the storage.`);
  return value;
}
