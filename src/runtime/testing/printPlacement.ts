/** Run as a program: opens the GPU graphs of the small model, so that onnxruntime prints where their nodes run. */
import { openDevice } from '../device.ts';
import { createGraphs } from '../graphs.ts';
import { openNodeGpu } from '../node/host.ts';
import { widenFloat16 } from '../weights.ts';
import { gpuGraphs, readTiny, tinyManifest } from './tiny.ts';

const VERBOSE = 0;
const manifest = tinyManifest();
const files = new Map(manifest.files.map(({ path }) => [path, readTiny(path)]));
const externalData = new Map(
  manifest.weights.map(({ file, externalData: name }) => [name, widenFloat16(readTiny(file))]),
);
const opened = await openDevice(openNodeGpu());
if (typeof opened === 'string') throw new Error(opened);
const graphs = await createGraphs(gpuGraphs(), { manifest, files, externalData }, opened.device, VERBOSE);
await graphs.dispose();
// Node does not end by itself while Dawn is loaded.
process.exit(0);
