import { useId, useMemo } from 'react';

import type { MaskPixels } from '../../../runtime/contract.ts';
import { selectComposer } from '../../../session/selectors.ts';
import type { RegionStage } from '../../../session/stages.ts';
import { useEditor, usePage } from '../../page.ts';
import { HALF } from '../maskPixels.ts';
import { outlinePath } from '../outline.ts';
import { OverlayBox } from '../OverlayBox.tsx';
import { Hatch, Tint, TwoTone } from '../RegionOverlay.tsx';
import type { Viewport } from '../viewport.ts';

interface ShapeProps {
  readonly stage: RegionStage;
  readonly mask: MaskPixels;
  /** Screen pixels for one frame pixel. */
  readonly scale: number;
}

/** A region of a stage, to stand in an `<svg>` in frame pixels. */
export function StageShape({ stage, mask, scale }: ShapeProps) {
  const id = useId();
  const outline = useMemo(() => outlinePath(mask, HALF), [mask]);
  return (
    <>
      <Hatch id={id} scale={scale} slant={stage === 'now' ? 45 : -45}>
        <Tint kind={stage} />
      </Hatch>
      <path d={outline} fill={`url(#${id})`} fillRule="evenodd" />
      <TwoTone as="path" d={outline} />
    </>
  );
}

/** The pixels of a stage of the line being written; null while there are none. */
export function useStageMask(stage: RegionStage): MaskPixels | null {
  const { editor } = usePage();
  const hash = useEditor((state) => selectComposer(state).regions[stage]?.mask.hash);
  return useMemo(() => (hash === undefined ? null : editor.actions.maskOf(hash)), [editor, hash]);
}

interface StageOverlaysProps {
  readonly frame: { readonly width: number; readonly height: number };
  readonly viewport: Viewport;
  readonly scale: number;
}

/** Both regions of the line being written on the picture, while none of them is drawn on or moved. */
export function StageOverlays({ frame, viewport, scale }: StageOverlaysProps) {
  const now = useStageMask('now');
  const next = useStageMask('next');
  if (now === null && next === null) return null;
  return (
    <OverlayBox frame={frame} viewport={viewport}>
      {now !== null && <StageShape stage="now" mask={now} scale={scale} />}
      {next !== null && <StageShape stage="next" mask={next} scale={scale} />}
    </OverlayBox>
  );
}
