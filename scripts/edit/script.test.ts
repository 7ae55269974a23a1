import { expect, test } from 'vitest';

import { parseScript } from './script.ts';

const valid = {
  model: 'nano',
  start: { picture: 'a.png' },
  turns: [{ instruction: ' add a cat ' }, { mask: 'm.png', seed: 9, steps: 2, guidance: 1.5, parent: 0 }],
};

test('fills in what a turn leaves out: its number as seed, the turn before it as parent', () => {
  expect(parseScript(JSON.stringify(valid))).toEqual({
    model: 'nano',
    start: { picture: 'a.png' },
    turns: [
      {
        instruction: 'add a cat',
        mask: undefined,
        seed: 1,
        steps: undefined,
        guidance: undefined,
        parent: 0,
      },
      { instruction: '', mask: 'm.png', seed: 9, steps: 2, guidance: 1.5, parent: 0 },
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
  [{ ...valid, turns: [{}] }, 'Turn 1 needs an "instruction", a "mask", or both.'],
  [{ ...valid, turns: [{ instruction: 1 }] }, 'Turn 1: "instruction" must be a text.'],
  [{ ...valid, turns: [{ mask: 1 }] }, 'Turn 1: "mask" must be the path of a PNG.'],
  [{ ...valid, turns: [{ instruction: 'a', seed: '1' }] }, 'Turn 1: "seed" must be a number.'],
  [
    { ...valid, turns: [{ instruction: 'a', parent: 1 }] },
    'Turn 1: "parent" must be the number of an earlier turn',
  ],
])('refuses %j and says what belongs there', (value, message) => {
  expect(() => parseScript(JSON.stringify(value))).toThrow(message);
});

test('says that a script is not JSON', () => {
  expect(() => parseScript('{')).toThrow('The script is not JSON');
});
