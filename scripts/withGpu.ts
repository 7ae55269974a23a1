/**
 * `withGpu.ts [--hardware | --every] <program.js> [arguments]`: runs a Node program where WebGPU finds an adapter. With
 * `--every` the program is also told of a second software adapter, if there is one, in `LAVAPIPE_ICD`.
 */

import { spawnSync } from 'node:child_process';

import { findLavapipe, gpuEnvironment } from './gpuEnvironment.ts';

const args = process.argv.slice(2);
const mode = args[0]?.startsWith('--') === true ? args.shift() : undefined;
const env = { ...gpuEnvironment(mode === '--hardware') };
delete env['LAVAPIPE_ICD'];
if (mode === '--every') {
  const lavapipe = findLavapipe(env);
  if (lavapipe !== undefined) env['LAVAPIPE_ICD'] = lavapipe.driver;
  console.log(
    `Second software adapter: ${lavapipe?.name ?? 'none, so what SwiftShader cannot do is not run (Debian: mesa-vulkan-drivers 25)'}`,
  );
}
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env });
process.exitCode = status ?? 1;
