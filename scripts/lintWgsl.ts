/** Lint of the shaders for faults that compilers pass over. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Finding {
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

const NO_INITIALISER =
  'a variable in a function needs an initialiser: some compilers clear it once per call and not at each pass of a loop';
const NO_TRIGONOMETRY =
  'sin, cos and tan have wide error bounds in WGSL: compute a table on the host and pass it in';

/** Comments become spaces, so that columns and lines keep their places. */
function blankComments(source: string): string {
  return source.replaceAll(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ' '));
}

/** Finds variables without an initialiser inside functions, and trigonometric calls anywhere. */
export function lintWgsl(source: string): readonly Finding[] {
  const code = blankComments(source);
  const findings: Finding[] = [];
  const report = (index: number, message: string) =>
    findings.push({ line: code.slice(0, index).split('\n').length, message });

  let depth = 0;
  for (const { 0: token, index } of code.matchAll(/[{}]|\bvar\b[^;{}]*;|\b(?:sin|cos|tan)\s*\(/g)) {
    if (token === '{') depth += 1;
    else if (token === '}') depth -= 1;
    else if (!token.startsWith('var')) report(index, NO_TRIGONOMETRY);
    else {
      if (depth > 0 && !token.includes('=')) report(index, NO_INITIALISER);
      // The declaration was matched as a whole, so calls in its initialiser are looked for here.
      if (/\b(?:sin|cos|tan)\s*\(/.test(token)) report(index, NO_TRIGONOMETRY);
    }
  }
  return findings;
}

/** Lints every `.wgsl` file under `folder`; returns lines ready to print. */
export function lintWgslFolder(folder: string): {
  readonly files: number;
  readonly problems: readonly string[];
} {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.wgsl'),
  );
  const problems = files.flatMap((name) =>
    lintWgsl(readFileSync(join(folder, name), 'utf8')).map(
      ({ line, message }) => `${join(folder, name)}:${line}: ${message}`,
    ),
  );
  return { files: files.length, problems };
}
