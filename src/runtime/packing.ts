/** Lays the segments of a session out as tokens: where each starts, its 4D positions, its rotation tables. */
import type { ModelManifest } from './contract.ts';

/** One number for each of the axes s, t, h, w. */
type Axes = readonly [number, number, number, number];

/** `(s, t, h, w)` of one token. */
export type Position = Axes;

export type SegmentKind = 'text' | 'vision';

export interface PlacedSegment {
  readonly kind: SegmentKind;
  /** Index of its first token in the packed sequence. */
  readonly start: number;
  readonly tokens: number;
  /** `s` of its first token; an image or a mask has this one `s` for all its tokens. */
  readonly sequence: number;
  /** `t` of all its tokens. */
  readonly t: number;
}

/** cos and sin of every token and pair, `[tokens, headDim / 2]` row-major. */
export interface RotationTables {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/** Places segments one after another; `tokens` of a vision segment is the frame's token count. */
export function placeSegments(
  segments: readonly { readonly kind: SegmentKind; readonly tokens: number; readonly t?: number }[],
): readonly PlacedSegment[] {
  let start = 0;
  let sequence = 0;
  return segments.map(({ kind, tokens, t = 0 }) => {
    const placed = { kind, start, tokens, sequence, t };
    start += tokens;
    sequence += kind === 'text' ? tokens : 1;
    return placed;
  });
}

export function segmentPositions(segment: PlacedSegment, frame: ModelManifest['frame']): readonly Position[] {
  const { kind, sequence, t, tokens } = segment;
  if (kind === 'text') {
    return Array.from({ length: tokens }, (_, index) => [sequence + index, 0, 0, 0] as const);
  }
  const patchPixels = frame.latentDownsample * frame.patch;
  const columns = frame.width / patchPixels;
  const patches = Array.from({ length: tokens - 2 }, (_, index): Position => [
    sequence,
    t,
    Math.floor(index / columns) * patchPixels,
    (index % columns) * patchPixels,
  ]);
  const end: Position = [sequence, t, 0, 0];
  return [end, ...patches, end];
}

/**
 * theta of each axis. Frames that reach `scale` times as far as those of training turn NTK-aware: by
 * `theta * scale^(dims / (dims - 2))`, which leaves the fastest pair as it is and slows the slowest by `scale`.
 */
export function axisThetas({ architecture, frame }: Pick<ModelManifest, 'architecture' | 'frame'>): Axes {
  const { axisDims, ropeTheta } = architecture;
  const { width, height } = frame.trained ?? frame;
  const scales: Axes = [1, 1, frame.height / height, frame.width / width];
  const theta = (scale: number, dims: number): number =>
    dims > 2 ? ropeTheta * Math.max(1, scale) ** (dims / (dims - 2)) : ropeTheta;
  const [s, t, h, w] = axisDims;
  return [theta(scales[0], s), theta(scales[1], t), theta(scales[2], h), theta(scales[3], w)];
}

/** Angles in float64, rounded once to float32: kernels never compute sin or cos themselves. */
export function rotationTables(positions: readonly Position[], axisDims: Axes, thetas: Axes): RotationTables {
  const frequencies = axisDims.map((dims, axis) => {
    const pairs = dims / 2;
    return Array.from({ length: pairs }, (_, index) => (thetas[axis] ?? 1) ** (-index / pairs));
  });
  const angles = positions.flatMap((position) =>
    frequencies.flatMap((axis, index) => axis.map((frequency) => (position[index] ?? 0) * frequency)),
  );
  return { cos: Float32Array.from(angles, Math.cos), sin: Float32Array.from(angles, Math.sin) };
}

/** The tables of a segment's own tokens. */
export function segmentRotation(
  segment: PlacedSegment,
  manifest: Pick<ModelManifest, 'architecture' | 'frame'>,
): RotationTables {
  const positions = segmentPositions(segment, manifest.frame);
  return rotationTables(positions, manifest.architecture.axisDims, axisThetas(manifest));
}
