import { useId, useMemo } from 'react';

import type { MaskPixels } from '../../runtime/contract.ts';
import type { Rectangle } from './maskTool.ts';
import { outlinePath } from './outline.ts';
import type { Point, Viewport } from './viewport.ts';

interface RegionOverlayProps {
  readonly frame: { readonly width: number; readonly height: number };
  readonly viewport: Viewport;
  /** Screen pixels for one frame pixel. */
  readonly scale: number;
  readonly mask: MaskPixels | null;
  /** While an edit runs only the line stays. */
  readonly isFilled: boolean;
  readonly rectangle: Rectangle | null;
  readonly ring: { readonly at: Point; readonly radius: number } | null;
}

/** The region, drawn in two tones that hold on any picture; stripes and lines keep their screen size. */
export function RegionOverlay({
  frame,
  viewport,
  scale,
  mask,
  isFilled,
  rectangle,
  ring,
}: RegionOverlayProps) {
  const hatch = useId();
  const outline = useMemo(() => (mask === null ? '' : outlinePath(mask)), [mask]);
  const { zoom, u, v } = viewport;
  const box = [u * frame.width, v * frame.height, frame.width / zoom, frame.height / zoom].join(' ');
  return (
    <svg className="region-overlay" viewBox={box} preserveAspectRatio="none" aria-hidden="true">
      <defs>
        <pattern
          id={hatch}
          width="9"
          height="9"
          patternUnits="userSpaceOnUse"
          patternTransform={`scale(${1 / Math.max(scale, 1e-3)}) rotate(45)`}
        >
          <path className="hatch-tint" d="M0 0h9v9H0z" />
          <path className="hatch-light" d="M0 0h2.6v9H0z" />
          <path className="hatch-dark" d="M2.6 0h1.1v9H2.6z" />
        </pattern>
      </defs>
      {outline !== '' && (
        <>
          {isFilled && <path d={outline} fill={`url(#${hatch})`} fillRule="evenodd" />}
          <path className="line-light" d={outline} />
          <path className="line-dark" d={outline} />
        </>
      )}
      {rectangle !== null && (
        <>
          <rect className="line-light" {...rectangle} />
          <rect className="line-dark is-dashed" {...rectangle} />
        </>
      )}
      {ring !== null && (
        <>
          <circle className="line-light" cx={ring.at.x} cy={ring.at.y} r={ring.radius} />
          <circle className="line-dark" cx={ring.at.x} cy={ring.at.y} r={ring.radius} />
        </>
      )}
    </svg>
  );
}
