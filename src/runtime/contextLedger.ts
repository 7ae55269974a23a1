/** Which segments' keys and values lie in the cache, in order; the model holds the numbers themselves. */

export interface LedgerEntry {
  /** Equal keys mean equal tokens, so with an equal prefix before them equal keys and values. */
  readonly key: string;
  readonly tokens: number;
}

export interface ContextLedger {
  /** Keeps the longest prefix of `keys` that is cached, forgets the rest; returns its number of segments. */
  keepPrefix(keys: readonly string[]): number;
  /** To be called only once the segment's keys and values are complete in the cache. */
  append(entry: LedgerEntry): void;
  clear(): void;
}

export function createContextLedger(): ContextLedger {
  let entries: readonly LedgerEntry[] = [];
  return {
    keepPrefix(keys) {
      const difference = entries.findIndex((entry, index) => entry.key !== keys[index]);
      entries = difference === -1 ? entries : entries.slice(0, difference);
      return entries.length;
    },
    append(entry) {
      entries = [...entries, entry];
    },
    clear() {
      entries = [];
    },
  };
}
