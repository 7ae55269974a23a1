/** What a new picture is measured against: the one that was edited and the first one of its branch. */
import type { MaskPixels, Regions } from '../runtime/contract.ts';
import type { BlobBag } from './blobs.ts';
import { historyOf } from './contextItems.ts';
import {
  type PictureRef,
  type RegionRefs,
  type SessionDocument,
  type TurnId,
  type TurnResult,
  pathTo,
} from './document.ts';
import { measureDrift } from './drift.ts';
import { regionInForce, unionOf } from './regions.ts';

/** Null for the first picture of a branch, and where a picture is missing or of another size. */
export function driftOf(
  document: SessionDocument,
  turnId: TurnId,
  made: PictureRef,
  blobs: BlobBag,
): NonNullable<TurnResult['drift']> | null {
  const edited = historyOf(document, turnId).findLast((item) => item.kind === 'image');
  const path = pathTo(document, turnId);
  const [first] = path;
  const start =
    document.root.kind !== 'words'
      ? document.root.frame
      : first?.state.status === 'done'
        ? first.state.result.frame
        : null;
  if (edited === undefined || start === null) return null;
  const after = blobs.pixelsOf(made.hash);
  const [before, original] = [edited.frame, start].map(({ hash }) => blobs.pixelsOf(hash));
  if (after === null || before == null || original == null) return null;
  const isOneSize = [before, original].every(
    ({ width, height }) => width === after.width && height === after.height,
  );
  if (!isOneSize) return null;
  // The first picture of a session from words is what the others are held against.
  const since = document.root.kind === 'words' ? path.slice(1) : path;
  const regions = since.map((turn) => boundsOf(turn.regions, blobs));
  return {
    step: measureDrift(before, after, regions.at(-1) ?? null),
    original: measureDrift(original, after, unionOf(regions)),
  };
}

/** The region in force of one turn; null for the whole picture. */
export function boundsOf({ drawn, now, next }: RegionRefs, blobs: BlobBag): MaskPixels | null {
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
