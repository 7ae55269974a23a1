/** Run as a program with a model's folder: opens its GPU graphs, so that onnxruntime prints where their nodes run. */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import type { ModelManifest } from '../contract.ts';
import { openDevice } from '../device.ts';
import { widenFloat16 } from '../float16.ts';
import { createGraphs } from '../graphs.ts';
import { parseManifest, segmentGraphs } from '../manifest.ts';
import { openNodeGpu } from '../node/host.ts';

const VERBOSE = 0;
const folder = pathToFileURL(`${process.argv.at(-1)}/`);
const read = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(new URL(path, folder)));
const manifest: ModelManifest = parseManifest(JSON.parse(new TextDecoder().decode(read('manifest.json'))));
const files = new Map(manifest.files.map(({ path }) => [path, read(path)]));
const externalData = new Map(
  manifest.weights.map(({ file, externalData: name }) => [name, widenFloat16(read(file))]),
);
const names = ['t5', 'vae_encoder', 'vae_decoder', ...segmentGraphs(manifest.architecture.layers)];
const opened = await openDevice(openNodeGpu());
if (typeof opened === 'string') throw new Error(opened);
const graphs = await createGraphs(names, { manifest, files, externalData }, opened.device, VERBOSE);
await graphs.dispose();
process.stdout.write(`opened ${names.length} graphs\n`);
// Node does not end by itself while Dawn is loaded.
process.exit(0);
