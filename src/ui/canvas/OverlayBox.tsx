import type { ReactNode } from 'react';

import { viewBoxOf, type Viewport } from './viewport.ts';

interface OverlayBoxProps {
  readonly frame: { readonly width: number; readonly height: number };
  readonly viewport: Viewport;
  readonly isFaint?: boolean;
  readonly children: ReactNode;
}

/** What is drawn over the picture, in pixels of the picture. Words beside it say the same. */
export function OverlayBox({ frame, viewport, isFaint = false, children }: OverlayBoxProps) {
  return (
    <svg
      className={isFaint ? 'region-overlay is-faint' : 'region-overlay'}
      viewBox={viewBoxOf(viewport, frame)}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}
