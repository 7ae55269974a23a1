import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { failure, toErrorData } from './failures.ts';
import { REASONS } from './reasons.ts';

const source = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');

test('names every reason at the top of its file, under its code', () => {
  const [header = ''] = source('reasons.ts').split('*/');
  const rows = header.split('\n').flatMap((line) => {
    const [, code = '', names = ''] = line.split('|').map((cell) => cell.trim());
    return /^[a-z-]*$/.test(code) && names !== '' && !names.startsWith('--') && !names.startsWith('reasons')
      ? [{ code, names: names.split(/, ?/).filter(Boolean) }]
      : [];
  });
  let code = '';
  const listed = rows.flatMap((row) => {
    code = row.code === '' ? code : row.code;
    return row.names.map((name) => `${code} ${name}`);
  });
  expect(listed).toEqual(Object.entries(REASONS).map(([name, reason]) => `${reason.code} ${name}`));
});

test('says each failure in whole sentences, the last of which is no question', () => {
  for (const { say } of Object.values(REASONS)) {
    const values = new Proxy({}, { get: () => 'value.' });
    expect((say as (values: object) => string)(values)).toMatch(/^[\w"].* .*\.$/);
  }
});

test('crosses the worker boundary with the reason and what stands in its sentence', () => {
  const error = failure('words-too-long', { words: 40, most: 31 }, 'from a test');
  expect(structuredClone(toErrorData(error))).toEqual({
    code: 'bad-input',
    message: 'The instruction has 40 words and marks; this model reads 31. Shorten it.',
    detail: 'from a test',
    reason: 'words-too-long',
    values: { words: 40, most: 31 },
  });
  expect(toErrorData(new TypeError('broken'))).toMatchObject({
    code: 'internal',
    reason: 'unknown',
    values: {},
  });
});
