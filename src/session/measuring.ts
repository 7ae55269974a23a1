/** What a new picture is measured against: the one that was edited and the first one of its branch. */
import type { MaskPixels, Regions } from '../runtime/contract.ts';
import type { BlobBag } from './blobs.ts';
import { historyOf } from './contextItems.ts';
import type {
  NodeId,
  PictureRef,
  RegionRefs,
  SessionDocument,
  Turn,
  TurnId,
  TurnResult,
} from './document.ts';
import { measureDrift } from './drift.ts';
import { regionInForce, unionOf } from './regions.ts';
import { frameAt, pathTo } from './tree.ts';

/** Null for the first picture of a branch, and where a picture is missing or of another size. */
export function driftOf(
  document: SessionDocument,
  turnId: TurnId,
  made: PictureRef,
  blobs: BlobBag,
): NonNullable<TurnResult['drift']> | null {
  const edited = historyOf(document, turnId).findLast((item) => item.kind === 'image');
  const { first, since } = fromFirstPicture(document, turnId);
  const start = frameAt(document, first);
  if (edited === undefined || start === null) return null;
  const after = blobs.pixelsOf(made.hash);
  const [before, original] = [edited.frame, start].map(({ hash }) => blobs.pixelsOf(hash));
  if (after === null || before == null || original == null) return null;
  const isOneSize = [before, original].every(
    ({ width, height }) => width === after.width && height === after.height,
  );
  if (!isOneSize) return null;
  const regions = since.map((turn) => boundsOf(turn.regions, blobs));
  return {
    step: measureDrift(before, after, regions.at(-1) ?? null),
    original: measureDrift(original, after, unionOf(regions)),
  };
}

/** Where the first picture of the branch of `id` is, and the turns after it down to `id`: one from words begins with what they made. */
export function fromFirstPicture(
  document: SessionDocument,
  id: TurnId,
): { readonly first: NodeId; readonly since: readonly Turn[] } {
  const path = pathTo(document, id);
  if (document.root.kind !== 'words') return { first: null, since: path };
  return { first: path[0]?.id ?? null, since: path.slice(1) };
}

/** The region in force of one turn; null for the whole picture. */
export function boundsOf(
  { drawn, now, next }: RegionRefs,
  blobs: Pick<BlobBag, 'maskOf'>,
): MaskPixels | null {
  const regions: { -readonly [name in keyof Regions]: MaskPixels } = {};
  for (const [name, ref] of [
    ['drawn', drawn],
    ['now', now?.mask],
    ['next', next?.mask],
  ] as const) {
    const mask = ref == null ? null : blobs.maskOf(ref.hash);
    if (mask !== null) regions[name] = mask;
  }
  return regionInForce(regions);
}
