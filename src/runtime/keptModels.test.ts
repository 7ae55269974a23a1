import { expect, test } from 'vitest';

import { deleteKeptModels, measureKeptModels } from './keptModels.ts';

/** A folder of the origin-private file system, as far as it is asked: numbers are files of that length. */
interface Tree {
  readonly [name: string]: number | Tree;
}

function folder(tree: Tree, removing?: string): FileSystemDirectoryHandle {
  const handle = {
    kind: 'directory',
    async *values() {
      for (const entry of Object.values(tree)) {
        if (typeof entry !== 'number') yield folder(entry);
        else yield { kind: 'file', getFile: async () => ({ size: entry }) };
      }
    },
    async getDirectoryHandle(name: string) {
      const entry = tree[name];
      if (typeof entry === 'object') return folder(entry);
      throw new DOMException('none', 'NotFoundError');
    },
    async removeEntry(name: string) {
      if (removing !== undefined) throw new DOMException('no', removing);
      if (tree[name] === undefined) throw new DOMException('none', 'NotFoundError');
      Reflect.deleteProperty(tree, name);
    },
  };
  return handle as unknown as FileSystemDirectoryHandle;
}

const models = { nano: { a: 5, b: 7 }, large: { deep: { c: 2 ** 33 } } };

test('adds up all files of all models, and nothing else of the site', async () => {
  expect(await measureKeptModels(async () => folder({ models, other: 100 }))).toBe(12 + 2 ** 33);
});

test('counts nothing where nothing is kept or the browser refuses', async () => {
  expect(await measureKeptModels(async () => folder({}))).toBe(0);
  const refused = async (): Promise<never> => Promise.reject(new DOMException('no', 'SecurityError'));
  expect(await measureKeptModels(refused)).toBe(0);
  expect(await deleteKeptModels(refused)).toBe(false);
});

test('deletes all models, is content when there are none, and says when a tab holds one open', async () => {
  const site = { models, other: 100 };
  expect(await deleteKeptModels(async () => folder(site))).toBe(true);
  expect(Object.keys(site)).toEqual(['other']);
  expect(await deleteKeptModels(async () => folder(site))).toBe(true);
  const held = async (): Promise<FileSystemDirectoryHandle> => folder(site, 'NoModificationAllowedError');
  expect(await deleteKeptModels(held)).toBe(false);
});
