/** Runs a script file in Node: reads its pictures, opens its model and tells what goes on. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { PNG } from 'pngjs';

import type { EngineOptions, ModelInfo } from '../../src/runtime/contract.ts';
import { createEngine } from '../../src/runtime/engine.ts';
import { nodePorts, openNodeGpu } from '../../src/runtime/node/host.ts';
import { type Run, runScript } from './run.ts';
import { type EditScript, ScriptError, parseScript } from './script.ts';
import { TurnError } from './turn.ts';

const models = new URL('../../public/models/', import.meta.url);

export type Backend = EngineOptions['backend'];

/** @throws ScriptError for a word that names none. */
export function backendOf(word: string, usage: string): Backend {
  if (word === 'auto' || word === 'wasm') return word;
  throw new ScriptError(`"${word}" is no backend. ${usage}`);
}

export interface RunFile {
  readonly script: EditScript;
  readonly run: Run;
  readonly info: ModelInfo;
}

/** `onPng` is called as that of `RunPorts`. Rejects with ScriptError or TurnError. */
export async function runFile(
  path: string,
  backend: Backend,
  onPng: (name: string, png: Uint8Array) => Promise<void>,
  signal: AbortSignal,
): Promise<RunFile> {
  const folder = dirname(resolve(path));
  const name = basename(path, '.json');
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new ScriptError(`${path} cannot be read: ${String(error)}`);
  });
  const script = parseScript(text);
  const ports = nodePorts(backend === 'wasm' ? undefined : openNodeGpu());
  const engine = createEngine(modelUrlOf(script.model, folder), { backend }, ports);
  let info: ModelInfo | undefined;
  try {
    const run = await runScript(
      script,
      name,
      {
        engine,
        now: () => Date.now(),
        newId: () => randomUUID(),
        async readPicture(file) {
          const { width, height, data } = await readPng(resolve(folder, file));
          return { width, height, data: new Uint8ClampedArray(data) };
        },
        async readMask(file) {
          const { width, height, data } = await readPng(resolve(folder, file));
          const mask = Uint8Array.from({ length: width * height }, (_, pixel) => data[pixel * 4] ?? 0);
          return { width, height, data: mask };
        },
        onModel(model) {
          info = model;
          console.error(`${model.id} on ${model.backend}: ${model.backendDetail}`);
        },
        onProgress: (turn, { stage, done, total }) =>
          console.error(`${name}, turn ${turn}: ${stage} ${done}/${total}`),
        onPng,
      },
      signal,
    );
    if (info === undefined) throw new Error('A script runs on a model.');
    return { script, run, info };
  } finally {
    await engine.dispose();
  }
}

async function readPng(path: string): Promise<PNG> {
  try {
    return PNG.sync.read(await readFile(path));
  } catch (error) {
    throw new ScriptError(`${path} cannot be read as a PNG: ${String(error)}`);
  }
}

function modelUrlOf(model: string, folder: string): string {
  if (model.includes('/')) return `${pathToFileURL(resolve(folder, model)).href.replace(/\/$/, '')}/`;
  return new URL(`${model}/`, models).href;
}

export function describe(error: unknown): string {
  if (error instanceof TurnError) {
    return `${error.message}${error.detail === undefined ? '' : ` (${error.detail})`}`;
  }
  if (error instanceof ScriptError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Runs a command to its exit code; what it throws is said in a line, with code 1. */
export async function endWith(main: () => Promise<number>): Promise<never> {
  let status = 1;
  try {
    status = await main();
  } catch (error) {
    console.error(describe(error));
  }
  // Node does not end by itself while WebGPU is open.
  process.exit(status);
}
