// @vitest-environment node
import { describe, expect, it } from 'vitest';

import { en } from './en.ts';
import { chooseLanguage } from './language.ts';
import { zh } from './zh.ts';

/** Every text of a language by its path; functions are asked for a text with plain arguments. */
function textsOf(value: unknown, path: string): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[path, value]];
  // What it says comes from elsewhere and has a test of its own.
  if (path === '.failure') return [];
  if (typeof value === 'function') {
    // Lists of one: the few that take a list need it, and the others write it as its one item.
    return textsOf((value as (...of: readonly unknown[]) => unknown)(['3'], ['4'], ['5']), path);
  }
  return Object.entries(value as object).flatMap(([key, part]) => textsOf(part, `${path}.${key}`));
}

/** Names, formats and keys that read the same in every language. */
const SAME =
  /^\.(?:tag|comma|export\.formats\.(?:mp4|gif|apng)\.name|story\.frameOf|keys\.fixed\.\w+\.\w+\.1|desk\.sides\.[xy])$/;
/** What only one language needs to say. */
const ONLY_SOMEWHERE = /^\.first\.englishOnly$/;

describe('the messages', () => {
  it('leave nothing unsaid', () => {
    const unsaid = [...textsOf(en, ''), ...textsOf(zh, '')].filter(([, text]) => text.trim() === '');
    expect(unsaid.filter(([path]) => !ONLY_SOMEWHERE.test(path))).toEqual([]);
  });

  it('are Chinese in Chinese and have no Chinese in English', () => {
    const isChinese = (text: string) => /[\p{Script=Han}\u3000-\u303f\uff00-\uffef]/u.test(text);
    expect(textsOf(zh, '').filter(([path, text]) => !isChinese(text) && !SAME.test(path))).toEqual([]);
    expect(textsOf(en, '').filter(([, text]) => isChinese(text))).toEqual([]);
  });

  it('use full-width marks in Chinese, so that they stand where a reader expects them', () => {
    const halfWidth = textsOf(zh, '').filter(([, text]) =>
      /\p{Script=Han}[,;:!?()]|[,;!?]\p{Script=Han}/u.test(text),
    );
    expect(halfWidth).toEqual([]);
  });
});

describe('the language', () => {
  it('is the first that the person reads and the page speaks', () => {
    expect(chooseLanguage(null, ['de-DE', 'zh-CN', 'en'])).toBe('zh');
    expect(chooseLanguage(null, ['en-GB', 'zh-CN'])).toBe('en');
    expect(chooseLanguage(null, ['zh'])).toBe('zh');
    expect(chooseLanguage(null, ['de', 'fr'])).toBe('en');
  });

  it('stays the one that was chosen, unless that is none', () => {
    expect(chooseLanguage('en', ['zh-CN'])).toBe('en');
    expect(chooseLanguage('tlh', ['zh-CN'])).toBe('zh');
  });
});
