/**
 * The one test command: `test.ts [step...]` runs all steps, or the named ones, in order, and stops at the
 * first that fails. The last line is the number of tests that passed and failed.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

import { requireChromium } from './chromium.ts';

const REPORTS = resolve('.cache/reports');

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Step {
  readonly name: string;
  /** An npm script of package.json. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Reads the report that the step leaves; a test step without a report has failed. */
  readonly count?: () => Counts;
}

const report = (file: string) => resolve(REPORTS, file);

function vitestCounts(file: string): Counts {
  const summary = JSON.parse(readFileSync(report(file), 'utf8')) as Record<string, number>;
  const number = (key: string) => summary[key] ?? 0;
  return {
    passed: number('numPassedTests'),
    // A file that does not load fails without a single test.
    failed: number('numFailedTests') || number('numFailedTestSuites'),
    skipped: number('numPendingTests') + number('numTodoTests'),
  };
}

function playwrightCounts(file: string): Counts {
  const { stats } = JSON.parse(readFileSync(report(file), 'utf8')) as { stats: Record<string, number> };
  const number = (key: string) => stats[key] ?? 0;
  return {
    passed: number('expected'),
    failed: number('unexpected') + number('flaky'),
    skipped: number('skipped'),
  };
}

function pytestCounts(file: string): Counts {
  const suite = /<testsuite [^>]*>/.exec(readFileSync(report(file), 'utf8'))?.[0] ?? '';
  const number = (key: string) => Number(new RegExp(` ${key}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = number('failures') + number('errors');
  return { passed: number('tests') - failed - number('skipped'), failed, skipped: number('skipped') };
}

const vitestStep = (name: string, script: string): Step => ({
  name,
  script,
  args: ['--reporter=default', '--reporter=json', `--outputFile.json=${report(`${name}.json`)}`],
  count: () => vitestCounts(`${name}.json`),
});

const STEPS: readonly Step[] = [
  { name: 'format', script: 'format:check' },
  { name: 'lint', script: 'lint' },
  { name: 'types', script: 'types' },
  { name: 'deadcode', script: 'deadcode' },
  { name: 'canaries', script: 'canaries' },
  vitestStep('unit', 'test:unit'),
  vitestStep('kernels', 'test:kernels'),
  { name: 'build', script: 'build' },
  {
    name: 'e2e',
    script: 'test:e2e',
    args: ['--reporter=list,json'],
    env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report('e2e.json') },
    count: () => playwrightCounts('e2e.json'),
  },
  {
    name: 'training',
    script: 'test:training',
    args: [`--junitxml=${report('training.xml')}`],
    count: () => pytestCounts('training.xml'),
  },
];

/** Runs one step; returns its counts and, when it failed, why. */
function run(step: Step): { readonly counts: Counts; readonly failure?: string } {
  const npm = process.env['npm_execpath'];
  const args = ['run', '--silent', step.script, ...(step.args === undefined ? [] : ['--', ...step.args])];
  const [program, programArgs] = npm === undefined ? ['npm', args] : [process.execPath, [npm, ...args]];
  const { status } = spawnSync(program, programArgs, {
    stdio: 'inherit',
    env: { ...process.env, ...step.env },
  });
  const failure =
    status === 0 ? undefined : `The step "${step.name}" failed; "npm run ${step.script}" runs it alone.`;
  const none = { passed: 0, failed: 0, skipped: 0 };
  if (step.count === undefined) return failure === undefined ? { counts: none } : { counts: none, failure };

  let counts: Counts;
  try {
    counts = step.count();
  } catch {
    return { counts: none, failure: failure ?? `The step "${step.name}" left no report.` };
  }
  if (failure !== undefined) return { counts, failure };
  if (counts.skipped > 0)
    return { counts, failure: `${counts.skipped} tests of the step "${step.name}" were skipped.` };
  if (counts.passed === 0) return { counts, failure: `The step "${step.name}" ran no tests.` };
  return { counts };
}

const names = process.argv.slice(2);
const unknown = names.find((name) => !STEPS.some((step) => step.name === name));
if (unknown !== undefined) {
  throw new Error(
    `There is no step "${unknown}"; the steps are ${STEPS.map(({ name }) => name).join(', ')}.`,
  );
}
const steps = STEPS.filter(({ name }) => names.length === 0 || names.includes(name));

rmSync(REPORTS, { recursive: true, force: true });
mkdirSync(REPORTS, { recursive: true });

let passed = 0;
let failed = 0;
let failure: string | undefined;
try {
  // Looked for first, so that nobody waits through the other steps to learn that it is missing.
  if (steps.some(({ name }) => name === 'e2e' || name === 'kernels')) {
    console.log(`Browser: ${requireChromium()}`);
  }
  for (const step of steps) {
    console.log(`\n=== ${step.name} ===`);
    const startMs = performance.now();
    const result = run(step);
    console.log(`--- ${step.name}: ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
    passed += result.counts.passed;
    failed += result.counts.failed;
    failure = result.failure;
    if (failure !== undefined) break;
  }
} catch (error) {
  failure = error instanceof Error ? error.message : String(error);
}

if (failure !== undefined) {
  console.error(`\n${failure}`);
  process.exitCode = 1;
  // A failed step without a failed test still counts: the last line must not look like success.
  failed = Math.max(failed, 1);
}
console.log(`\n${passed} passed, ${failed} failed`);
