import { expect, test } from 'vitest';

import type { EditRequest, HistoryItem, Reference } from './contract.ts';
import { sha256Hex } from './ports.ts';
import type { ImageItem } from './tasks.ts';
import { roleTasks, tiny, tinyRoles } from './testing/tiny.ts';
import { parseTokenizer } from './tokenizer.ts';
import { planTurn } from './turn.ts';

const manifest = tiny.manifest();
const ableManifest = {
  ...manifest,
  capabilities: [...manifest.capabilities, ...roleTasks],
  roles: tinyRoles,
};
const tokenizer = parseTokenizer(JSON.parse(new TextDecoder().decode(tiny.read('tokenizer.json'))));
const plan = (changes: Partial<EditRequest>) =>
  planTurn(tiny.request(changes), manifest, tokenizer, sha256Hex);
const drawn = tiny.mask();

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
    previous: tiny.opened,
  });
});

test('finds the words and the mask of a turn again once they are history', async () => {
  const earlier = await plan({ regions: { drawn } });
  const made: HistoryItem = { kind: 'image', id: 'made', pixels: tiny.picture(2) };
  const history: readonly HistoryItem[] = [
    tiny.opened,
    { kind: 'text', id: 't1', text: 'Add a CAT' },
    { kind: 'mask', id: 'm1', mask: tiny.mask() },
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
  const history: readonly HistoryItem[] = [{ kind: 'text', id: 't', text: 'add a cat' }, tiny.opened];
  expect((await plan({ history })).instruction).toEqual({ start: 10, end: 14 });
});

/** A request of a model that knows every task. */
const planAble = (changes: Partial<EditRequest>) =>
  planTurn(tiny.request(changes), ableManifest, tokenizer, sha256Hex);
const textOf = (words: string): string => `text ${tokenizer.encode(words, 32).join(' ')}`;

test('lays out references, words, regions and what is asked for, each after its role', async () => {
  const references: readonly Reference[] = [
    { role: 'exampleBefore', id: 'before', pixels: tiny.picture(2) },
    { role: 'picture', id: 'cat', pixels: tiny.picture(3) },
  ];
  const regions = { drawn, now: tiny.mask() };
  const { context, instruction, previous, isRegion, bounds } = await planAble({
    references,
    regions,
    target: 'region-next',
  });
  const region = context.at(-2)?.key;
  expect(region).toMatch(/^mask /);
  expect(context.map(({ key }) => key)).toEqual([
    'image 0 opened',
    textOf(tinyRoles.exampleBefore),
    'image 0 before',
    textOf('cat left'),
    'image 0 cat',
    textOf('add a cat'),
    region,
    textOf(tinyRoles.regionNow),
    region,
    textOf(tinyRoles.regionNext),
  ]);
  const words = context[5]?.place;
  expect(instruction).toEqual({ start: words?.start, end: (words?.start ?? 0) + 4 });
  expect({ previous, isRegion, bounds }).toEqual({
    previous: tiny.opened,
    isRegion: true,
    bounds: undefined,
  });
});

test('keeps a picture inside its regions, and asks for a region of the whole frame', async () => {
  expect((await planAble({ regions: { now: drawn } })).bounds).toEqual(drawn);
  expect((await planAble({ regions: { drawn }, target: 'region-now' })).bounds).toBeUndefined();
});

test('edits the last picture that is no reference', async () => {
  const reference: HistoryItem = { kind: 'image', id: 'r', pixels: tiny.picture(2), isReference: true };
  expect((await planAble({ history: [tiny.opened, reference] })).previous).toBe(tiny.opened);
});

test('makes a frame between two pictures from the first, at its time, after its role', async () => {
  const history: readonly HistoryItem[] = [
    tiny.opened,
    { kind: 'text', id: 't', text: 'add a cat' },
    { kind: 'image', id: 'end', pixels: tiny.picture(2) },
    { kind: 'image', id: 'made', pixels: tiny.picture(3), t: 1 },
  ];
  const frame = { index: 3, count: 4, previousId: 'opened' };
  const { context, target, previous, instruction } = await planAble({ history, target: frame });
  expect(context.map(({ place }) => place.t)).toEqual([0, 0, 0, 1, 0]);
  expect(context.map(({ key }) => key).slice(3)).toEqual(['image 1 made', textOf('make three of four')]);
  expect(target.t).toBe(2);
  expect(previous).toBe(tiny.opened);
  expect(instruction).toEqual({ start: 6, end: 10 });
  const { instruction: none } = await planAble({ history, target: frame, instruction: '' });
  expect(none).toBeUndefined();
});

test('edits the frame of a clip that stands at the same time, also when frames look the same', async () => {
  const history: readonly HistoryItem[] = [
    ...[0, 1, 2, 3].map((t): HistoryItem => ({ ...(tiny.opened as ImageItem), t })),
    { kind: 'text', id: 't', text: 'add a cat' },
  ];
  const plans = await Promise.all(
    [1, 4].map((index) => planAble({ history, target: { index, count: 4, previousId: 'opened' } })),
  );
  expect(plans.map(({ previous, target }) => [previous?.t, target.t])).toEqual([
    [0, 0],
    [3, 3],
  ]);
});

const made = { index: 2, count: 4, previousId: 'opened' };

test.each<[string, Partial<EditRequest>, string]>([
  ['a region asked for and given', { target: 'region-now', regions: { now: drawn } }, 'is given already'],
  [
    'the first region after the second',
    { target: 'region-now', regions: { next: drawn } },
    'is given already',
  ],
  ['a region of no picture', { history: [], target: 'region-now' }, 'A region needs a picture'],
  ['an unknown picture of a clip', { target: { ...made, previousId: 'x' } }, 'has no image "x"'],
  ['the end of a clip', { target: { ...made, index: 4 }, instruction: '' }, 'are there already'],
  ['words of a clip that were not said', { target: made }, 'belong into its history'],
  ['a region in a clip', { target: made, instruction: '', regions: { drawn } }, 'belong into its history'],
])('refuses %s', async (_, changes, message) => {
  await expect(planAble(changes)).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining(message) as string,
  });
});

test('refuses what the model was not trained for', async () => {
  await expect(plan({ target: 'region-now' })).rejects.toMatchObject({ code: 'unsupported' });
});

const wrongLatent = { channels: 4, height: 4, width: 4, data: new Float32Array(64) };

test.each<[string, Partial<EditRequest>, string]>([
  ['nothing asked', { instruction: ' ' }, 'Write what to change, or draw a region.'],
  ['a region without a picture', { history: [], regions: { drawn } }, 'A region needs a picture'],
  ['a mask of another size', { regions: { drawn: { ...drawn, width: 32 } } }, 'The mask is 32x64'],
  [
    'a picture of another size',
    { history: [{ ...tiny.opened, pixels: { ...tiny.picture(1), height: 1 } } as HistoryItem] },
    'The picture is 64x1',
  ],
  [
    'a latent of another model',
    { history: [{ ...tiny.opened, latent: wrongLatent } as HistoryItem] },
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
