// @vitest-environment node
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { dropName, fillMention, mentionAt } from './mentions.ts';

const NAMES = ['picture one', 'picture two', 'picture three'];

describe('a mention', () => {
  it('is an @ at the beginning of a word, with what follows it up to the cursor', () => {
    expect(mentionAt('put @cup here', 8)).toEqual({ from: 4, query: 'cup' });
    expect(mentionAt('@', 1)).toEqual({ from: 0, query: '' });
    expect(mentionAt('put @cup here', 9)).toBeNull();
    expect(mentionAt('me@home', 7)).toBeNull();
  });

  it('gives way to a name, and the cursor goes on behind it', () => {
    const { text, cursor } = fillMention('put @cu here', { from: 4, query: 'cu' }, 'picture one');
    expect([text, text.slice(cursor)]).toEqual(['put picture one here', 'here']);
    expect(fillMention('@', { from: 0, query: '' }, 'picture one')).toEqual({
      text: 'picture one ',
      cursor: 12,
    });
  });
});

describe('the names in a line', () => {
  it('go with their picture, and later ones move up', () => {
    expect(dropName('put picture two by picture one and picture three', 1, NAMES)).toBe(
      'put by picture one and picture two',
    );
    expect(dropName('put picture three by picture one', 0, NAMES)).toBe('put picture two by');
  });

  it('are all that changes: a line that names no picture stays as it is', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(2), (text, index) => {
        fc.pre(!text.toLowerCase().includes('picture'));
        expect(dropName(text, index, NAMES)).toBe(text);
      }),
    );
  });
});
