/** Completes the service worker after a build: writes into it which files the page consists of. */

import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type { Plugin } from 'vite';

const WORKER = 'sw.js';
/** Neither is needed to open the page: weights have their own store, notices are read rarely. */
const NOT_SHELL = /^(?:models|vendor)\/|^(?:index\.html|licenses\.md|NOTICE\.txt|sw\.js)$/;

async function hashOf(folder: string, files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\n`).update(await readFile(join(folder, file)));
  return hash.digest('hex').slice(0, 16);
}

/** The files of a built page, in the shape that `src/offline/shell.ts` names. */
export async function shellOf(folder: string) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const all = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .toSorted();
  const files = all.filter((file) => !NOT_SHELL.test(file));
  const programs = all.filter((file) => file.startsWith('vendor/'));
  return {
    version: await hashOf(folder, ['index.html', ...files]),
    files,
    programsVersion: await hashOf(folder, programs),
    programs,
  };
}

export function serviceWorker(): Plugin {
  let outDir = '';
  return {
    name: 'service-worker',
    apply: 'build',
    config: () => ({
      build: {
        rolldownOptions: {
          input: { index: 'index.html', sw: 'src/offline/serviceWorker.ts' },
          // Its address must stay the same from build to build.
          output: { entryFileNames: ({ name }) => (name === 'sw' ? WORKER : 'assets/[name]-[hash].js') },
        },
      },
    }),
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir);
    },
    writeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        const file = join(outDir, WORKER);
        const code = await readFile(file, 'utf8');
        const complete = code.replace('__SHELL__', JSON.stringify(await shellOf(outDir)));
        if (complete === code) throw new Error(`${file} has no place for the list of files.`);
        await writeFile(file, complete);
      },
    },
  };
}
