/** `npm run bench:edit -- [--json FILE]`: one edit stage by stage on WebGPU and on the CPU, and the host's share of a step. */
import { benchEdit } from '../../src/runtime/bench/edit.ts';
import type { EditReport } from '../../src/runtime/bench/edit.ts';
import { createGraphTimes, watchGpu, withoutPreviews } from '../../src/runtime/bench/watch.ts';
import { createEngine } from '../../src/runtime/engine.ts';
import { nodePorts, openNodeGpu } from '../../src/runtime/node/host.ts';
import { parseTokenizer } from '../../src/runtime/tokenizer.ts';
import { NANO_URL, printTable, readSwitches, runBench, writeReport } from './report.ts';

const ROUNDS = 3;
const gpu = openNodeGpu();

async function measure(backend: 'auto' | 'wasm'): Promise<{ device: string; report: EditReport }> {
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
      tokenise: () => tokenizer.encode('add a cat on the left', manifest.architecture.maxTextTokens),
      graphTimes,
      device: info.backend === 'webgpu' ? device : undefined,
      now: plain.now,
    },
    (waits) => {
      isWaiting = waits;
    },
    ROUNDS,
  );
  await engine.dispose();
  return { device: `${info.backend}: ${info.backendDetail}`, report };
}

await runBench(async () => {
  const { json } = readSwitches();
  const measured = [await measure('auto'), await measure('wasm')];
  printTable(
    measured.map(({ device, report: { steps, ...stages } }) => ({
      device,
      ...stages,
      ...Object.fromEntries(steps.map((ms, step) => [`step${step + 1}`, ms])),
    })),
  );
  await writeReport(json, measured.map(({ device }) => device).join('; '), { milliseconds: measured });
});
