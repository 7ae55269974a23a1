/**
 * Which segments' keys and values are kept: a tree of histories, because those of a segment depend on everything before
 * it, laid out over one pool of slots. The model holds the numbers themselves.
 */
import { EngineError } from './contract.ts';
import { failure } from './failures.ts';

/** Slots of the pool from `start` up to, not including, `end`: one per token. */
export interface SlotRange {
  readonly start: number;
  readonly end: number;
}

/** A new layout of the pool: whatever is not moved is forgotten. */
export interface PoolLayout {
  readonly capacity: number;
  readonly moves: readonly { readonly from: SlotRange; readonly to: SlotRange }[];
}

export interface ContextTree {
  /** Makes the longest prefix of `keys` that is kept the path in use; returns its number of segments. */
  follow(keys: readonly string[]): number;
  /** Slots of the segments on the path in use, in order; void after the next `reserve`. */
  path(): readonly SlotRange[];
  /**
   * Room for the segment behind the path, until the next call: drops the ends of histories that were not used for
   * longest, never the path. Throws 'unsupported' when the path leaves no room, and what `relocate` throws.
   */
  reserve(tokens: number): Promise<SlotRange>;
  /** Keeps nothing of what is kept: its numbers may be wrong. */
  clear(): void;
  /** Puts the reserved segment onto the path; only once its keys and values are complete. */
  append(key: string, slots: SlotRange): void;
}

interface Node {
  readonly key: string;
  readonly parent: Node | undefined;
  readonly children: Map<string, Node>;
  slots: SlotRange;
  /** Number of the turn that saw it last. */
  usedIn: number;
}

const FIRST_CAPACITY = 1024;

/**
 * `maxTokens` is the memory budget. Equal keys must mean equal tokens: behind an equal path, positions, keys and values
 * are then equal too. `relocate` lays the model's pool out anew and must leave it as it was when it rejects.
 */
export function createContextTree(
  maxTokens: number,
  relocate: (layout: PoolLayout) => Promise<void>,
): ContextTree {
  const root = new Map<string, Node>();
  const nodes = new Set<Node>();
  let path: readonly Node[] = [];
  let turn = 0;
  let capacity = 0;
  let limit = maxTokens;

  const usedSlots = (): number => Array.from(nodes, ({ slots }) => sizeOf(slots)).reduce((a, b) => a + b, 0);

  function evictOldest(): boolean {
    let oldest: Node | undefined;
    for (const node of nodes) {
      const isKept = node.children.size > 0 || path.includes(node);
      if (!isKept && (oldest === undefined || node.usedIn < oldest.usedIn)) oldest = node;
    }
    if (oldest === undefined) return false;
    (oldest.parent?.children ?? root).delete(oldest.key);
    nodes.delete(oldest);
    return true;
  }

  function findGap(tokens: number): SlotRange | undefined {
    let start = 0;
    for (const { slots } of Array.from(nodes).toSorted((a, b) => a.slots.start - b.slots.start)) {
      if (slots.start - start >= tokens) break;
      start = slots.end;
    }
    return start + tokens <= capacity ? { start, end: start + tokens } : undefined;
  }

  /** Packs all that is kept without gaps into `larger` slots. */
  async function layOut(larger: number): Promise<void> {
    let end = 0;
    const moves = Array.from(nodes, (node) => {
      const start = end;
      end += sizeOf(node.slots);
      return { node, from: node.slots, to: { start, end } };
    });
    await relocate({ capacity: larger, moves: moves.map(({ from, to }) => ({ from, to })) });
    for (const { node, to } of moves) node.slots = to;
    capacity = larger;
  }

  return {
    follow(keys) {
      turn++;
      const found: Node[] = [];
      let children = root;
      for (const key of keys) {
        const node = children.get(key);
        if (node === undefined) break;
        node.usedIn = turn;
        found.push(node);
        ({ children } = node);
      }
      path = found;
      return path.length;
    },

    path: () => path.map(({ slots }) => slots),

    async reserve(tokens) {
      for (;;) {
        while (usedSlots() + tokens > limit) {
          if (!evictOldest()) throw tooLong(usedSlots() + tokens, limit);
        }
        const gap = findGap(tokens);
        if (gap !== undefined) return gap;
        const needed = usedSlots() + tokens;
        const grown = Math.min(limit, Math.max(needed, 2 * capacity, FIRST_CAPACITY));
        try {
          await layOut(needed <= capacity ? capacity : grown);
        } catch (error) {
          if (!(error instanceof EngineError) || error.code !== 'unsupported') throw error;
          // The device has less memory than the budget: the pool stays as large as it is, and fewer histories share it.
          if (capacity > 0 && limit > capacity) limit = capacity;
          else if (!evictOldest()) throw error;
        }
      }
    },

    clear() {
      root.clear();
      nodes.clear();
      path = [];
    },

    append(key, slots) {
      const parent = path.at(-1);
      const node = { key, parent, children: new Map<string, Node>(), slots, usedIn: turn };
      (parent?.children ?? root).set(key, node);
      nodes.add(node);
      path = [...path, node];
    },
  };
}

export function sizeOf({ start, end }: SlotRange): number {
  return end - start;
}

function tooLong(tokens: number, limit: number): EngineError {
  return failure('session-too-long', { tokens, most: limit });
}
