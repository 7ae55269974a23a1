/** What changed between two stored pictures, measured once for each pair. */
import { useMemo } from 'react';

import type { Pixels } from '../../runtime/contract.ts';
import type { PictureRef } from '../../session/document.ts';
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

export function useDifference(
  before: PictureRef | null,
  after: PictureRef | null,
  mask: PictureRef | null,
): Difference | null {
  const { editor } = usePage();
  const pair = usePair(before, after);
  return useMemo(() => {
    const region = mask === null ? null : editor.actions.maskOf(mask.hash);
    return pair && measureDifference(...pair, region ?? undefined);
  }, [editor, pair, mask]);
}

export function useDifferenceMap(before: PictureRef | null, after: PictureRef | null): Pixels | null {
  const pair = usePair(before, after);
  return useMemo(() => pair && differenceMap(...pair), [pair]);
}
