/** The border of a region as an SVG path in frame pixels, smoothed by less than a pixel so that no stairs show. */
import type { MaskPixels } from '../../runtime/contract.ts';

type Loop = readonly (readonly [number, number])[];

const STEPS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

/**
 * Closed loops along pixel edges about the pixels of value `least` or more, which lie to the right of the direction of
 * travel. Runs on every movement of a stroke, hence the plain loops.
 */
export function traceLoops(mask: MaskPixels, least = 1): Loop[] {
  const { width, height, data } = mask;
  const stride = width + 1;
  // Bit d of a corner: an edge leaves it in direction STEPS[d].
  const edges = new Uint8Array(stride * (height + 1));
  const add = (corner: number, direction: number): void => {
    edges[corner] = (edges[corner] ?? 0) | (1 << direction);
  };
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * width + x;
      if ((data[at] ?? 0) < least) continue;
      const corner = y * stride + x;
      if (y === 0 || (data[at - width] ?? 0) < least) add(corner, 0);
      if (x === width - 1 || (data[at + 1] ?? 0) < least) add(corner + 1, 1);
      if (y === height - 1 || (data[at + width] ?? 0) < least) add(corner + stride + 1, 2);
      if (x === 0 || (data[at - 1] ?? 0) < least) add(corner + stride, 3);
    }
  }
  const loops: Loop[] = [];
  for (let start = 0; start < edges.length; start += 1) {
    while (edges[start] !== 0) {
      const loop: [number, number][] = [];
      let corner = start;
      let direction = Math.log2((edges[start] ?? 0) & -(edges[start] ?? 0));
      do {
        edges[corner] = (edges[corner] ?? 0) & ~(1 << direction);
        loop.push([corner % stride, Math.floor(corner / stride)]);
        const [dx, dy] = STEPS[direction] ?? STEPS[0];
        corner += dy * stride + dx;
        // Right turn first, so that two pixels that touch at a corner stay two loops.
        const here = edges[corner] ?? 0;
        const turn = [1, 0, 3].find((offset) => here & (1 << ((direction + offset) % 4)));
        direction = (direction + (turn ?? 0)) % 4;
      } while (corner !== start);
      loops.push(loop);
    }
  }
  return loops;
}

/** `d` of a path to be filled with `fill-rule: evenodd`; empty for an empty region. */
export function outlinePath(mask: MaskPixels, least = 1): string {
  return traceLoops(mask, least)
    .map((loop) => {
      const middles = loop.map(([x, y], index) => {
        const [nextX, nextY] = loop[(index + 1) % loop.length] ?? [x, y];
        return [(x + nextX) / 2, (y + nextY) / 2] as const;
      });
      const smooth = smoothed(middles, SMOOTHING);
      const kept = smooth.filter(
        (point, index) => !isStraight(smooth.at(index - 1) ?? point, point, after(smooth, index)),
      );
      return `M${kept.map(([x, y]) => `${round(x)} ${round(y)}`).join('L')}Z`;
    })
    .join('');
}

/** Passes of the smoothing; with six a stroke looks round and a corner still reads as a corner. */
const SMOOTHING = 6;

function after(loop: Loop, index: number): readonly [number, number] {
  return loop[(index + 1) % loop.length] ?? [0, 0];
}

/** Each pass moves every point halfway to the middle of its neighbours; tiny loops would shrink away. */
function smoothed(loop: Loop, passes: number): Loop {
  if (passes === 0 || loop.length < 12) return loop;
  const next = loop.map(([x, y], index) => {
    const [beforeX, beforeY] = loop.at(index - 1) ?? [x, y];
    const [afterX, afterY] = after(loop, index);
    return [(beforeX + 2 * x + afterX) / 4, (beforeY + 2 * y + afterY) / 4] as const;
  });
  return smoothed(next, passes - 1);
}

function isStraight(
  a: readonly [number, number],
  b: readonly [number, number],
  c: readonly [number, number],
): boolean {
  return Math.abs((b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])) < 1e-9;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
