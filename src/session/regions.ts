/** Regions as pixels: moving one, joining several, and which of them bounds an edit. */
import type { MaskPixels, Regions } from '../runtime/contract.ts';
import type { Move } from './document.ts';

export const leastScale = 0.1;
export const mostScale = 10;

/** Finer samples than this find nothing more at the smallest scale. */
const mostSamples = 15;

/**
 * `mask` moved inside its own frame, its soft edge with it; what leaves the frame is lost. Scales are held between
 * 0.1 and 10.
 */
export function transformMask(mask: MaskPixels, move: Move): MaskPixels {
  const { width, height, data } = mask;
  const { dx, dy, about } = move;
  const scale = Math.min(Math.max(move.scale, leastScale), mostScale);
  const angle = (move.angle * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  // A region made smaller is sampled between its pixels as well, so that thin parts of it stay.
  const samples = scale >= 1 ? 1 : Math.min(mostSamples, Math.ceil(1.5 / scale));
  const steps = Array.from({ length: samples }, (_, i) => (i + 0.5) / samples);
  const valueAt = (x: number, y: number): number => {
    const [fromX, fromY] = [x - dx - about.x, y - dy - about.y];
    const column = Math.floor(cos * fromX + sin * fromY + about.x);
    const row = Math.floor(cos * fromY - sin * fromX + about.y);
    const isOnFrame = column >= 0 && column < width && row >= 0 && row < height;
    return isOnFrame ? (data[row * width + column] ?? 0) : 0;
  };
  const moved = Uint8Array.from({ length: width * height }, (_, pixel) => {
    const [column, row] = [pixel % width, Math.floor(pixel / width)];
    return Math.max(...steps.flatMap((y) => steps.map((x) => valueAt(column + x, row + y))));
  });
  return { width, height, data: moved };
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The smallest box about all that the region touches, in pixels; null for an empty one. */
export function boxOf({ width, height, data }: MaskPixels): Rectangle | null {
  let [left, right, top, bottom] = [width, 0, height, 0];
  data.forEach((value, at) => {
    if (value === 0) return;
    const x = at % width;
    const y = (at - x) / width;
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  });
  return right === 0 ? null : { x: left, y: top, width: right - left, height: bottom - top };
}

/** Middle of that box; null for an empty region. */
export function middleOf(mask: MaskPixels): { readonly x: number; readonly y: number } | null {
  const box = boxOf(mask);
  return box === null ? null : { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

export function isEmptyRegion({ data }: MaskPixels): boolean {
  return data.every((value) => value === 0);
}

/** The strongest of them at each pixel; null when one of them is the whole picture (null), or there is none. */
export function unionOf(masks: readonly (MaskPixels | null)[]): MaskPixels | null {
  const [first] = masks;
  if (first === undefined || first === null) return null;
  const data = first.data.slice();
  for (const mask of masks) {
    if (mask === null) return null;
    mask.data.forEach((value, pixel) => {
      data[pixel] = Math.max(data[pixel] ?? 0, value);
    });
  }
  return { width: first.width, height: first.height, data };
}

/** Where an edit with these regions may change the picture; null when it may everywhere. The engine's own rule. */
export function regionInForce({ drawn, now, next }: Regions): MaskPixels | null {
  const stages = unionOf([now, next].filter((mask) => mask !== undefined));
  if (stages === null) return drawn ?? null;
  const data = stages.data.map((value, pixel) => (value > 127 ? (drawn?.data[pixel] ?? 255) : 0));
  return data.some((value) => value > 127) ? { ...stages, data } : (drawn ?? null);
}
