/** What `composite` computes, in float64 and plain loops. */

export interface CompositeReferenceInput {
  readonly width: number;
  readonly height: number;
  readonly limits: { readonly keptBelow: number; readonly takenFrom: number } | undefined;
  /** `[3, height, width]`. */
  readonly planar: ArrayLike<number>;
  /** RGBA bytes. */
  readonly unedited: ArrayLike<number>;
  readonly earlier: ArrayLike<number>;
  /** One byte per pixel; absent where no region bounds the new picture. */
  readonly mask: ArrayLike<number> | undefined;
}

/** The decoded picture as bytes, and the picture to show before its numbers were rounded to bytes; RGB, `[height * width * 3]`. */
export function compositeReference(input: CompositeReferenceInput): {
  readonly made: Float64Array;
  readonly shown: Float64Array;
} {
  const { width, height, limits, planar, unedited, earlier, mask } = input;
  const area = width * height;
  const at = (values: ArrayLike<number>, index: number): number => values[index] ?? Number.NaN;
  const bytes = Uint8ClampedArray.from({ length: 3 * area }, (_, i) => {
    return (at(planar, (i % 3) * area + Math.floor(i / 3)) + 1) * 127.5;
  });
  /** Every value of the square of `radius` about a pixel; the edge is repeated outwards. */
  const around = (pixel: number, radius: number, value: (pixel: number) => number): readonly number[] => {
    const values: number[] = [];
    const inside = (place: number, size: number): number => Math.min(size - 1, Math.max(0, place));
    for (let y = -radius; y <= radius; y++) {
      for (let x = -radius; x <= radius; x++) {
        const row = inside(Math.floor(pixel / width) + y, height);
        values.push(value(row * width + inside((pixel % width) + x, width)));
      }
    }
    return values;
  };
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const difference = (pixel: number): number =>
    Math.max(...[0, 1, 2].map((c) => Math.abs(at(bytes, pixel * 3 + c) - at(unedited, pixel * 4 + c))));
  const all = Array.from({ length: area }, (_, pixel) => pixel);
  const { keptBelow, takenFrom } = limits ?? { keptBelow: 0, takenFrom: 1 };
  const ramp = all.map((pixel) => (mean(around(pixel, 2, difference)) - keptBelow) / (takenFrom - keptBelow));
  const bounded = ramp.map((weight) => Math.min(1, Math.max(0, weight)));
  const spread = all.map((pixel) => Math.max(...around(pixel, 4, (near) => at(bounded, near))));
  const shown = Float64Array.from({ length: 3 * area }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const before = at(earlier, pixel * 4 + (i % 3));
    const weight = limits === undefined ? 1 : mean(around(pixel, 4, (near) => at(spread, near)));
    const kept = before + (at(bytes, i) - before) * weight;
    if (mask === undefined) return kept;
    return before + (Math.floor(kept + 0.5) - before) * (at(mask, pixel) / 255);
  });
  return { made: Float64Array.from(bytes), shown };
}
