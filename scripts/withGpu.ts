/** `withGpu.ts [--hardware] <program.js> [arguments]`: runs a Node program where WebGPU finds an adapter. */

import { spawnSync } from 'node:child_process';

import { gpuEnvironment } from './gpuEnvironment.ts';

const args = process.argv.slice(2);
const hardwareOnly = args[0] === '--hardware';
const { status } = spawnSync(process.execPath, hardwareOnly ? args.slice(1) : args, {
  stdio: 'inherit',
  env: gpuEnvironment(hardwareOnly),
});
process.exitCode = status ?? 1;
