/** Serves the built page with its headers; builds it first when a source is newer than the build. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { build, preview } from 'vite';

import { PAGE_HEADERS } from './headers.ts';
import { staticFiles } from './staticFiles.ts';

const SOURCES = [
  'src',
  'public',
  'index.html',
  'vite.config.ts',
  'scripts/headers.ts',
  'scripts/shell.ts',
  'package-lock.json',
];

async function newestChange(path: string): Promise<number> {
  const entry = await stat(path).catch(() => undefined);
  if (entry === undefined) return 0;
  if (!entry.isDirectory()) return entry.mtimeMs;
  const names = await readdir(path);
  return Math.max(
    entry.mtimeMs,
    ...(await Promise.all(names.map(async (name) => newestChange(join(path, name))))),
  );
}

const { values } = parseArgs({ options: { port: { type: 'string' }, host: { type: 'string' } } });
const port = Number(values.port ?? process.env['PORT'] ?? 4173);

const built = await newestChange('dist/index.html');
const changed = Math.max(...(await Promise.all(SOURCES.map(newestChange))));
if (built < changed) await build({ logLevel: 'warn' });

const server = await preview({
  logLevel: 'error',
  plugins: [
    {
      name: 'static-files',
      // Vite's own server knows neither strong tags nor conditions; it keeps the start page and the errors.
      configurePreviewServer: ({ middlewares }) => void middlewares.use(staticFiles('dist', PAGE_HEADERS)),
    },
  ],
  preview: { port, host: values.host ?? 'localhost', strictPort: values.port !== undefined },
});
console.log(`Palimpsest is at ${server.resolvedUrls?.local[0] ?? `http://localhost:${port}/`}`);
