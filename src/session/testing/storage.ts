/** Faults of the browser's storage for tests, put in below our own code. */
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

/** Runs `work` while the `after`-th and every later write to any object store fails as on a full disk. */
export async function whileDiskIsFull<T>(after: number, work: () => Promise<T>): Promise<T> {
  const { put } = IDBObjectStore.prototype;
  let writes = 0;
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
    writes += 1;
    if (writes > after) throw new DOMException('The disk is full.', 'QuotaExceededError');
    return put.apply(this, args);
  };
  try {
    return await work();
  } finally {
    IDBObjectStore.prototype.put = put;
  }
}

/** Everything in the database, to compare before and after. */
export async function dump(name: string): Promise<Record<string, unknown>> {
  const db = await openDB(name);
  const stores = Array.from(db.objectStoreNames);
  const all = await Promise.all(
    stores.map(async (store) => [store, { keys: await db.getAllKeys(store), values: await db.getAll(store) }] as const),
  );
  db.close();
  return Object.fromEntries(all);
}
