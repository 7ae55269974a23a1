/** `npm run edit -- --script FILE.json --out DIR [--backend auto|wasm]`: runs a session of edits without a browser. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { PNG } from 'pngjs';

import { EngineError } from '../../src/runtime/contract.ts';
import type { EngineOptions } from '../../src/runtime/contract.ts';
import { createEngine } from '../../src/runtime/engine.ts';
import { nodePorts, openNodeGpu } from '../../src/runtime/node/host.ts';
import { writeSessionFile } from '../../src/session/export/sessionFile.ts';
import { runScript } from './run.ts';
import { ScriptError, parseScript } from './script.ts';

const USAGE = 'Usage: npm run edit -- --script FILE.json --out DIR [--backend auto|wasm]';
const models = new URL('../../public/models/', import.meta.url);

function readArguments(): { script: string; out: string; backend: EngineOptions['backend'] } {
  const { values } = parseArgs({
    options: {
      script: { type: 'string' },
      out: { type: 'string' },
      backend: { type: 'string', default: 'auto' },
    },
  });
  const { script, out, backend } = values;
  if (script === undefined || out === undefined) throw new ScriptError(USAGE);
  if (backend !== 'auto' && backend !== 'wasm') throw new ScriptError(`"${backend}" is no backend. ${USAGE}`);
  return { script, out, backend };
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

async function main(): Promise<number> {
  const args = readArguments();
  const folder = dirname(resolve(args.script));
  const name = basename(args.script, '.json');
  const text = await readFile(args.script, 'utf8').catch((error: unknown) => {
    throw new ScriptError(`${args.script} cannot be read: ${String(error)}`);
  });
  const script = parseScript(text);
  await mkdir(args.out, { recursive: true });
  const save = (file: string, bytes: Uint8Array): Promise<void> => writeFile(join(args.out, file), bytes);

  const ports = nodePorts(args.backend === 'wasm' ? undefined : openNodeGpu());
  const engine = createEngine(modelUrlOf(script.model, folder), { backend: args.backend }, ports);
  const info = await engine.load(() => undefined);
  console.error(`${info.id} on ${info.backend}: ${info.backendDetail}`);
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  const { document, blobs, error, isWhole } = await runScript(
    script,
    name,
    {
      engine,
      info,
      now: () => Date.now(),
      newId: () => randomUUID(),
      async readPicture(path) {
        const { width, height, data } = await readPng(resolve(folder, path));
        return { width, height, data: new Uint8ClampedArray(data) };
      },
      async readMask(path) {
        const { width, height, data } = await readPng(resolve(folder, path));
        return {
          width,
          height,
          data: Uint8Array.from({ length: width * height }, (_, pixel) => data[pixel * 4] ?? 0),
        };
      },
      onProgress: (turn, { stage, done, total }) => console.error(`turn ${turn}: ${stage} ${done}/${total}`),
      onPng: (file, png) => save(`${file}.png`, png),
    },
    interrupted.signal,
  );
  if (isWhole) await save(`${name}.palimpsest`, writeSessionFile(document, blobs, Date.now()));
  else
    console.error(
      'No session file: it cannot hold regions now and next, references or clips yet. The pictures are there.',
    );
  await engine.dispose();
  const turns = document.turns.map(({ instruction, seed, state }) =>
    state.status === 'done'
      ? {
          instruction,
          seed,
          status: state.status,
          timingsMs: state.result.timingsMs,
          cachedTokens: state.result.cachedTokens,
          computedTokens: state.result.computedTokens,
        }
      : { instruction, seed, status: state.status },
  );
  console.log(
    JSON.stringify(
      { model: info.id, backend: info.backend, backendDetail: info.backendDetail, turns },
      null,
      1,
    ),
  );
  if (error === undefined) return 0;
  console.error(describe(error));
  return 1;
}

function describe(error: unknown): string {
  if (error instanceof EngineError)
    return `${error.message}${error.detail === undefined ? '' : ` (${error.detail})`}`;
  if (error instanceof ScriptError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

let status = 1;
try {
  status = await main();
} catch (error) {
  console.error(describe(error));
}
// Node does not end by itself while WebGPU is open.
process.exit(status);
