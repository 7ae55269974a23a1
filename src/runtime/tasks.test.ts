import { expect, test } from 'vitest';

import type { EditRequest, HistoryItem } from './contract.ts';
import { checkTasks, frameRole, referenceRoles } from './tasks.ts';
import type { ImageItem } from './tasks.ts';
import { roleTasks, tiny, tinyRoles } from './testing/tiny.ts';

const mask = tiny.mask();
const picture = { role: 'picture', id: 'p', pixels: tiny.picture(2) } as const;
const plain = tiny.manifest();
const able = { ...plain, capabilities: [...plain.capabilities, ...roleTasks], roles: tinyRoles };
const frameOf = (t: number): ImageItem => ({ kind: 'image', id: 'f', pixels: tiny.picture(1), t });
const clip = { index: 3, count: 4, previousId: 'f' };

test.each<[Partial<EditRequest>, string, HistoryItem | undefined]>([
  [{}, 'next-image', tiny.opened],
  [{ history: [] }, 'text-to-image', undefined],
  [{ regions: { drawn: mask } }, 'drawn-region', tiny.opened],
  [{ target: 'region-now' }, 'region-now', tiny.opened],
  [{ target: 'region-next', regions: { now: mask } }, 'region-next', tiny.opened],
  [{ target: 'region-now', regions: { drawn: mask } }, 'drawn-region', tiny.opened],
  [{ regions: { now: mask, next: mask } }, 'dragged-region', tiny.opened],
  [{ references: [picture] }, 'multi-concept', undefined],
  [{ references: [{ ...picture, role: 'exampleAfter' }] }, 'demonstration', tiny.opened],
  [{ target: clip }, 'clip-between', frameOf(0)],
  [{ target: clip }, 'clip-edit', frameOf(2)],
])('lets %j pass only where the model knows %s', (changes, task, previous) => {
  const request = tiny.request(changes);
  const item = previous as ImageItem | undefined;
  expect(() => checkTasks(request, able, item)).not.toThrow();
  const capabilities = able.capabilities.filter((name) => name !== task);
  expect(() => checkTasks(request, { ...able, capabilities }, item)).toThrow(
    expect.objectContaining({
      code: 'unsupported',
      message: expect.stringMatching(`${task}.* It can do: ${capabilities.join(', ')}\\.$`) as string,
    }),
  );
});

test('takes a model that makes chains for one that follows given regions', () => {
  const request = tiny.request({ regions: { now: mask } });
  expect(() =>
    checkTasks(request, { ...able, capabilities: ['chain'] }, tiny.opened as ImageItem),
  ).not.toThrow();
});

test('has no task that needs role texts where the model has none', () => {
  const { roles: _, ...without } = able;
  expect(() => checkTasks(tiny.request({ target: 'region-now' }), without, tiny.opened as ImageItem)).toThrow(
    expect.objectContaining({ code: 'unsupported' }),
  );
});

test('numbers the pictures among the references and names the examples', () => {
  const roles = ['exampleBefore', 'picture', 'exampleAfter', 'picture'] as const;
  const references = roles.map((role) => ({ ...picture, role }));
  expect(referenceRoles(references, tinyRoles)).toEqual(['dog left', 'cat left', 'dog right', 'cat right']);
  expect(() => referenceRoles([...references, picture], tinyRoles)).toThrow('at most 2 pictures');
});

test('names a frame by number words', () => {
  expect(frameRole({ index: 2, count: 8, previousId: '' }, tinyRoles)).toBe('make two of eight');
  for (const [index, count] of [
    [0, 4],
    [5, 4],
    [1, 3],
    [1, 9],
    [1.5, 4],
  ] as const) {
    expect(() => frameRole({ index, count, previousId: '' }, tinyRoles)).toThrow(
      `frame ${index} of ${count} is not one`,
    );
  }
});
