/**
 * `npm run starters [-- NAME... --out DIR --backend auto|wasm]`: makes the finished examples of the first page, one
 * for each script in `starters/`, or those that are named, with the model that the scripts name. What that model was
 * not trained for is left out. The pictures that the scripts name are drawn by
 * `python -m palimpsest_training.starters --out public/starters --parts scripts/edit/starters`.
 */
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { PNG } from 'pngjs';

import type { NodeId } from '../../src/session/document.ts';
import { sessionFileExtension } from '../../src/session/export/sessionFile.ts';
import { frameAt, pathTo } from '../../src/session/tree.ts';
import { type Backend, type RunFile, backendOf, describe, endWith, runFile } from './host.ts';
import { MOST_BYTES, type PublishedExample } from './published.ts';
import { ScriptError } from './script.ts';

const USAGE = 'Usage: npm run starters [-- NAME... --out DIR --backend auto|wasm]';
const scripts = fileURLToPath(new URL('starters/', import.meta.url));
const published = fileURLToPath(new URL('../../public/starters/', import.meta.url));

function readArguments(): { asked: readonly string[]; out: string; backend: Backend } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: { type: 'string', default: published }, backend: { type: 'string', default: 'auto' } },
  });
  return { asked: positionals, out: values.out, backend: backendOf(values.backend, USAGE) };
}

/** What was published before; nothing where nothing was. */
async function readIndex(index: string): Promise<readonly PublishedExample[]> {
  const text = await readFile(index, 'utf8').catch(() => '[]');
  return JSON.parse(text) as readonly PublishedExample[];
}

const thumbnailFile = (name: string): string => `${name}-thumbnail.png`;

/** Opaque pictures need no fourth channel, and a thumbnail none of the history. */
function thumbnailOf(picture: PNG): Buffer {
  return PNG.sync.write(picture, { colorType: 2, deflateLevel: 9 });
}

/** Mean colour of the lowest rows, where a picture shows under the next one. */
function edgeOf({ width, height, data }: PNG): string {
  const rows = Math.max(1, Math.round(height / 32));
  const part = data.subarray((height - rows) * width * 4);
  const mean = (channel: number): number => {
    let sum = 0;
    for (let at = channel; at < part.length; at += 4) sum += part[at] ?? 0;
    return Math.round(sum / (part.length / 4));
  };
  return `#${[0, 1, 2].map((channel) => mean(channel).toString(16).padStart(2, '0')).join('')}`;
}

async function write(name: string, { script, run }: RunFile, out: string): Promise<PublishedExample> {
  const { document } = run;
  const places: readonly NodeId[] = [null, ...pathTo(document, document.current).map(({ id }) => id)];
  const pictures = places.flatMap((place) => {
    const frame = frameAt(document, place);
    const png = frame === null ? null : run.pngOf(frame.hash);
    return png === null ? [] : [PNG.sync.read(Buffer.from(png))];
  });
  const last = pictures.at(-1);
  if (last === undefined) throw new Error(`${name}: a session that was made has pictures.`);
  const entry: PublishedExample = {
    file: `${name}${sessionFileExtension}`,
    thumbnail: thumbnailFile(name),
    title: document.name,
    about: script.about ?? '',
    turns: document.turns.length,
    bytes: run.file.length,
    edges: pictures.slice(0, -1).toReversed().map(edgeOf),
  };
  await writeFile(join(out, entry.file), run.file);
  await writeFile(join(out, entry.thumbnail), thumbnailOf(last));
  return entry;
}

async function main(): Promise<number> {
  const { asked, out, backend } = readArguments();
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  const names = (await readdir(scripts))
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'))
    .toSorted();
  const unknown = asked.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new ScriptError(`There is no script "${unknown}"; there are ${names.join(', ')}. ${USAGE}`);
  }
  await mkdir(out, { recursive: true });
  const index = join(out, 'sessions.json');
  const before = await readIndex(index);
  const entries: PublishedExample[] = [];
  let failed = 0;
  for (const name of names) {
    const file = `${name}${sessionFileExtension}`;
    if (asked.length > 0 && !asked.includes(name)) {
      entries.push(...before.filter((entry) => entry.file === file));
      continue;
    }
    const made = await runFile(
      join(scripts, `${name}.json`),
      backend,
      async () => undefined,
      interrupted.signal,
    );
    if (interrupted.signal.aborted) throw made.run.error ?? new Error('Stopped.');
    const { error } = made.run;
    if (error === undefined) {
      const entry = await write(name, made, out);
      entries.push(entry);
      const isLarge = entry.bytes > MOST_BYTES;
      console.log(`${name}: ${entry.turns} turns, ${entry.bytes} bytes${isLarge ? ', too large' : ''}`);
      if (isLarge) failed += 1;
    } else {
      // One of another model would hold latents that this one cannot read.
      await rm(join(out, file), { force: true });
      await rm(join(out, thumbnailFile(name)), { force: true });
      console.log(`${name}: not made. ${describe(error)}`);
      if (error.code !== 'unsupported') failed += 1;
    }
  }
  await writeFile(index, `${JSON.stringify(entries, null, 1)}\n`);
  return failed === 0 ? 0 : 1;
}

await endWith(main);
