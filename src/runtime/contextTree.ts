/** Which segments' keys and values lie in the cache, in order; the model holds the numbers themselves. */

export interface ContextLedger {
  /** Keeps the longest prefix of `keys` that is cached, forgets the rest; returns its number of segments. */
  keepPrefix(keys: readonly string[]): number;
  /** To be called only once the segment's keys and values are complete in the cache. */
  append(key: string): void;
}

/** Equal keys must mean equal tokens: with an equal prefix before them, keys and values are then equal too. */
export function createContextLedger(): ContextLedger {
  let cached: readonly string[] = [];
  return {
    keepPrefix(keys) {
      const difference = cached.findIndex((key, index) => key !== keys[index]);
      cached = difference === -1 ? cached : cached.slice(0, difference);
      return cached.length;
    },
    append(key) {
      cached = [...cached, key];
    },
  };
}
