/** `training.ts test|evaluate [arguments]`: runs the Python side in an environment that it makes itself, `.venv`. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { installDebianPackages } from './chromium.ts';

const VENV = resolve('.venv');
const PYTHON =
  process.platform === 'win32' ? join(VENV, 'Scripts', 'python.exe') : join(VENV, 'bin', 'python');
const PROJECT = 'training/pyproject.toml';
const INSTALLED = join(VENV, 'installed.sha256');

const MISSING =
  'The training tests need Python 3.10 or newer with its venv module: install it, or set PYTHON to its program.';

function succeeds(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

function isSuitable(python: string): boolean {
  return succeeds(python, '-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))');
}

function requirePython(): string {
  const chosen = process.env['PYTHON'];
  const candidates =
    chosen === undefined || chosen === ''
      ? ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10']
      : [chosen];
  const found =
    candidates.find(isSuitable) ??
    (installDebianPackages('python3', 'python3-venv') ? candidates.find(isSuitable) : undefined);
  if (found === undefined) throw new Error(MISSING);
  return found;
}

function run(program: string, args: readonly string[], options: { readonly cwd?: string } = {}): void {
  const { status } = spawnSync(program, args, { stdio: 'inherit', ...options });
  if (status !== 0) throw new Error(`This command failed: ${[program, ...args].join(' ')}`);
}

const pipInstall = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];

/** Makes `.venv` and installs the training package, unless that was done for this very `pyproject.toml`. */
function prepareEnvironment(): void {
  const project = readFileSync(PROJECT, 'utf8');
  const wanted = createHash('sha256').update(project).digest('hex');
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === wanted && existsSync(PYTHON)) return;
  console.log('Preparing the Python environment in .venv; the first time takes minutes.');
  if (!existsSync(PYTHON)) run(requirePython(), ['-m', 'venv', VENV]);
  // The build for the CPU is a tenth of the size; where the index has none, the usual one is right.
  const torch = /torch==([\d.]+)/.exec(project)?.[1];
  if (torch !== undefined) succeeds(PYTHON, ...pipInstall, `torch==${torch}+cpu`);
  run(PYTHON, [...pipInstall, '--editable', 'training[test]']);
  writeFileSync(INSTALLED, wanted);
}

const [command, ...args] = process.argv.slice(2);
try {
  switch (command) {
    case 'test':
      prepareEnvironment();
      run(PYTHON, ['-m', 'ruff', 'check', '.'], { cwd: 'training' });
      run(PYTHON, ['-m', 'ruff', 'format', '--check', '.'], { cwd: 'training' });
      run(PYTHON, ['-m', 'pytest', ...args], { cwd: 'training' });
      break;
    case 'evaluate':
      prepareEnvironment();
      run(PYTHON, ['-m', 'palimpsest_training.evaluate', ...args]);
      break;
    default:
      throw new Error('Say what to do: training.ts test or training.ts evaluate.');
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
