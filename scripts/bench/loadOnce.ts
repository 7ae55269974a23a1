/** Loads the model twice in a fresh process, from its server and from the disk that keeps it, and makes one edit. */
import { INSTRUCTION, noisePicture } from '../../src/runtime/bench/sessions.ts';
import { createEngine } from '../../src/runtime/engine.ts';
import { nodePorts, openNodeGpu } from '../../src/runtime/node/host.ts';
import { MemoryDisk } from '../../src/runtime/testing/memoryDisk.ts';
import { NANO_URL, runBench } from './report.ts';

const MIB = 2 ** 20;
const never = new AbortController().signal;
const ignore = (): void => undefined;

await runBench(async () => {
  const backend = process.argv.at(-1) === 'wasm' ? 'wasm' : 'auto';
  const { rss } = process.memoryUsage();
  const disks = new Map<string, MemoryDisk>();
  const plain = nodePorts(openNodeGpu());
  let bytes = 0;
  let modelBytes = 0;
  const ports: typeof plain = {
    ...plain,
    async openFolder(name) {
      const disk = disks.get(name) ?? new MemoryDisk();
      disks.set(name, disk);
      return disk.openFolder();
    },
    async fetch(url, init) {
      const response = await plain.fetch(url, init);
      bytes += (await response.clone().arrayBuffer()).byteLength;
      return response;
    },
  };
  const load = async () => {
    bytes = 0;
    const startedAt = ports.now();
    const engine = createEngine(NANO_URL, { backend }, ports);
    const info = await engine.load(({ totalBytes }) => {
      modelBytes = totalBytes;
    });
    return { ms: ports.now() - startedAt, bytes, engine, info };
  };
  const cold = await load();
  await cold.engine.dispose();
  const warm = await load();
  const { info } = warm;
  const startedAt = ports.now();
  const { steps } = info.manifest.sampler;
  const history = [{ kind: 'image', id: 'start', pixels: noisePicture(info.manifest.frame) }] as const;
  await warm.engine.edit({ history, instruction: INSTRUCTION, seed: 1, steps, guidance: 1 }, ignore, never);
  const firstEditMs = ports.now() - startedAt;
  const memory = process.memoryUsage();
  process.stdout.write(
    JSON.stringify({
      device: `${info.backend}: ${info.backendDetail}`,
      coldMs: cold.ms,
      modelMiB: modelBytes / MIB,
      warmMs: warm.ms,
      warmFetchedMiB: warm.bytes / MIB,
      firstEditMs,
      toFirstEditMs: cold.ms + firstEditMs,
      emptyRssMiB: rss / MIB,
      peakRssMiB: process.resourceUsage().maxRSS / 1024,
      heapMiB: memory.heapUsed / MIB,
      arrayBuffersMiB: memory.arrayBuffers / MIB,
    }),
  );
});
