import { expect, test } from 'vitest';

import type { EditRequest, HistoryItem } from './contract.ts';
import { sha256Hex } from './ports.ts';
import { opened, readTiny, tinyManifest, tinyMask, tinyPicture, tinyRequest } from './testing/tiny.ts';
import { parseTokenizer } from './tokenizer.ts';
import { planTurn } from './turn.ts';

const manifest = tinyManifest();
const tokenizer = parseTokenizer(JSON.parse(new TextDecoder().decode(readTiny('tokenizer.json'))));
const plan = (changes: Partial<EditRequest>) =>
  planTurn(tinyRequest(changes), manifest, tokenizer, sha256Hex);
const drawn = tinyMask();

test('lays out history, instruction, mask and target, and remembers where the instruction stands', async () => {
  const { context, historyLength, instruction, previous, target } = await plan({ regions: { drawn } });
  expect(context.map(({ place }) => place)).toEqual([
    { kind: 'vision', start: 0, tokens: 6, sequence: 0, t: 0 },
    { kind: 'text', start: 6, tokens: 4, sequence: 1, t: 0 },
    { kind: 'vision', start: 10, tokens: 6, sequence: 5, t: 0 },
  ]);
  expect(target).toEqual({ kind: 'vision', start: 16, tokens: 6, sequence: 6, t: 0 });
  expect({ historyLength, instruction, previous }).toEqual({
    historyLength: 1,
    instruction: { start: 6, end: 10 },
    previous: opened,
  });
});

test('finds the words and the mask of a turn again once they are history', async () => {
  const earlier = await plan({ regions: { drawn } });
  const made: HistoryItem = { kind: 'image', id: 'made', pixels: tinyPicture(2) };
  const history: readonly HistoryItem[] = [
    opened,
    { kind: 'text', id: 't1', text: 'Add a CAT' },
    { kind: 'mask', id: 'm1', mask: tinyMask() },
    made,
  ];
  const later = await plan({ history, instruction: 'make it night' });
  expect(later.context.slice(0, 3).map(({ key }) => key)).toEqual(earlier.context.map(({ key }) => key));
  expect(later.previous).toBe(made);
});

test('has no instruction to leave out when only a region is given', async () => {
  const { context, instruction } = await plan({ instruction: '  ', regions: { drawn } });
  expect(context.map(({ input }) => input.kind)).toEqual(['image', 'mask']);
  expect(instruction).toBeUndefined();
});

test('does not take words of the history for the instruction', async () => {
  const history: readonly HistoryItem[] = [{ kind: 'text', id: 't', text: 'add a cat' }, opened];
  expect((await plan({ history })).instruction).toEqual({ start: 10, end: 14 });
});

const wrongLatent = { channels: 4, height: 4, width: 4, data: new Float32Array(64) };

test.each<[string, Partial<EditRequest>, string]>([
  ['nothing asked', { instruction: ' ' }, 'Write what to change, or draw a region.'],
  ['a region without a picture', { history: [], regions: { drawn } }, 'A region needs a picture'],
  ['a mask of another size', { regions: { drawn: { ...drawn, width: 32 } } }, 'The mask is 32x64'],
  [
    'a picture of another size',
    { history: [{ ...opened, pixels: { ...tinyPicture(1), height: 1 } } as HistoryItem] },
    'The picture is 64x1',
  ],
  [
    'a latent of another model',
    { history: [{ ...opened, latent: wrongLatent } as HistoryItem] },
    "A picture's latent is not 8x4x4",
  ],
  ['a seed below 0', { seed: -1 }, 'The seed -1'],
  ['a seed of 33 bits', { seed: 2 ** 32 }, 'The seed 4294967296'],
  ['no steps', { steps: 0 }, '0 steps are not possible'],
  ['half steps', { steps: 1.5 }, '1.5 steps are not possible'],
  ['no number for guidance', { guidance: Number.NaN }, 'Guidance NaN is not possible'],
  [
    'too many words',
    { instruction: 'cat '.repeat(32) },
    'The instruction has 32 words and marks; this model reads 31',
  ],
])('refuses %s and says what to do', async (_, changes, message) => {
  await expect(plan(changes)).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining(message) as string,
  });
});
