/** Run as a program with a model's folder: opens its GPU graphs, so that onnxruntime prints where their nodes run. */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import type { ModelManifest } from '../contract.ts';
import { openDevice } from '../device.ts';
import { graphsOn } from '../graphPlan.ts';
import { createGraphs } from '../graphs.ts';
import type { GraphFiles } from '../graphs.ts';
import { parseManifest } from '../manifest.ts';
import type { ReadFile } from '../modelFiles.ts';
import { openNodeGpu } from '../node/host.ts';

const VERBOSE = 0;
const folder = pathToFileURL(`${process.argv.at(-1)}/`);
const read = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(new URL(path, folder)));
const manifest: ModelManifest = parseManifest(JSON.parse(new TextDecoder().decode(read('manifest.json'))));
const readLater: ReadFile = async (path) => read(path);
const names = graphsOn('webgpu', manifest);
const files: GraphFiles = {
  // Every graph is opened at once, whatever would be let go of.
  manifest: { ...manifest, keep: {}, frames: [] },
  read: readLater,
  again: async (_, withFiles) => withFiles(readLater),
};
const opened = await openDevice(openNodeGpu());
if (typeof opened === 'string') throw new Error(opened);
const graphs = await createGraphs(names, files, opened.device, { logSeverityLevel: VERBOSE });
await graphs.dispose();
process.stdout.write(`opened ${names.length} graphs\n`);
// Node does not end by itself while Dawn is loaded.
process.exit(0);
