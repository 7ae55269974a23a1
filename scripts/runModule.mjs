/**
 * `runModule.mjs <module> [arguments]`: runs a source module in Node as Vite sees it, shaders (`?raw`) included.
 * The module awaits its work at its top level: once it is loaded, it can import nothing more.
 */

import { resolve } from 'node:path';

import { runnerImport } from 'vite';

const [, , file = '', ...args] = process.argv;
const module = resolve(file);
process.argv = [process.execPath, module, ...args];
await runnerImport(module, { configFile: false, logLevel: 'error' });
