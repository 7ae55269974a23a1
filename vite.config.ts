import { createReadStream } from 'node:fs';
import { copyFile, mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import { defaultClientConditions, type Plugin } from 'vite';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

import { ISOLATION_HEADERS, PAGE_HEADERS } from './scripts/headers.ts';
import { serviceWorker } from './scripts/shell.ts';

const packages = fileURLToPath(new URL('node_modules', import.meta.url));

/** Programs that their libraries load by address at run time, so the bundler must leave them as they are. */
const VENDOR_FILES = {
  'vendor/ort': ['asyncify.mjs', 'asyncify.wasm'].map((end) =>
    join(packages, 'onnxruntime-web/dist', `ort-wasm-simd-threaded.${end}`),
  ),
  'vendor/ffmpeg': ['ffmpeg-core.js', 'ffmpeg-core.wasm'].map((file) =>
    join(packages, '@ffmpeg/core/dist/esm', file),
  ),
};

const vendorByUrl = new Map<string, string>(
  Object.entries(VENDOR_FILES).flatMap(([folder, files]) =>
    files.map((file) => [`/${folder}/${basename(file)}`, file] as const),
  ),
);

/** Serves the vendor programs in development and copies them beside the built page. */
function vendorFiles(): Plugin {
  let outDir = '';
  return {
    name: 'vendor-files',
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir);
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const file = vendorByUrl.get(request.url?.split('?')[0] ?? '');
        if (file === undefined) {
          next();
          return;
        }
        stat(file)
          .then(({ size }) => {
            // A worker started from one of these files must be isolated as the page is.
            response.setHeaders(new Map(Object.entries(ISOLATION_HEADERS)));
            response.setHeader(
              'Content-Type',
              file.endsWith('.wasm') ? 'application/wasm' : 'text/javascript',
            );
            response.setHeader('Content-Length', size);
            return createReadStream(file).pipe(response);
          })
          .catch(next);
      });
    },
    async writeBundle() {
      await copyFile(new URL('NOTICE', import.meta.url), join(outDir, 'NOTICE.txt'));
      for (const [url, file] of vendorByUrl) {
        const target = join(outDir, url);
        await mkdir(dirname(target), { recursive: true });
        await copyFile(file, target);
      }
    },
  };
}

/** The tests of the kernels once more, on the software adapter that has 16-bit floats and wide subgroups. */
function lavapipeProject(driver: string | undefined): readonly TestProjectConfiguration[] {
  if (driver === undefined) return [];
  return [
    {
      extends: true,
      test: {
        name: 'gpu-lavapipe',
        include: ['src/kernels/**/*.test.ts', 'src/runtime/device.gpu.test.ts'],
        environment: 'node',
        fileParallelism: false,
        env: { VK_ICD_FILENAMES: driver },
        // It compiles a kernel for ten seconds, when it first runs.
        testTimeout: 900_000,
        hookTimeout: 120_000,
      },
    },
  ];
}

export default defineConfig({
  // Relative addresses let the built folder be served from any path.
  base: './',
  appType: 'mpa',
  plugins: [react(), vendorFiles(), serviceWorker()],
  // The variant of onnxruntime that does not carry its 27 MB program as a bundler asset.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  // Both find their worker or program beside their own file, which pre-bundling would move.
  optimizeDeps: { exclude: ['onnxruntime-web', '@ffmpeg/ffmpeg'] },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    license: { fileName: 'licenses.md' },
    chunkSizeWarningLimit: 1000,
  },
  worker: { format: 'es' },
  server: { headers: ISOLATION_HEADERS },
  preview: { headers: PAGE_HEADERS },
  test: {
    reporters: ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
          exclude: ['src/ui/**', 'src/kernels/**', '**/*.gpu.test.ts'],
          environment: 'node',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'ui',
          include: ['src/ui/**/*.test.{ts,tsx}'],
          environment: 'jsdom',
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'gpu',
          include: ['src/kernels/**/*.test.ts', 'src/**/*.gpu.test.ts'],
          environment: 'node',
          // One software adapter on few cores: files side by side only slow each other down.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      ...lavapipeProject(process.env['LAVAPIPE_ICD']),
    ],
  },
});
