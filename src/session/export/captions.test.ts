import { expect, test } from 'vitest';

import { captions } from './captions.ts';

test('words stand at the times of their shots, those without words pass in silence', () => {
  const shots = [
    { words: '', seconds: 2 },
    { words: 'add a cat\n\nand a dog', seconds: 0.5 },
    { words: '  ', seconds: 3600 },
    { words: 'make it night', seconds: 61.25 },
  ];
  expect(captions(shots)).toBe(
    '1\n00:00:02,000 --> 00:00:02,500\nadd a cat and a dog\n\n' +
      '2\n01:00:02,500 --> 01:01:03,750\nmake it night\n',
  );
  expect(captions([])).toBe('');
});

test('many short times add up to the whole without a millisecond lost', () => {
  const shots = Array.from({ length: 30 }, () => ({ words: 'on', seconds: 0.1 }));
  expect(captions(shots)).toContain('--> 00:00:03,000\n');
});
