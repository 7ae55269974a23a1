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
  const plain = { regions: {}, references: [], task: 'image', steps: undefined, guidance: undefined };
  expect(parseScript(JSON.stringify(valid))).toEqual({
    model: 'nano',
    name: undefined,
    about: undefined,
    picture: 'a.png',
    turns: [
      { ...plain, number: 1, parent: 0, instruction: 'add a cat', seed: 1 },
      {
        number: 2,
        parent: 0,
        instruction: '',
        regions: { drawn: 'm.png' },
        references: [],
        task: 'image',
        seed: 9,
        steps: 2,
        guidance: 1.5,
      },
    ],
  });
});

test('makes what begins with words the turn 0, with references and a seed of its own', () => {
  const references = [{ role: 'picture', picture: 'fox.png' }];
  const start = { words: 'a lake', references, seed: 4 };
  const { picture, turns } = parseScript(JSON.stringify({ ...valid, start }));
  expect(picture).toBeUndefined();
  expect(turns[0]).toMatchObject({ number: 0, parent: null, instruction: 'a lake', references, seed: 4 });
  expect(turns.map(({ number, parent }) => [number, parent])).toEqual([
    [0, null],
    [1, 0],
    [2, 0],
  ]);
});

test.each<[unknown, string]>([
  [[], 'The script must be an object with "model", "name", "about", "start", "turns".'],
  [{ ...valid, modle: 'x' }, 'The script has "modle"; known are "model", "name",'],
  [{ ...valid, name: '' }, '"name" must be a text.'],
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
    'a reference needs either "picture", the path of a PNG, or "turn".',
  ],
  [
    { ...valid, turns: [{ instruction: 'a', references: [{ role: 'picture', turn: 1 }] }] },
    'Turn 1: "turn" must be the number of an earlier turn',
  ],
  [
    { ...valid, turns: [{ regions: { next: { dx: 4 } } }] },
    '"next" can move a region only where "now" or "drawn" gives one.',
  ],
  [
    { ...valid, turns: [{ regions: { now: 'a', next: { x: 4 } } }] },
    'Turn 1: "next" has "x"; known are "dx"',
  ],
  [{ ...valid, turns: [{ regions: { now: 'a', next: { dx: '4' } } }] }, '"dx" must be a number.'],
  [{ ...valid, turns: [{ instruction: 'a', clip: { count: 9, to: 0 } }] }, '"count", 4 to 8'],
  [{ ...valid, turns: [{ instruction: 'a', clip: { count: 4, to: 'b' } }] }, '"to" must be the number of'],
  [{ ...valid, turns: [{ instruction: 'a', clip: 'edit', scene: true }] }, '"scene" must be true or false'],
  [
    { ...valid, turns: [{ clip: { count: 4, to: 0 }, regions: {} }] },
    'a "clip" takes no "regions" and no "references".',
  ],
  [
    { ...valid, turns: [{ instruction: 'a', steps: 0 }] },
    'Turn 1: "steps" must be a whole number, 1 to 200.',
  ],
  [{ ...valid, turns: [{ instruction: 'a', seed: -1 }] }, 'Turn 1: "seed" must be a whole number'],
  [{ ...valid, turns: [{ instruction: 'a', seed: '1' }] }, 'Turn 1: "seed" must be a number.'],
  [
    { ...valid, turns: [{ instruction: 'a', parent: 1 }] },
    'Turn 1: "parent" must be the number of an earlier turn',
  ],
])('refuses %j and says what belongs there', (value, message) => {
  expect(() => parseScript(JSON.stringify(value))).toThrow(message);
});

test('keeps regions to predict and to move, references, scenes and both kinds of clip', () => {
  const asked = [
    { instruction: 'a', regions: { now: 'predict', next: 'n.png' } },
    { instruction: 'b', regions: { drawn: 'd.png', next: { dx: 4, scale: 0.5 } } },
    {
      instruction: 'c',
      references: [
        { role: 'exampleBefore', picture: 'b.png' },
        { role: 'exampleAfter', turn: 1 },
      ],
    },
    { instruction: 'd', scene: true },
    { instruction: 'e', clip: { count: 5, to: 2 } },
    { instruction: 'f', clip: 'edit' },
  ];
  const { turns } = parseScript(JSON.stringify({ ...valid, turns: asked }));
  expect(turns.map(({ regions, references, task }) => [regions, references, task])).toEqual([
    [{ now: 'predict', next: 'n.png' }, [], 'image'],
    [{ drawn: 'd.png', next: { dx: 4, scale: 0.5 } }, [], 'image'],
    [
      {},
      [
        { role: 'exampleBefore', picture: 'b.png' },
        { role: 'exampleAfter', picture: { turn: 1 } },
      ],
      'image',
    ],
    [{}, [], 'scene'],
    [{}, [], { count: 5, to: { turn: 2 } }],
    [{}, [], 'clip edit'],
  ]);
});

test('says that a script is not JSON', () => {
  expect(() => parseScript('{')).toThrow('The script is not JSON');
});
