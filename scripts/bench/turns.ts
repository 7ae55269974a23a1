/** `npm run bench:turns -- [--wasm] [--rounds N] [--json FILE]`: a denoising step at turn 1 to 20, with and without the cache. */
import { benchTurns } from '../../src/runtime/bench/turns.ts';
import { withoutPreviews } from '../../src/runtime/bench/watch.ts';
import { createEngine } from '../../src/runtime/engine.ts';
import { nodePorts, openNodeGpu } from '../../src/runtime/node/host.ts';
import { NANO_URL, printTable, readSwitches, runBench, writeReport } from './report.ts';

await runBench(async () => {
  const { json, rounds, has } = readSwitches(['wasm']);
  const ports = nodePorts(has('wasm') ? undefined : openNodeGpu());
  const engine = createEngine(NANO_URL, { backend: has('wasm') ? 'wasm' : 'auto' }, withoutPreviews(ports));
  const { manifest, backend, backendDetail } = await engine.load(() => undefined);
  process.stdout.write(`${manifest.id} on ${backend}: ${backendDetail}\n\n`);
  const report = await benchTurns(engine, manifest, rounds, ports.now);
  printTable(report.turns);
  process.stdout.write(
    `\nTurn 20 over turn 1, with the cache: ${report.cached_turn20_over_turn1.toFixed(2)}\n`,
  );
  await writeReport(json, `${backend}: ${backendDetail}`, report);
});
