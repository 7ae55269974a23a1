import fc from 'fast-check';
import { expect, test } from 'vitest';

import { BYTE_LETTERS, byteLetters, createBytePairs, readExpression } from './bytePairs.ts';

const vocab = new Map([...BYTE_LETTERS, 'ab', 'abc', 'bc', 'Ġa'].map((token, id) => [token, id]));
const tokensOf = (ids: readonly number[]): readonly string[] => {
  const names = [...vocab.keys()];
  return ids.map((id) => names[id] ?? '');
};

test('joins the pair of the lowest rank first, again and again, from the left', () => {
  const spell = (merges: readonly (string | readonly [string, string])[], piece: string) =>
    tokensOf(createBytePairs(vocab, merges, false).encode(piece));
  expect(spell(['a b', 'ab c'], 'abcab')).toEqual(['abc', 'ab']);
  expect(spell(['b c', 'a b'], 'abcab')).toEqual(['a', 'bc', 'ab']);
  expect(spell([['Ġ', 'a']], 'ĠaĠb')).toEqual(['Ġa', 'Ġ', 'b']);
  expect(spell([], 'ab')).toEqual(['a', 'b']);
});

test('takes a word that has a token of its own as it is where the file says so', () => {
  expect(tokensOf(createBytePairs(vocab, [], true).encode('abc'))).toEqual(['abc']);
});

test('gives every text letters of its bytes, each byte another one, so that none is lost', () => {
  expect(new Set(BYTE_LETTERS).size).toBe(256);
  const decode = (letters: string): string =>
    new TextDecoder().decode(Uint8Array.from(letters, (letter) => BYTE_LETTERS.indexOf(letter)));
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(decode(byteLetters(text))).toBe(text);
    }),
  );
  expect(byteLetters(' é\n')).toBe('ĠÃ©Ċ');
});

test('reads expressions that ignore case, and the white space of Unicode', () => {
  const split = readExpression(String.raw`(?i:'s|'ll)|\s+|\S`);
  expect("I'LL it's\u0085x\ufeff".match(split)).toEqual([
    'I',
    "'LL",
    ' ',
    'i',
    't',
    "'s",
    '\u0085',
    'x',
    '\ufeff',
  ]);
  expect(() => readExpression('(?>a)')).toThrow(SyntaxError);
});
