/** Small files, most with one fault, and what the gates must say of each. */

interface LintFile {
  readonly source: string;
  /** Names of the rules that must report this file; none for a clean file. */
  readonly rules: readonly string[];
}

const clean = (source: string): LintFile => ({ source, rules: [] });
const layer = (source: string): LintFile => ({ source, rules: ['no-restricted-imports'] });
const faulty = (rule: string, source: string): LintFile => ({ source, rules: [rule] });

export const LINT_FILES: Readonly<Record<string, LintFile>> = {
  'src/runtime/contract.ts': clean('export interface Engine {\n  readonly id: string;\n}\n'),
  'src/runtime/engine.ts': clean(
    "import { size } from '../kernels/size.ts';\nexport const engine = { id: String(size) };\n",
  ),
  'src/kernels/size.ts': clean('export const size = 4;\n'),
  'src/session/document.ts': clean(
    "import type { Engine } from '../runtime/contract.ts';\nexport const idOf = (engine: Engine) => engine.id;\n",
  ),
  'src/ui/page.ts': clean("import { idOf } from '../session/document.ts';\nexport const title = idOf;\n"),
  'src/main.tsx': clean(
    "import { engine } from './runtime/engine.ts';\nimport { title } from './ui/page.ts';\ntitle(engine);\n",
  ),
  'src/runtime/node/file.ts': clean(
    "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n",
  ),

  // Layers: values, types, re-exports and imports at run time.
  'src/ui/runtimeValue.ts': layer(
    "import { engine } from '../runtime/engine.ts';\nexport const it = engine;\n",
  ),
  'src/ui/deep/runtimeType.ts': layer(
    "import type { engine } from '../../runtime/engine.ts';\nexport type It = typeof engine;\n",
  ),
  'src/ui/kernelType.ts': layer(
    "import type { size } from '../kernels/size.ts';\nexport type It = typeof size;\n",
  ),
  'src/ui/onnx.ts': layer(
    "import type { Tensor } from 'onnxruntime-web/webgpu';\nexport type It = Tensor;\n",
  ),
  'src/ui/database.ts': layer("import { openDB } from 'idb';\nexport const open = openDB;\n"),
  'src/session/page.ts': layer(
    "import type { title } from '../ui/page.ts';\nexport type It = typeof title;\n",
  ),
  'src/session/runtimeType.ts': layer(
    "import type { engine } from '../runtime/engine.ts';\nexport type It = typeof engine;\n",
  ),
  'src/session/reExport.ts': layer("export { engine } from '../runtime/engine.ts';\n"),
  'src/session/barrel.ts': faulty('no-barrel-file', "export * from './document.ts';\n"),
  'src/session/atRunTime.ts': layer("export const load = async () => import('../runtime/engine.ts');\n"),
  'src/session/view.ts': layer(
    "import { createElement } from 'react';\nexport const make = createElement;\n",
  ),
  'src/session/files.ts': layer(
    "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n",
  ),
  'src/runtime/document.ts': layer(
    "import type { idOf } from '../session/document.ts';\nexport type It = typeof idOf;\n",
  ),
  'src/runtime/page.ts': layer(
    "import type { title } from '../ui/page.ts';\nexport type It = typeof title;\n",
  ),
  'src/kernels/contract.ts': layer(
    "import type { Engine } from '../runtime/contract.ts';\nexport type It = Engine;\n",
  ),
  'src/kernels/rope/onnx.ts': layer(
    "import type { Tensor } from 'onnxruntime-web/webgpu';\nexport type It = Tensor;\n",
  ),
  'src/kernels/rope/contract.test.ts': layer(
    "import type { Engine } from '../../runtime/contract.ts';\nexport type It = Engine;\n",
  ),
  'e2e/inside.ts': layer("import { size } from '../src/kernels/size.ts';\nexport const it = size;\n"),

  'src/session/cycleA.ts': faulty(
    'no-cycle',
    "import { b } from './cycleB.ts';\nexport const a = (): number => b();\n",
  ),
  'src/session/cycleB.ts': faulty(
    'no-cycle',
    "import { a } from './cycleA.ts';\nexport const b = (): number => a();\n",
  ),

  // Powers that have one home.
  'src/ui/random.ts': faulty('no-restricted-properties', 'export const roll = () => Math.random();\n'),
  'src/session/clock.ts': faulty('no-restricted-properties', 'export const now = () => Date.now();\n'),
  'src/ui/gpu.ts': faulty('no-restricted-properties', 'export const gpu = () => navigator.gpu;\n'),
  'src/ui/load.ts': faulty('no-restricted-globals', "export const load = async () => fetch('x');\n"),
  'src/ui/store.ts': faulty('no-restricted-globals', 'export const store = () => globalThis.indexedDB;\n'),
  'src/runtime/store.ts': faulty(
    'no-restricted-globals',
    "export const store = () => localStorage.getItem('x');\n",
  ),
  'src/ui/markup.tsx': faulty(
    'no-danger',
    'export function Markup({ html }: { readonly html: string }) {\n  return <p dangerouslySetInnerHTML={{ __html: html }} />;\n}\n',
  ),

  // Mistakes that types alone let pass.
  'src/session/floating.ts': faulty(
    'no-floating-promises',
    'export function go(work: () => Promise<void>): void {\n  work();\n}\n',
  ),
  'src/session/exhaustive.ts': faulty(
    'switch-exhaustiveness-check',
    "export function go(kind: 'a' | 'b', act: () => void): void {\n  switch (kind) {\n    case 'a':\n      act();\n  }\n}\n",
  ),
  'src/session/anything.ts': faulty('no-explicit-any', 'export type Anything = any;\n'),
  'src/session/bang.ts': faulty(
    'no-non-null-assertion',
    'export const first = (x: readonly number[]) => x[0]!;\n',
  ),
  'src/session/byDefault.ts': faulty('no-default-export', 'export default 1;\n'),
  'src/session/console.ts': faulty('no-console', "export const say = () => console.log('x');\n"),

  // Tests that prove nothing.
  'src/session/skipped.test.ts': faulty(
    'no-disabled-tests',
    "import { expect, test } from 'vitest';\n\ntest.skip('adds', () => {\n  expect(1 + 1).toBe(2);\n});\n",
  ),
  'src/session/focused.test.ts': faulty(
    'no-focused-tests',
    "import { expect, test } from 'vitest';\n\ntest.only('adds', () => {\n  expect(1 + 1).toBe(2);\n});\n",
  ),
  'src/session/empty.test.ts': faulty(
    'expect-expect',
    "import { test } from 'vitest';\n\ntest('adds', () => {\n  String(1 + 1);\n});\n",
  ),
  'src/session/snapshot.test.ts': faulty(
    'no-restricted-matchers',
    "import { expect, test } from 'vitest';\n\ntest('adds', () => {\n  expect(1 + 1).toMatchSnapshot();\n});\n",
  ),
  'src/session/mocked.test.ts': faulty(
    'no-restricted-vi-methods',
    "import { expect, test, vi } from 'vitest';\n\nvi.mock('./document.ts');\ntest('adds', () => {\n  expect(1 + 1).toBe(2);\n});\n",
  ),
};

export const TYPE_FILES: Readonly<
  Record<string, { readonly source: string; readonly errors: readonly string[] }>
> = {
  'src/clean.ts': {
    source: 'export const first = (x: readonly number[]): number | undefined => x[0];\n',
    errors: [],
  },
  'src/index.ts': {
    source: 'export const first = (x: readonly number[]): number => x[0];\n',
    errors: ['TS2322'],
  },
  'src/optional.ts': {
    source: 'export const x: { readonly y?: number } = { y: undefined };\n',
    errors: ['TS2375'],
  },
  'src/implicit.ts': { source: 'export function f(x) {\n  return String(x);\n}\n', errors: ['TS7006'] },
  'src/unused.ts': { source: 'const unused = 1;\nexport const x = 2;\n', errors: ['TS6133'] },
  'src/enumeration.ts': { source: 'export enum E {\n  A,\n}\n', errors: ['TS1294'] },
  'src/override.ts': {
    source: 'class A {\n  f(): void {}\n}\nexport class B extends A {\n  f(): void {}\n}\n',
    errors: ['TS4114'],
  },
};
