/** How soon an edit ends once it is cancelled, at moments spread over the whole of it. */
import type { EditRequest, Engine } from '../contract.ts';
import type { Clock } from './timing.ts';
import { median } from './timing.ts';
import { watchEdit } from './watch.ts';

/** Milliseconds from the cancel to the rejection. */
export interface CancelReport {
  readonly median: number;
  readonly worst: number;
  /** The longest that one graph took: an edit cannot end sooner than the graph that runs. */
  readonly longestGraph: number;
}

const MOMENTS = 12;

/** `request` gives an edit that finds nothing in the cache; `longestGraph` that of the edits so far. */
export async function benchCancel(
  engine: Engine,
  request: () => EditRequest,
  longestGraph: () => number,
  now: Clock,
): Promise<CancelReport> {
  const startedAt = now();
  await watchEdit(engine, request(), now);
  const wholeMs = now() - startedAt;
  const reactions: number[] = [];
  for (let moment = 0; moment < MOMENTS; moment++) {
    const controller = new AbortController();
    const delay = (wholeMs * (moment + 0.5)) / MOMENTS;
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
    // An edit that was quicker than the first has not been cancelled.
    if (!isDone) reactions.push(now() - dueAt);
  }
  return { median: median(reactions), worst: Math.max(...reactions), longestGraph: longestGraph() };
}
