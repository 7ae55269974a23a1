// @vitest-environment node
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

// oxlint-disable-next-line no-restricted-imports -- only a test may hold the page's words against the engine's
import { REASONS } from '../../runtime/reasons.ts';
import { loadFailure, newerSession, turnFailure, unsupportedTask } from '../../session/messages.ts';
import { failureZh } from './failuresZh.ts';

const source = (file: string): string =>
  readFileSync(new URL(`../../session/${file}`, import.meta.url), 'utf8');
/** Parts of sentences that are put together, which the second test holds as a whole. */
const PARTS = /^(?:your words|broke off|Turn \$|broke off at)|^[a-z]|\$\{|^ /;
const english = /[A-Za-z]{4,}/;

describe('failures in Chinese', () => {
  it('know every sentence that the session says of them', () => {
    const literals = ['messages.ts', 'capabilities.ts'].flatMap((file) =>
      [...source(file).matchAll(/'([^'\n]*)'|`([^`\n]*)`/g)].map((found) => found[1] ?? found[2] ?? ''),
    );
    const sentences = literals.filter((text) => /^[A-Z].* /.test(text) && !PARTS.test(text));
    expect(sentences.length).toBeGreaterThan(30);
    expect(sentences.filter((sentence) => english.test(failureZh(sentence)))).toEqual([]);
    const abilities = [...source('capabilities.ts').matchAll(/: '([a-z]+ [^']+)',$/gm)].map(
      ([, ability = '']) => unsupportedTask(ability, [ability]).happened,
    );
    expect(abilities).toHaveLength(12);
    expect(abilities.filter((sentence) => english.test(failureZh(sentence)))).toEqual([]);
  });

  it('put numbers and abilities in their places', () => {
    const lost = { code: 'device-lost' };
    const progress = {
      phase: 'download' as const,
      verifiedBytes: 41e6,
      receivedBytes: 41e6,
      totalBytes: 86.4e6,
      isWaiting: false,
      storage: 'kept' as const,
    };
    const said = [
      turnFailure(lost, { number: 5, hasRegion: true }).safe,
      turnFailure(lost, { number: 5, hasRegion: false }).safe,
      loadFailure({ code: 'download-failed' }, progress).happened,
      loadFailure({ code: 'download-failed' }, null).happened,
      newerSession(9).happened,
      unsupportedTask('move a region to another place', [
        'change a picture by words',
        'keep an edit inside a drawn region',
        'make a picture from words alone',
      ]).happened,
    ];
    expect(said.map(failureZh)).toEqual([
      '第 5 轮没有完成；您写的文字、区域和之前各轮都已保留。',
      '第 5 轮没有完成；您写的文字和之前各轮都已保留。',
      '下载在 41\u00a0MB 处中断，共 86.4\u00a0MB。',
      '下载中断了。',
      '这个会话由更新版本的页面存储（格式 9）。',
      '这个模型不能把区域移到别处。它能：按文字修改图片、把修改限制在手绘区域内、只凭文字作画。',
    ]);
  });

  it('know every reason that the engine gives, with its values, after the words of the session or alone', () => {
    const values: Readonly<Record<string, string | number>> = {
      sizes: '256x256 (262144 values)',
      what: 'picture',
      problem: 'is missing.',
    };
    const numbered = new Proxy(values, {
      get: (known, name: string) => known[name] ?? name.length + 100,
    });
    const said = Object.values(REASONS).map(({ say }) => (say as (values: object) => string)(numbered));
    // Names of things that have no Chinese name, and what a broken manifest says of itself.
    const names = /WebGPU|WASM|JSON|qk-norm|is missing/g;
    expect(said.filter((text) => english.test(failureZh(text).replace(names, '')))).toEqual([]);
    expect(
      said.filter((text) => (text.match(/\d+/g) ?? []).some((value) => !failureZh(text).includes(value))),
    ).toEqual([]);
    const before = 'The model cannot take this turn.';
    expect(said.map((text) => failureZh(`${before} ${text}`))).toEqual(
      said.map((text) => `模型无法处理这一轮。${failureZh(text)}`),
    );
  });

  it('say what a person can do about words that are too long', () => {
    expect(
      failureZh(
        'The model cannot take this turn. The instruction has 40 words and marks; this model reads 31. Shorten it.',
      ),
    ).toBe('模型无法处理这一轮。文字共有 40 个词和标点，这个模型最多读 31 个。请缩短一些。');
  });

  it('leave technical lines in their own words', () => {
    expect(
      failureZh('The model could not finish. Restart it and try again.\nTypeError: x is no function'),
    ).toBe('模型没能完成。请重新启动它再试。\nTypeError: x is no function');
  });
});
