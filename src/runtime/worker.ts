/** Entry of the engine's worker: connects messages to an engine and does nothing else. */
import { createEngine } from './engine.ts';
import { browserPorts } from './ports.ts';
import { serveEngine } from './protocol.ts';
import type { ToWorker } from './protocol.ts';

const handle = serveEngine(
  ({ modelUrl, ortUrl, options }) => createEngine(modelUrl, options, browserPorts(ortUrl)),
  (message) => postMessage(message),
);

addEventListener('message', (event: MessageEvent<ToWorker>) => void handle(event.data));
