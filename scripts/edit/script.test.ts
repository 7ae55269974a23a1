import { expect, test } from 'vitest';

import { parseScript } from './script.ts';

const valid = {
  model: 'nano',
  start: { picture: 'a.png' },
  turns: [
    { instruction: ' add a cat ' },
    { regions: { drawn: 'm.png' }, seed: 9, steps: 2, guidance: 1.5, parent: 0 },
  ],
};

test('fills in what a turn leaves out: its number as seed, the turn before it as parent', () => {
  expect(parseScript(JSON.stringify(valid))).toEqual({
    model: 'nano',
    start: { picture: 'a.png' },
    turns: [
      {
        instruction: 'add a cat',
        regions: {},
        references: [],
        clip: undefined,
        seed: 1,
        steps: undefined,
        guidance: undefined,
        parent: 0,
      },
      {
        instruction: '',
        regions: { drawn: 'm.png' },
        references: [],
        clip: undefined,
        seed: 9,
        steps: 2,
        guidance: 1.5,
        parent: 0,
      },
    ],
  });
});

test.each<[unknown, string]>([
  [[], 'The script must be an object with "model", "start", "turns".'],
  [{ ...valid, modle: 'x' }, 'The script has "modle"; known are "model", "start", "turns".'],
  [{ ...valid, model: 3 }, '"model" must be a text.'],
  [{ ...valid, start: {} }, '"start" needs either "picture", the path of a PNG, or "words"'],
  [{ ...valid, start: { picture: 'a', words: 'b' } }, '"start" needs either'],
  [{ ...valid, start: { words: '' } }, '"start.words" must be a text.'],
  [{ ...valid, turns: {} }, '"turns" must be a list of edits.'],
  [{ ...valid, turns: [{}] }, 'Turn 1 needs an "instruction", "regions", or both.'],
  [{ ...valid, turns: [{ instruction: 1 }] }, 'Turn 1: "instruction" must be a text.'],
  [
    { ...valid, turns: [{ regions: 'a.png' }] },
    'Turn 1: "regions" must be an object with "drawn", "now", "next"',
  ],
  [{ ...valid, turns: [{ regions: { now: 1 } }] }, 'Turn 1: "now" must be a text.'],
  [{ ...valid, turns: [{ regions: { drawn: 'predict' } }] }, 'only "now" and "next" can be "predict"'],
  [{ ...valid, turns: [{ instruction: 'a', references: 'b.png' }] }, '"references" must be a list.'],
  [
    { ...valid, turns: [{ instruction: 'a', references: [{ role: 'style', picture: 'b' }] }] },
    '"role" must be "picture", "exampleBefore" or "exampleAfter".',
  ],
  [
    { ...valid, turns: [{ instruction: 'a', references: [{ role: 'picture' }] }] },
    '"picture" must be a text.',
  ],
  [{ ...valid, turns: [{ instruction: 'a', clip: { count: 9, to: 'b' } }] }, '"clip" needs "count", 4 to 8'],
  [{ ...valid, turns: [{ instruction: 'a', clip: { count: 4 } }] }, '"to" must be a text.'],
  [
    { ...valid, turns: [{ instruction: 'a', clip: { frames: ['a', 'b', 'c', 4] } }] },
    'a frame must be a text.',
  ],
  [
    { ...valid, turns: [{ clip: { count: 4, to: 'b' }, regions: {} }] },
    'a "clip" takes no "regions" and no "references".',
  ],
  [{ ...valid, turns: [{ instruction: 'a', seed: '1' }] }, 'Turn 1: "seed" must be a number.'],
  [
    { ...valid, turns: [{ instruction: 'a', parent: 1 }] },
    'Turn 1: "parent" must be the number of an earlier turn',
  ],
])('refuses %j and says what belongs there', (value, message) => {
  expect(() => parseScript(JSON.stringify(value))).toThrow(message);
});

test('keeps regions to predict, references and both kinds of clip', () => {
  const asked = [
    { instruction: 'a', regions: { now: 'predict', next: 'n.png' } },
    { instruction: 'b', references: [{ role: 'exampleBefore', picture: 'b.png' }] },
    { instruction: 'c', clip: { count: 5, to: 'c.png' } },
    { instruction: 'd', clip: { frames: ['1', '2', '3', '4'] } },
  ];
  const { turns } = parseScript(JSON.stringify({ ...valid, turns: asked }));
  expect(turns).toMatchObject(asked);
});

test('says that a script is not JSON', () => {
  expect(() => parseScript('{')).toThrow('The script is not JSON');
});
