/** Entry of the engine's worker: connects messages to an engine and does nothing else. */
import { createEngine } from './engine.ts';
import { browserPorts } from './ports.ts';
import type { AroundGraph } from './ports.ts';
import { serveEngine } from './protocol.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

const post = (message: FromWorker): void => postMessage(message);

const aroundGraph: AroundGraph = async (_, run) => {
  const outputs = await run();
  post({ kind: 'alive' });
  return outputs;
};

const handle = serveEngine(
  ({ modelUrl, ortUrl, options }) =>
    createEngine(modelUrl, options, { ...browserPorts(ortUrl), aroundGraph }),
  post,
);

/** A browser that ends this thread, for want of memory, tells nobody; but it lets go of the locks of the thread. */
function holdLock(): void {
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) return;
  const lock = `engine ${crypto.randomUUID()}`;
  void locks.request(lock, async () => {
    post({ kind: 'started', lock });
    return new Promise<never>(() => {
      // Never settles: the lock is held until the thread ends.
    });
  });
}

holdLock();
addEventListener('message', (event: MessageEvent<ToWorker>) => void handle(event.data));
