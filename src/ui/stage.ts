/** Which region of the line being written the tools draw on: the drawn one, or a stage that is being corrected. */
import type { MaskPixels } from '../runtime/contract.ts';
import type { Composer, PictureRef } from '../session/document.ts';
import { selectComposer } from '../session/selectors.ts';
import type { RegionStage } from '../session/stages.ts';
import type { Page } from './page.ts';

/** The region that the tools draw on, without a stage the drawn one; null when nothing is there yet. */
export function editedRegion({ regions }: Composer, stage: RegionStage | null): PictureRef | null {
  return stage === null ? regions.drawn : (regions[stage]?.mask ?? null);
}

/** The same as pixels, as the page is now. */
export function editedMask({ editor, view }: Page): MaskPixels | null {
  const ref = editedRegion(selectComposer(editor.state.getState()), view.getState().stage);
  return ref === null ? null : editor.actions.maskOf(ref.hash);
}

/** Puts `mask` in the place of the region that the tools draw on: one step of undo. */
export function setEditedMask({ editor, view }: Page, mask: MaskPixels | null): void {
  const { stage } = view.getState();
  if (stage === null) editor.actions.setMask(mask);
  else editor.actions.setRegion(stage, mask);
}
