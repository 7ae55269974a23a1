/** How soon an edit ends once it is cancelled, at moments spread over the whole of it. */
import type { EditRequest, Engine } from '../contract.ts';
import type { Clock } from './timing.ts';
import { median } from './timing.ts';

/** Milliseconds from the cancel to the rejection. */
export interface CancelReport {
  readonly median: number;
  readonly worst: number;
  /** The longest that one graph took: an edit cannot end sooner than the graph that runs. */
  readonly longestGraph: number;
}

export interface CancelBench {
  readonly engine: Engine;
  /** Gives an edit that finds nothing in the cache. */
  readonly request: () => EditRequest;
  /** Milliseconds of the whole of such an edit. */
  readonly wholeMs: number;
  readonly moments: number;
  /** Milliseconds of the longest graph of the edits so far. */
  readonly longestGraph: () => number;
  readonly now: Clock;
}

export async function benchCancel({
  engine,
  request,
  wholeMs,
  moments,
  longestGraph,
  now,
}: CancelBench): Promise<CancelReport> {
  const reactions: number[] = [];
  for (let moment = 0; moment < moments; moment++) {
    const controller = new AbortController();
    const delay = (wholeMs * (moment + 0.5)) / moments;
    // From when it was due: a graph on the CPU lets no timer in, nor a message, until it has ended.
    const dueAt = now() + delay;
    const timer = setTimeout(() => controller.abort(), delay);
    const isDone = await engine
      .edit(request(), () => undefined, controller.signal)
      .then(
        () => true,
        () => false,
      );
    clearTimeout(timer);
    // An edit that was quicker than the others has not been cancelled.
    if (!isDone) reactions.push(now() - dueAt);
  }
  return { median: median(reactions), worst: Math.max(...reactions), longestGraph: longestGraph() };
}
