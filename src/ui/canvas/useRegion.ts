import { useMemo } from 'react';

import type { MaskPixels } from '../../runtime/contract.ts';
import type { PictureRef } from '../../session/document.ts';
import { selectComposer, selectShownFrame } from '../../session/selectors.ts';
import { useEditor, usePage, useView } from '../page.ts';
import { editedRegion } from '../stage.ts';
import { emptyMask } from './maskPixels.ts';

interface Region {
  readonly frame: PictureRef;
  /** Null while nothing is drawn. */
  readonly drawn: MaskPixels | null;
  /** What is drawn, or the empty region of the same size to draw on. */
  readonly mask: MaskPixels;
}

/** The region of the line being written; null while there is no picture to draw on. */
export function useRegion(): Region | null {
  const { editor } = usePage();
  const stage = useView((state) => state.stage);
  const ref = useEditor((state) => editedRegion(selectComposer(state), stage));
  const frame = useEditor(selectShownFrame);
  return useMemo(() => {
    if (frame === null) return null;
    const drawn = ref === null ? null : editor.actions.maskOf(ref.hash);
    return { frame, drawn, mask: drawn ?? emptyMask(frame.width, frame.height) };
  }, [editor, ref, frame]);
}
