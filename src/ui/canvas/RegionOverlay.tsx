import { useId, useMemo, type ReactNode } from 'react';

import type { MaskPixels } from '../../runtime/contract.ts';
import type { Rectangle } from '../../session/regions.ts';
import type { Overlay } from '../settings.ts';
import { HALF } from './maskPixels.ts';
import { outlinePath } from './outline.ts';
import { OverlayBox } from './OverlayBox.tsx';
import type { Point, Viewport } from './viewport.ts';

interface RegionOverlayProps {
  readonly frame: { readonly width: number; readonly height: number };
  readonly viewport: Viewport;
  /** Screen pixels for one frame pixel. */
  readonly scale: number;
  readonly overlay: Overlay;
  readonly kind?: 'now' | 'next';
  readonly mask: MaskPixels | null;
  /** While an edit runs only the line stays. */
  readonly isFilled: boolean;
  readonly rectangle: Rectangle | null;
  /** Of a lasso that is not closed yet, to the cursor. */
  readonly path: readonly Point[] | null;
  readonly ring: { readonly at: Point; readonly radius: number } | null;
}

/** The region, drawn in two tones that hold on any picture; stripes and lines keep their screen size. */
export function RegionOverlay({
  frame,
  viewport,
  scale,
  overlay,
  kind = 'now',
  mask,
  isFilled,
  rectangle,
  path,
  ring,
}: RegionOverlayProps) {
  const hatch = useId();
  const outline = useMemo(() => (mask === null ? '' : outlinePath(mask, HALF)), [mask]);
  const reach = useMemo(() => {
    const isSoft = mask?.data.some((value) => value > 0 && value < HALF) ?? false;
    return mask === null || !isSoft ? '' : outlinePath(mask);
  }, [mask]);
  const lasso = path?.map(({ x, y }) => `${x},${y}`).join(' ');
  const [corner] = path ?? [];
  return (
    <OverlayBox frame={frame} viewport={viewport}>
      <RegionHatch id={hatch} overlay={overlay} kind={kind} scale={scale} />
      {outline !== '' && (
        <>
          {isFilled && overlay.pattern !== 'line' && (
            <path className="region-fill" d={outline} fill={`url(#${hatch})`} fillRule="evenodd" />
          )}
          {reach !== '' && <TwoTone as="path" d={reach} isDashed />}
          <TwoTone as="path" d={outline} />
        </>
      )}
      {rectangle !== null && <TwoTone as="rect" {...rectangle} isDashed />}
      {lasso !== undefined && <TwoTone as="polyline" points={lasso} />}
      {corner !== undefined && <TwoTone as="circle" cx={corner.x} cy={corner.y} r={4 / scale} />}
      {ring !== null && <TwoTone as="circle" cx={ring.at.x} cy={ring.at.y} r={ring.radius} />}
    </OverlayBox>
  );
}

type TwoToneProps = { readonly isDashed?: boolean } & (
  | { readonly as: 'path'; readonly d: string }
  | ({ readonly as: 'rect' } & Rectangle)
  | { readonly as: 'polyline'; readonly points: string }
  | { readonly as: 'circle'; readonly cx: number; readonly cy: number; readonly r: number }
);

/** A light line under a dark one: over every colour one of the two stands out. */
export function TwoTone({ as: Shape, isDashed = false, ...shape }: TwoToneProps) {
  return (
    <>
      <Shape className="line-light" {...shape} />
      <Shape className={isDashed ? 'line-dark is-dashed' : 'line-dark'} {...shape} />
    </>
  );
}

interface HatchProps {
  readonly id: string;
  /** Screen pixels for one unit of the drawing, so that the stripes keep their size. */
  readonly scale: number;
  /** 45 leans like a slash, -45 like a backslash. */
  readonly slant: number;
  /** One tile of 9 by 9 screen pixels, the stripes upright in it. */
  readonly children: ReactNode;
}

/** Kind is told by slant and not by colour: a slash for the region as it is, a backslash for the one as it will be. */
export function Hatch({ id, scale, slant, children }: HatchProps) {
  return (
    <defs>
      <pattern
        id={id}
        width="9"
        height="9"
        patternUnits="userSpaceOnUse"
        patternTransform={`scale(${1 / Math.max(scale, 1e-3)}) rotate(${slant})`}
      >
        {children}
      </pattern>
    </defs>
  );
}

/** One stripe of a tile: a light band and its dark border. */
function Stripe() {
  return (
    <>
      <path className="hatch-light" d="M0 0h2.6v9H0z" />
      <path className="hatch-dark" d="M2.6 0h1.1v9H2.6z" />
    </>
  );
}

/** A tile in the colour of a region as it is or as it will be, striped. */
export function Tint({ kind }: { readonly kind: 'now' | 'next' }) {
  const ink = kind === 'now' ? 'minium' : 'lapis';
  return (
    <>
      <path className={`hatch-tint is-${ink}`} d="M0 0h9v9H0z" fillOpacity={FULL_STRIPES} />
      <Stripe />
    </>
  );
}

interface RegionHatchProps {
  readonly id: string;
  readonly overlay: Overlay;
  readonly kind: 'now' | 'next';
  readonly scale: number;
}

/** Below this opacity the stripes pale with the colour, down to nothing. */
const FULL_STRIPES = 0.34;

function RegionHatch({ id, overlay, kind, scale }: RegionHatchProps) {
  const { pattern, opacity } = overlay;
  const ink = kind === 'next' ? 'lapis' : overlay.ink;
  return (
    <Hatch id={id} scale={scale} slant={kind === 'next' ? -45 : 45}>
      <path className={`hatch-tint is-${ink}`} d="M0 0h9v9H0z" fillOpacity={opacity} />
      {pattern === 'stripes' && (
        <g opacity={Math.min(opacity / FULL_STRIPES, 1)}>
          <Stripe />
        </g>
      )}
    </Hatch>
  );
}
