// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs';

import { parseSync } from 'vite';
import { describe, expect, it } from 'vitest';

const UI = new URL('../', import.meta.url);
/** Tests, the messages themselves, and words for the model, which reads English only. */
const NOT_PAGE = /\.test\.tsx?$|^(?:messages|testing)\/|^first\/descriptions\.ts$/;
/** Attributes that are read to somebody or shown. */
const SHOWN =
  /^(?:aria-(?:label|description|valuetext|placeholder|roledescription)|alt|data-drop|label|placeholder|title)$/;
/** Parts that hold code of the browser and no language. */
const CODE = new Set([
  'aria-keyshortcuts',
  'className',
  'd',
  'transform',
  'style',
  'src',
  'href',
  'key',
  'patternTransform',
]);
/** Faults of the program and not of anything that a person did; nobody reads them but in the console. */
const FAULTS =
  /^(?:This component needs a PageContext around it\.|This command needs an open session\.|Pictures of different sizes: )$/;
/** Keys as the browser calls them and as they are written on them, and signs that are the same everywhere. */
const SIGNS = [
  /^(?:Arrow(?:Up|Down|Left|Right)|Enter|Escape|Home|End|Delete|Backspace|Tab|Control|ContextMenu|Shift|Alt|AltGraph|CapsLock|Meta)$/,
  /^(?:Key[A-Z]?|Bracket(?:Left|Right)?|Digit\d|ctrl \w)$/,
  /^[\s(]*(?:Ctrl|Alt|Shift|Esc|Del|Left|Right|Up|Down|Space)(?: (?:Shift|↵|[A-Z]))*[\s)]*$/,
  /^(?:Files|Palimpsest|WebGPU|\s*-\s*Palimpsest|\s*dB)$/,
  // Selectors of style sheets.
  /[[:]\w+[=(]|\w+\[\w+\]/,
];

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [part: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && 'start' in value;

/** Words for a person: two of them in a row, or one that begins as a sentence does. */
const isProse = (text: string): boolean =>
  /\p{L}{2,}[,;]? \p{L}/u.test(text) || /^\s*\p{Lu}\p{Ll}+/u.test(text) || /\p{Script=Han}/u.test(text);

/** Literals of a source that a person would read, each with its line. */
function visibleText(source: string): readonly string[] {
  const found: string[] = [];
  const note = (node: Node, text: string, isShown: boolean): void => {
    const hasLetters = /\p{L}{2,}/u.test(text);
    if (!(isShown ? hasLetters : isProse(text))) return;
    if (FAULTS.test(text) || SIGNS.some((sign) => sign.test(text))) return;
    found.push(`${source.slice(0, node.start).split('\n').length}: ${text.trim().slice(0, 60)}`);
  };
  const walk = (node: Node, isShown: boolean): void => {
    const { type } = node;
    if (type.startsWith('TS') && !/^TS(?:As|Satisfies|NonNull)/.test(type)) return;
    if (/^(?:Import|Export(?:All|Named)Declaration$)/.test(type) && node['declaration'] == null) return;
    if (type === 'JSXText') note(node, String(node['value']), true);
    if (type === 'Literal' && typeof node['value'] === 'string') note(node, node['value'], isShown);
    if (type === 'TemplateElement') note(node, (node['value'] as { cooked: string }).cooked, isShown);
    if (type === 'JSXAttribute') {
      const name = String((node['name'] as Node)['name']);
      if (!CODE.has(name) && isNode(node['value'])) walk(node['value'], SHOWN.test(name));
      return;
    }
    // What is called or compared with is no text, even inside of one.
    const isStillShown = isShown && !/^(?:CallExpression|BinaryExpression|MemberExpression)$/.test(type);
    const isChild = type === 'JSXElement' || type === 'JSXFragment';
    for (const [name, part] of Object.entries(node)) {
      if (name === 'key' && node['computed'] === false) continue;
      for (const inner of Array.isArray(part) ? part : [part])
        if (isNode(inner)) walk(inner, isChild ? name === 'children' : isStillShown);
    }
  };
  walk(parseSync('page.tsx', source).program as unknown as Node, false);
  return found;
}

describe('the text that a person reads', () => {
  it('stands in the message files and nowhere else', () => {
    const files = readdirSync(UI, { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => /\.tsx?$/.test(file) && !NOT_PAGE.test(file))
      .toSorted();
    const found = files.flatMap((file) =>
      visibleText(readFileSync(new URL(file, UI), 'utf8')).map((line) => `${file}:${line}`),
    );
    expect(found).toEqual([]);
  });

  it.each([
    'const a = <p>Hello</p>;',
    'const a = <p>{isOpen ? "fold" : name}</p>;',
    'const a = <p>{`turn ${n}`}</p>;',
    'const a = <button aria-label="close" />;',
    'const a = <button title={isOpen ? "fold" : "unfold"} />;',
    'speak(view, `Brush size ${size}.`);',
    'const LABELS = { x: "Left side", y: "Top" };',
    'const zh = "编辑";',
  ])('is found wherever it hides: %s', (source) => {
    expect(visibleText(source)).not.toEqual([]);
  });

  it.each([
    'const a = <p className="turn is-here">{m.app.script}</p>;',
    'const a = <button type="button" role="slider" aria-label={m.close} />;',
    'if (event.key === "ArrowUp") walk("a[href]");',
    'import { a } from "./Some file.ts";',
    'type Kind = "Some kind" | "Other";',
  ])('is not taken for what it is not: %s', (source) => {
    expect(visibleText(source)).toEqual([]);
  });
});
