/** `npm run bench:kernels -- [--all] [--rounds N] [--json FILE]`: our kernels against onnxruntime's; `--all` is for real GPUs. */
import { readFile } from 'node:fs/promises';

import { createKernelBench } from '../../src/runtime/bench/kernels.ts';
import type { KernelCase, KernelRow } from '../../src/runtime/bench/kernels.ts';
import { openDevice } from '../../src/runtime/device.ts';
import { configureOnnxruntime } from '../../src/runtime/graphs.ts';
import { nodePorts, openNodeGpu } from '../../src/runtime/node/host.ts';
import { printTable, readSwitches, runBench, writeReport } from './report.ts';

const FRAME = 66;
/** An instruction of five words with its end mark, and the picture that it made. */
const TURN = 7 + FRAME;
const NANO = { heads: 4, headDim: 64, targets: FRAME };
const LARGE = { heads: 24, headDim: 128 };

/** What the target of turn 1, 2, ... sees before itself: the start image and the turns, without its own picture. */
const SESSION: readonly KernelCase[] = [1, 2, 5, 10, 20].map((turn) => ({ ...NANO, context: turn * TURN }));

function grid(
  shape: typeof LARGE,
  targets: readonly number[],
  contexts: readonly number[],
): readonly KernelCase[] {
  return targets.flatMap((count) => contexts.map((context) => ({ ...shape, targets: count, context })));
}

await runBench(async () => {
  const { json, rounds, has } = readSwitches(['all']);
  const gpu = openNodeGpu();
  const ports = nodePorts(gpu);
  const opened = await openDevice(gpu);
  if (typeof opened === 'string') throw new Error(`${opened} Set VK_ICD_FILENAMES to the driver to use.`);
  configureOnnxruntime(ports, false);
  const names = [NANO, LARGE].flatMap(({ heads, headDim }) =>
    ['first', 'context'].map((kind) => `${kind}_${heads}x${headDim}`),
  );
  const folder = new URL('../../fixtures/attention/', import.meta.url);
  const models = new Map(
    await Promise.all(
      names.map(
        async (name) => [name, new Uint8Array(await readFile(new URL(`${name}.onnx`, folder)))] as const,
      ),
    ),
  );
  const bench = await createKernelBench(opened, models, ports.now);
  const session: KernelRow[] = [];
  const others: KernelRow[] = [];
  /** The report is written after every shape: the large ones may take a software adapter longer than anyone waits. */
  const measure = async (cases: readonly KernelCase[], rows: KernelRow[]): Promise<void> => {
    for (const shape of cases) {
      rows.push(await bench.measure(shape, rounds));
      opened.assertUsable();
      await writeReport(json, opened.description, {
        speedup_model_shapes: session.map(({ speedup }) => speedup),
        model_shapes: session,
        others,
      });
    }
    printTable(rows);
  };
  process.stdout.write(`${opened.description}\n\nAt the shapes of the shipped model:\n`);
  await measure(SESSION, session);
  process.stdout.write('\nAt other shapes:\n');
  const more = has('all')
    ? [NANO, LARGE].flatMap((shape) => grid(shape, [64, 256, 1024, 4096], [0, 1024, 4096, 16_384]))
    : [...grid(NANO, [64], [0]), ...grid(NANO, [256], [0]), ...grid(LARGE, [64], [0])];
  await measure(more, others);
});
