/** The origin-private file system as the place of a model. Its synchronous handles exist in workers only. */
import type { StoredFile, StoreFolder } from './modelStore.ts';

// The types of the page do not have what only workers have.
interface WorkerFileHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<StoredFile>;
}

const asked = new Set<readonly [FileSystemHandle]>();

/**
 * Chromium collects a handle that nothing refers to even while it is being asked, and then never answers:
 * one opened file in 100 to 700 hung. So whatever is asked is held here until it has answered.
 */
async function ask<H extends FileSystemHandle, T>(handle: H, call: (handle: H) => Promise<T>): Promise<T> {
  const entry = [handle] as const;
  asked.add(entry);
  try {
    return await call(handle);
  } finally {
    asked.delete(entry);
  }
}

async function folderIn(parent: FileSystemDirectoryHandle, name: string): Promise<FileSystemDirectoryHandle> {
  return ask(parent, async (handle) => handle.getDirectoryHandle(name, { create: true }));
}

/** Rejects where the browser refuses storage. `model` is any text. */
export async function openOpfsFolder(model: string): Promise<StoreFolder> {
  const models = await folderIn(await navigator.storage.getDirectory(), 'models');
  const folder = await folderIn(models, encodeURIComponent(model));
  return {
    names: async () =>
      ask(folder, async (handle) => {
        const names: string[] = [];
        for await (const name of handle.keys()) names.push(name);
        return names;
      }),
    async open(name) {
      const file = await ask(folder, async (handle) => handle.getFileHandle(name, { create: true }));
      return ask(file as WorkerFileHandle, async (handle) => handle.createSyncAccessHandle());
    },
    remove: async (name) => ask(folder, async (handle) => handle.removeEntry(name, { recursive: true })),
  };
}
