/** What `qkNormRope` computes, in float64 and plain loops. */

export interface QkNormRopeReferenceInput {
  readonly tokens: number;
  readonly heads: number;
  readonly headDim: number;
  readonly epsilon: number;
  /** `[tokens, heads, headDim]`. */
  readonly q: ArrayLike<number>;
  readonly k: ArrayLike<number>;
  /** `[headDim]`. */
  readonly qWeight: ArrayLike<number>;
  readonly kWeight: ArrayLike<number>;
  /** `[tokens, headDim / 2]`. */
  readonly cos: ArrayLike<number>;
  readonly sin: ArrayLike<number>;
}

/** One of q or k, normalised and rotated: `[heads, tokens, headDim]`. */
function normaliseAndRotate(
  input: QkNormRopeReferenceInput,
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
): Float64Array {
  const { tokens, heads, headDim, epsilon, cos, sin } = input;
  const at = (values: ArrayLike<number>, index: number): number => values[index] ?? Number.NaN;
  const result = new Float64Array(heads * tokens * headDim);
  for (let head = 0; head < heads; head++) {
    for (let token = 0; token < tokens; token++) {
      const source = (token * heads + head) * headDim;
      const target = (head * tokens + token) * headDim;
      let squares = 0;
      for (let d = 0; d < headDim; d++) squares += at(x, source + d) ** 2;
      const root = Math.sqrt(squares / headDim + epsilon);
      for (let pair = 0; pair < headDim / 2; pair++) {
        const a = (at(x, source + 2 * pair) / root) * at(weight, 2 * pair);
        const b = (at(x, source + 2 * pair + 1) / root) * at(weight, 2 * pair + 1);
        const c = at(cos, (token * headDim) / 2 + pair);
        const s = at(sin, (token * headDim) / 2 + pair);
        result[target + 2 * pair] = a * c - b * s;
        result[target + 2 * pair + 1] = a * s + b * c;
      }
    }
  }
  return result;
}

/** `query` carries the softmax scale log2(e)/sqrt(headDim); both are `[heads, tokens, headDim]`. */
export function qkNormRopeReference(input: QkNormRopeReferenceInput): {
  readonly query: Float64Array;
  readonly key: Float64Array;
} {
  const scale = Math.LOG2E / Math.sqrt(input.headDim);
  const query = normaliseAndRotate(input, input.q, input.qWeight).map((value) => value * scale);
  return { query, key: normaliseAndRotate(input, input.k, input.kWeight) };
}
