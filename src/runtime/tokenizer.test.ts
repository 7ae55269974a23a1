import { expect, test } from 'vitest';

import { tiny } from './testing/tiny.ts';
import { parseTokenizer } from './tokenizer.ts';

const template = {
  type: 'TemplateProcessing',
  single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
  special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
};
const vocab = { '<pad>': 0, '</s>': 1, '<unk>': 2, add: 3, cat: 4, '.': 5, "'": 6, s: 7, it: 8 };

function tokenizerWith(changes: Record<string, unknown> = {}) {
  return parseTokenizer({
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: template,
    model: { type: 'WordLevel', vocab, unk_token: '<unk>' },
    ...changes,
  });
}

test('lower-cases, splits words from marks and ends with the end token', () => {
  expect([...tokenizerWith().encode('  Add\tCAT..  cat.', 32)]).toEqual([3, 4, 2, 4, 5, 1]);
});

test('keeps letters with accents in one word, as the training library does', () => {
  expect(tokenizerWith().unknownWords('naïve café ab_c 1st')).toEqual(['naïve', 'café', 'ab_c', '1st']);
});

test('splits every mark off by itself after a split at whitespace', () => {
  const sequence = {
    type: 'Sequence',
    pretokenizers: [{ type: 'WhitespaceSplit' }, { type: 'Punctuation' }],
  };
  expect([...tokenizerWith({ pre_tokenizer: sequence }).encode("it's cat..", 32)]).toEqual([
    8, 6, 7, 4, 5, 5, 1,
  ]);
});

test('reports unknown words once each, in order', () => {
  expect(tokenizerWith().unknownWords('Add zebra cat zebra okapi')).toEqual(['zebra', 'okapi']);
});

test('takes exactly as many tokens as the model reads, and says how much is too much', () => {
  const tokenizer = tokenizerWith();
  expect([...tokenizer.encode('add cat', 3)]).toEqual([3, 4, 1]);
  expect(() => tokenizer.encode('add cat cat', 3)).toThrow(
    'The instruction has 3 words and marks; this model reads 2. Shorten it.',
  );
});

test.each([
  [{ model: { type: 'Unigram' } }, 'model "Unigram"'],
  [{ model: { type: 'WordLevel', vocab: {}, unk_token: '<unk>' } }, 'without an unknown token'],
  [{ normalizer: { type: 'Nmt' } }, 'normalizer "Nmt"'],
  [{ pre_tokenizer: { type: 'Metaspace' } }, 'pre-tokenizer "Metaspace"'],
  [{ pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true } }, 'a space before every text'],
  [{ pre_tokenizer: { type: 'Split', pattern: { Regex: 'a' }, behavior: 'Removed' } }, 'kind "Removed"'],
  [{ pre_tokenizer: { type: 'Split', pattern: { Regex: '(?>a)' }, behavior: 'Isolated' } }, 'a split at'],
  [{ model: { type: 'BPE', vocab: { a: 0 }, merges: [] } }, 'without a token for each byte'],
  [{ model: { type: 'BPE', vocab: {}, dropout: 0.1 } }, 'byte pairs with affixes or chance'],
  [{ pre_tokenizer: null }, 'no pre-tokenizer'],
  [{ post_processor: { type: 'BertProcessing' } }, 'post-processor "BertProcessing"'],
])('refuses a tokenizer it would read wrongly: %j', (changes, message) => {
  expect(() => tokenizerWith(changes)).toThrow(message);
});

test('reads the file that the training package writes', () => {
  const tokenizer = parseTokenizer(JSON.parse(new TextDecoder().decode(tiny.read('tokenizer.json'))));
  expect(tokenizer.unknownWords('Add a cat on the left, wombat.')).toEqual(['wombat']);
  expect(tokenizer.encode('add a cat', 32).at(-1)).toBe(1);
});
