/** What `attention` computes, in float64 and plain loops, with all scores of a query held at once. */

export interface AttentionReferenceInput {
  readonly queries: number;
  readonly heads: number;
  readonly headDim: number;
  readonly capacity: number;
  /** `[heads, queries, headDim]`, with log2(e)/sqrt(headDim) in it. */
  readonly query: ArrayLike<number>;
  /** `[heads, capacity, headDim]`. */
  readonly keyCache: ArrayLike<number>;
  readonly valueCache: ArrayLike<number>;
  /** Cache slots that a query sees. */
  readonly visibleSlots: (query: number) => readonly number[];
}

/** `[queries, heads * headDim]`; a query that sees nothing gets zeros. */
export function attentionReference(input: AttentionReferenceInput): Float64Array {
  const { queries, heads, headDim, capacity } = input;
  const at = (values: ArrayLike<number>, index: number): number => values[index] ?? Number.NaN;
  const output = new Float64Array(queries * heads * headDim);
  for (let query = 0; query < queries; query++) {
    const slots = input.visibleSlots(query);
    for (let head = 0; head < heads; head++) {
      const scores: number[] = [];
      for (const slot of slots) {
        let score = 0;
        for (let d = 0; d < headDim; d++) {
          score +=
            at(input.query, (head * queries + query) * headDim + d) *
            at(input.keyCache, (head * capacity + slot) * headDim + d);
        }
        scores.push(score);
      }
      const maximum = scores.reduce((highest, score) => Math.max(highest, score), Number.NEGATIVE_INFINITY);
      const weights = scores.map((score) => 2 ** (score - maximum));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      for (const [index, slot] of slots.entries()) {
        const weight = at(weights, index) / sum;
        for (let d = 0; d < headDim; d++) {
          const target = (query * heads + head) * headDim + d;
          output[target] =
            at(output, target) + weight * at(input.valueCache, (head * capacity + slot) * headDim + d);
        }
      }
    }
  }
  return output;
}
