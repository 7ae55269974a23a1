/** What changed between two stored pictures, measured once for each pair. */
import { useMemo } from 'react';

import type { MaskPixels, Pixels } from '../../runtime/contract.ts';
import type { PictureRef, Turn } from '../../session/document.ts';
import { boundsOf } from '../../session/measuring.ts';
import { usePage } from '../page.ts';
import { differenceMap, measureDifference, type Difference } from './difference.ts';

/** Null while one of them is not to be had, or they differ in size. */
function usePair(before: PictureRef | null, after: PictureRef | null): readonly [Pixels, Pixels] | null {
  const { editor } = usePage();
  return useMemo(() => {
    if (before === null || after === null) return null;
    const [a, b] = [editor.actions.pixelsOf(before.hash), editor.actions.pixelsOf(after.hash)];
    return a === null || b === null || a.width !== b.width || a.height !== b.height ? null : [a, b];
  }, [editor, before, after]);
}

/** Where the turn could change the picture, by all of its regions; null when it could everywhere. */
export function useRegionInForce(turn: Turn | null): MaskPixels | null {
  const { editor } = usePage();
  const regions = turn?.regions;
  return useMemo(() => (regions === undefined ? null : boundsOf(regions, editor.actions)), [editor, regions]);
}

export function useDifference(
  before: PictureRef | null,
  after: PictureRef | null,
  region: MaskPixels | null,
): Difference | null {
  const pair = usePair(before, after);
  return useMemo(() => pair && measureDifference(...pair, region ?? undefined), [pair, region]);
}

export function useDifferenceMap(before: PictureRef | null, after: PictureRef | null): Pixels | null {
  const pair = usePair(before, after);
  return useMemo(() => pair && differenceMap(...pair), [pair]);
}
