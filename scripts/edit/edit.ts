/** `npm run edit -- --script FILE.json --out DIR [--backend auto|wasm]`: runs a session of edits without a browser. */
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';

import { sessionFileExtension } from '../../src/session/export/sessionFile.ts';
import { type Backend, backendOf, describe, endWith, runFile } from './host.ts';
import { ScriptError } from './script.ts';

const USAGE = 'Usage: npm run edit -- --script FILE.json --out DIR [--backend auto|wasm]';

function readArguments(): { script: string; out: string; backend: Backend } {
  const { values } = parseArgs({
    options: {
      script: { type: 'string' },
      out: { type: 'string' },
      backend: { type: 'string', default: 'auto' },
    },
  });
  const { script, out, backend } = values;
  if (script === undefined || out === undefined) throw new ScriptError(USAGE);
  return { script, out, backend: backendOf(backend, USAGE) };
}

async function main(): Promise<number> {
  const { script, out, backend } = readArguments();
  await mkdir(out, { recursive: true });
  const save = (file: string, bytes: Uint8Array): Promise<void> => writeFile(join(out, file), bytes);
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());

  const onPng = (name: string, png: Uint8Array): Promise<void> => save(`${name}.png`, png);
  const { run, info } = await runFile(script, backend, onPng, interrupted.signal);
  await save(`${basename(script, '.json')}${sessionFileExtension}`, run.file);
  const turns = run.document.turns.map(({ instruction, seed, state }) => {
    const { status } = state;
    if (status !== 'done') return { instruction, seed, status };
    const { timingsMs, cachedTokens, computedTokens } = state.result;
    return { instruction, seed, status, timingsMs, cachedTokens, computedTokens };
  });
  const { id: model, backend: ranOn, backendDetail } = info;
  console.log(JSON.stringify({ model, backend: ranOn, backendDetail, turns }, null, 1));
  if (run.error === undefined) return 0;
  console.error(describe(run.error));
  return 1;
}

await endWith(main);
