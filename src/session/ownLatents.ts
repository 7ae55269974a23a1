/** Latents mean something to the model that made them alone. */
import type { BlobBag } from './blobs.ts';
import type { BlobHash, LatentRef, ModelRef, SessionDocument, Turn } from './document.ts';

/**
 * `blobs` as `reader` can read them: without the latents that other models made, whose pictures are encoded anew. A
 * model that was trained further counts as another.
 */
export function readableBy(reader: ModelRef, document: SessionDocument, blobs: BlobBag): BlobBag {
  const isOwn = ({ model }: Turn): boolean => model.hash === reader.hash;
  const own = hashes(document.turns.filter(isOwn).flatMap(madeBy));
  const others = document.turns.filter((turn) => !isOwn(turn));
  // A reference may outlive the turn that its picture came from.
  const foreign = hashes(others.flatMap((turn) => [...madeBy(turn), ...givenTo(turn)]));
  return {
    ...blobs,
    latentOf: (ref) => (foreign.has(ref.hash) && !own.has(ref.hash) ? null : blobs.latentOf(ref)),
  };
}

function madeBy({ state }: Turn): readonly (LatentRef | null)[] {
  if (state.status !== 'done') return [];
  return [state.result.latent, ...(state.result.clip ?? []).map(({ latent }) => latent)];
}

function givenTo({ references }: Turn): readonly (LatentRef | null)[] {
  return references.map(({ latent }) => latent);
}

function hashes(latents: readonly (LatentRef | null)[]): ReadonlySet<BlobHash> {
  return new Set(latents.flatMap((latent) => (latent === null ? [] : [latent.hash])));
}
