import fc from 'fast-check';
import { expect, test } from 'vitest';

import { datedName, slug } from './fileNames.ts';

test('keeps words of any script and joins them with dashes', () => {
  expect(slug('add a cup on the left', 'turn')).toBe('add-a-cup-on-the-left');
  expect(slug('Füge  zwei Äpfel hinzu', 'turn')).toBe('Füge-zwei-Äpfel-hinzu');
  expect(slug('猫を左に移す', 'turn')).toBe('猫を左に移す');
  expect(slug('put 👩‍👩‍👧 there', 'turn')).toBe('put-👩‍👩‍👧-there');
});

test('takes out paths, devices and hidden names', () => {
  expect(slug('../../etc/passwd', 'turn')).toBe('etc-passwd');
  expect(slug('C:\\new\tfile?', 'turn')).toBe('C-new-file');
  expect(slug('nul', 'turn')).toBe('nul_');
  expect(slug('COM1.txt', 'turn')).toBe('COM_1.txt');
  expect(slug('...', 'turn')).toBe('turn');
  expect(slug('', 'turn')).toBe('turn');
});

test('gives a safe name for any words', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (words) => {
      const name = slug(words, 'turn');
      expect(Array.from(name).length).toBeLessThanOrEqual(41);
      expect(name).not.toMatch(/[\\/:*?"<>|\p{Cc}\p{Cs}]|^\.|\.$|\s/u);
      expect(name).not.toMatch(/^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i);
      expect(name).not.toBe('');
    }),
  );
});

test('dates a name by local time, largest unit first', () => {
  expect(datedName('The bay', new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe('The-bay_20260102-030405');
});
