/** `npm run bench:load -- [--json FILE]`: loading, memory and the time to a first edit, each in a process of its own. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { printTable, readSwitches, runBench, writeReport } from './report.ts';

const program = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

await runBench(async () => {
  const { json } = readSwitches();
  const measured = ['auto', 'wasm'].map(
    (backend) =>
      JSON.parse(
        execFileSync(process.execPath, [program('../runModule.mjs'), program('loadOnce.ts'), backend], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'inherit'],
        }),
      ) as Readonly<Record<string, string | number>>,
  );
  printTable(measured);
  await writeReport(json, measured.map(({ device }) => device).join('; '), { loads: measured });
});
