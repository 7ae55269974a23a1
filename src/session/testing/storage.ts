/** Faults of the browser's storage for tests, put in below our own code. */
// oxlint-disable-next-line import/no-unassigned-import -- puts IndexedDB among the globals of Node
import 'fake-indexeddb/auto';
import { openDB } from 'idb';

import { type Repository, createRepository } from '../repository.ts';

let count = 0;

/** A repository of its own, and the name of its database. */
export function freshRepository(): { name: string; repository: Repository } {
  count += 1;
  const name = `test-${count}`;
  return { name, repository: createRepository(name) };
}

/** Runs `work` while every write to an object store after the first `after` ones fails as on a full disk. */
export function whileDiskIsFull<T>(after: number, work: () => Promise<T>): Promise<T> {
  let writes = 0;
  const failing = (put: IDBObjectStore['put']): IDBObjectStore['put'] =>
    function (this: IDBObjectStore, ...args) {
      writes += 1;
      if (writes > after) throw new DOMException('The disk is full.', 'QuotaExceededError');
      return put.apply(this, args);
    };
  return whileReplaced(IDBObjectStore.prototype, 'put', failing, work);
}

/** Runs `work` in a browser that refuses to open any database. */
export function withoutStorage<T>(work: () => Promise<T>): Promise<T> {
  const refusing = (): IDBFactory['open'] => () => {
    throw new DOMException('Not in this window.', 'SecurityError');
  };
  return whileReplaced(IDBFactory.prototype, 'open', refusing, work);
}

async function whileReplaced<Owner, Name extends keyof Owner, T>(
  owner: Owner,
  name: Name,
  replace: (original: Owner[Name]) => Owner[Name],
  work: () => Promise<T>,
): Promise<T> {
  const original = owner[name];
  Object.assign(owner as object, { [name]: replace(original) });
  try {
    return await work();
  } finally {
    Object.assign(owner as object, { [name]: original });
  }
}

/** Everything in the database, to compare before and after. */
export async function dump(name: string): Promise<Record<string, unknown>> {
  const db = await openDB(name);
  const stores = Array.from(db.objectStoreNames);
  const all = await Promise.all(
    stores.map(
      async (store) => [store, { keys: await db.getAllKeys(store), values: await db.getAll(store) }] as const,
    ),
  );
  db.close();
  return Object.fromEntries(all);
}
