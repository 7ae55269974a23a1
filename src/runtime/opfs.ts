/** The origin-private file system as the place of a model. Its synchronous handles exist in workers only. */
import type { StoredFile, StoreFolder } from './modelStore.ts';

// The types of the page do not have what only workers have.
interface WorkerFileHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<StoredFile>;
}

/** Rejects where the browser refuses storage. `model` is any text. */
export async function openOpfsFolder(model: string): Promise<StoreFolder> {
  const root = await navigator.storage.getDirectory();
  const models = await root.getDirectoryHandle('models', { create: true });
  const name = encodeURIComponent(model);
  const folder = await models.getDirectoryHandle(name, { create: true });
  return {
    async names() {
      const names: string[] = [];
      for await (const entry of folder.keys()) names.push(entry);
      return names;
    },
    async open(file) {
      const handle = await folder.getFileHandle(file, { create: true });
      return (handle as WorkerFileHandle).createSyncAccessHandle();
    },
    remove: async (file) => folder.removeEntry(file, { recursive: true }),
  };
}
