import { useId, useMemo, type ReactNode } from 'react';

import type { MaskPixels } from '../../runtime/contract.ts';
import type { Move } from '../../session/document.ts';
import type { Rectangle } from '../../session/regions.ts';
import { handlePlaces, middleAfter } from './dragTool.ts';
import { HALF } from './maskPixels.ts';
import { outlinePath } from './outline.ts';
import { OverlayBox } from './OverlayBox.tsx';
import { Hatch, Tint, TwoTone } from './RegionOverlay.tsx';
import type { Viewport } from './viewport.ts';

interface DragOverlayProps {
  readonly frame: { readonly width: number; readonly height: number };
  readonly viewport: Viewport;
  /** Screen pixels for one frame pixel. */
  readonly scale: number;
  /** The region as it is, and its box. */
  readonly mask: MaskPixels;
  readonly box: Rectangle;
  readonly move: Move;
  /** Address of the picture, whose pixels go along under the stripes; null when it is not to be had. */
  readonly picture: string | null;
  readonly hasHandles: boolean;
}

/** Screen pixels. */
export const STALK = 26;
const HANDLE = 9;

const points = (places: readonly { readonly x: number; readonly y: number }[]): string =>
  places.map(({ x, y }) => `${x},${y}`).join(' ');

/** The old place in grey and dashed, the way from it, and the new place with its pixels and handles. */
export function DragOverlay(props: DragOverlayProps) {
  const { frame, viewport, scale, mask, box, move, picture, hasHandles } = props;
  const id = useId();
  const outline = useMemo(() => outlinePath(mask, HALF), [mask]);
  const { dx, dy, about, angle } = move;
  const isMoved = dx !== 0 || dy !== 0 || angle !== 0 || move.scale !== 1;
  const transform = `translate(${about.x + dx} ${about.y + dy}) rotate(${angle}) scale(${move.scale}) translate(${-about.x} ${-about.y})`;
  return (
    <OverlayBox frame={frame} viewport={viewport}>
      <Hatch id={`${id}old`} scale={scale} slant={45}>
        <path className="ghost-dark" d="M0 0h9v9H0z" />
        <path className="ghost-light" d="M0 0h2.6v9H0z" />
      </Hatch>
      {/* The group is scaled with the region, its stripes are not. */}
      <Hatch id={`${id}new`} scale={scale * move.scale} slant={-45 - angle}>
        <Tint kind="next" />
      </Hatch>
      <clipPath id={`${id}clip`}>
        <path d={outline} clipRule="evenodd" />
      </clipPath>
      {isMoved && (
        <>
          <path d={outline} fill={`url(#${id}old)`} fillRule="evenodd" />
          <TwoTone as="path" d={outline} isDashed />
          <Way from={about} to={middleAfter(move)} />
        </>
      )}
      <g transform={transform}>
        {isMoved && picture !== null && (
          <image href={picture} width={frame.width} height={frame.height} clipPath={`url(#${id}clip)`} />
        )}
        <path d={outline} fill={`url(#${id}new)`} fillRule="evenodd" opacity={0.5} />
        <TwoTone as="path" d={outline} />
      </g>
      {hasHandles && <Handles box={box} move={move} scale={scale} />}
    </OverlayBox>
  );
}

/** A dotted bow from the old middle to the new one. */
function Way({ from, to }: { readonly from: Move['about']; readonly to: Move['about'] }) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const bend = { x: from.x + dx / 2 + dy * 0.15, y: from.y + dy / 2 - Math.abs(dx) * 0.15 };
  const d = `M${from.x} ${from.y}Q${bend.x} ${bend.y} ${to.x} ${to.y}`;
  return (
    <g className="drag-way">
      <path className="line-light" d={d} />
      <path className="line-dark" d={d} />
    </g>
  );
}

function Handles({ box, move, scale }: Pick<DragOverlayProps, 'box' | 'move' | 'scale'>) {
  const { corners, scale: places, turn, top } = handlePlaces(box, move, STALK / scale);
  const size = HANDLE / scale;
  const square = ({ x, y }: { readonly x: number; readonly y: number }): ReactNode => (
    <rect
      key={`${x} ${y}`}
      className="drag-handle"
      x={x - size / 2}
      y={y - size / 2}
      width={size}
      height={size}
      transform={`rotate(${move.angle} ${x} ${y})`}
    />
  );
  return (
    <>
      <TwoTone as="polyline" points={points([...corners, ...corners.slice(0, 1)])} />
      <TwoTone as="polyline" points={points([top, turn])} />
      {places.map(square)}
      <circle className="drag-handle" cx={turn.x} cy={turn.y} r={(size * 8) / 9} />
    </>
  );
}
