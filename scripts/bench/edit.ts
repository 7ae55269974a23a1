/** `npm run bench:edit -- [--wasm] [--rounds N] [--json FILE]`: one edit stage by stage on WebGPU and on the CPU, and the host's share of a step. */
import { benchEdit } from '../../src/runtime/bench/edit.ts';
import type { EditReport } from '../../src/runtime/bench/edit.ts';
import { INSTRUCTION } from '../../src/runtime/bench/sessions.ts';
import { createGraphTimes, watchGpu, withoutPreviews } from '../../src/runtime/bench/watch.ts';
import { createEngine } from '../../src/runtime/engine.ts';
import { nodePorts, openNodeGpu } from '../../src/runtime/node/host.ts';
import { parseTokenizer } from '../../src/runtime/tokenizer.ts';
import { NANO_URL, printTable, readSwitches, runBench, writeReport } from './report.ts';

const gpu = openNodeGpu();

async function measure(
  backend: 'auto' | 'wasm',
  rounds: number,
): Promise<{ device: string; report: EditReport }> {
  const plain = nodePorts(undefined);
  const device = watchGpu(gpu, plain.now);
  let isWaiting = false;
  const graphTimes = createGraphTimes(plain.now, async () => (isWaiting ? device.idle() : undefined));
  const ports = withoutPreviews({ ...nodePorts(device.gpu), aroundGraph: graphTimes.around });
  const engine = createEngine(NANO_URL, { backend }, ports);
  const info = await engine.load(() => undefined);
  const { manifest } = info;
  const tokenizer = parseTokenizer(await (await plain.fetch(`${NANO_URL}${manifest.tokenizer}`)).json());
  const report = await benchEdit(
    {
      engine,
      manifest,
      tokenise: () => tokenizer.encode(INSTRUCTION, manifest.architecture.maxTextTokens),
      graphTimes,
      device: info.backend === 'webgpu' ? device : undefined,
      now: plain.now,
    },
    (waits) => {
      isWaiting = waits;
    },
    rounds,
  );
  await engine.dispose();
  return { device: `${info.backend}: ${info.backendDetail}`, report };
}

await runBench(async () => {
  const { json, rounds, has } = readSwitches(['wasm']);
  const backends = has('wasm') ? (['wasm'] as const) : (['auto', 'wasm'] as const);
  const measured: Awaited<ReturnType<typeof measure>>[] = [];
  for (const backend of backends) measured.push(await measure(backend, rounds));
  printTable(
    measured.map(({ device, report: { steps, cancel, ...stages } }) => ({
      device,
      ...stages,
      cancelMedian: cancel.median,
      cancelWorst: cancel.worst,
      longestGraph: cancel.longestGraph,
      ...Object.fromEntries(steps.map((ms, step) => [`step${step + 1}`, ms])),
    })),
  );
  await writeReport(json, measured.map(({ device }) => device).join('; '), { milliseconds: measured });
});
