/**
 * Proves that each gate still catches the fault it is there for: plants one fault per file in a small tree
 * with the project's own settings, and compares what each tool reports, file by file. Clean files stand
 * among them, so a gate that rejects everything fails as well.
 */

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';

import { LINT_FILES, TYPE_FILES } from './canaryFaults.ts';

const SETTINGS = ['.oxlintrc.json', 'tsconfig.json', 'knip.json'];

const wrong: string[] = [];
const root = mkdtempSync(join(tmpdir(), 'canaries-'));

function expectSame(what: string, expected: readonly string[], found: readonly string[]): void {
  const [wanted, got] = [
    [...new Set(expected)].toSorted().join(', '),
    [...new Set(found)].toSorted().join(', '),
  ];
  if (wanted !== got) wrong.push(`${what}: expected [${wanted}], found [${got}]`);
}

/** A fresh tree with the project's settings and `files` (path to content). */
function plant(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const file of SETTINGS) copyFileSync(file, join(folder, file));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  return folder;
}

/** Output of a tool's own program under Node, the same on every system. */
function run(folder: string, program: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [resolve('node_modules', program), ...args],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

function checkLint(): void {
  const files = Object.fromEntries(Object.entries(LINT_FILES).map(([path, { source }]) => [path, source]));
  const folder = plant('lint', files);
  const { status, stdout } = run(
    folder,
    'oxlint/bin/oxlint',
    '--type-aware',
    '--deny-warnings',
    '--format=json',
    'src',
    'e2e',
  );
  if (status !== 1) wrong.push(`lint: exit status ${status}`);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  for (const [path, { rules }] of Object.entries(LINT_FILES)) {
    const found = diagnostics.filter(({ filename }) => relative(folder, resolve(folder, filename)) === path);
    expectSame(
      `lint of ${path}`,
      rules,
      found.map(({ code }) => code.replace(/^.*\((.*)\)$/, '$1')),
    );
  }
}

function checkTypes(): void {
  const files = Object.fromEntries(Object.entries(TYPE_FILES).map(([path, { source }]) => [path, source]));
  const folder = plant('types', files);
  const { status, stdout } = run(folder, 'typescript/bin/tsc', '--noEmit', '--pretty', 'false', '-p', '.');
  if (status === 0) wrong.push('types: exit status 0');
  for (const [path, { errors }] of Object.entries(TYPE_FILES)) {
    const found = stdout.split('\n').filter((line) => line.startsWith(`${path}(`));
    expectSame(
      `types of ${path}`,
      errors,
      found.map((line) => /error (TS\d+)/.exec(line)?.[1] ?? line),
    );
  }
}

function checkDeadCode(): void {
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  const folder = plant('deadcode', {
    'package.json': JSON.stringify({
      type: 'module',
      dependencies: { fflate: dependencies['fflate'], idb: dependencies['idb'] },
      devDependencies: { typescript: devDependencies['typescript'] },
    }),
    'src/runtime/worker.ts': "import { zip } from 'fflate';\nimport { used } from './used.ts';\nused(zip);\n",
    'src/runtime/used.ts':
      'export function used(x: unknown): void {\n  x?.toString();\n}\nexport const unusedExport = 1;\n',
    'src/orphan.ts': 'export const orphan = 1;\n',
  });
  const { status, stdout } = run(folder, 'knip/bin/knip.js', '--reporter', 'json');
  if (status !== 1) wrong.push(`dead code: exit status ${status}`);
  for (const name of ['unusedExport', 'src/orphan.ts', 'idb']) {
    if (!stdout.includes(name)) wrong.push(`dead code: ${name} was not reported`);
  }
  if (stdout.includes('fflate')) wrong.push('dead code: fflate was reported although it is in use');
}

function checkShaders(): void {
  const clean = 'fn f() -> f32 {\n  var x = 0.0;\n  return x;\n}\n';
  const cases: Readonly<Record<string, readonly [source: string, status: number]>> = {
    clean: [clean, 0],
    bare: [clean.replace('var x = 0.0', 'var x: f32'), 1],
    sine: [clean.replace('0.0', 'sin(1.0)'), 1],
  };
  for (const [name, [source, expected]] of Object.entries(cases)) {
    const folder = plant(`shaders-${name}`, { 'src/x.wgsl': source });
    const { status } = spawnSync(
      process.execPath,
      ['--import', 'tsx', resolve('scripts/lintShaders.ts'), join(folder, 'src')],
      { stdio: 'ignore' },
    );
    if (status !== expected) wrong.push(`shader lint of "${name}": exit status ${status}`);
  }
}

try {
  checkLint();
  checkTypes();
  checkDeadCode();
  checkShaders();
} finally {
  rmSync(root, { recursive: true, force: true });
}
for (const line of wrong) console.error(line);
const planted = Object.keys({ ...LINT_FILES, ...TYPE_FILES }).length + 6;
if (wrong.length > 0) process.exitCode = 1;
else console.log(`${planted} planted files: every fault was caught, every clean file passed.`);
