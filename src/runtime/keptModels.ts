/** What the page may know and do about the models that this browser keeps, without starting an engine. */

type Root = () => Promise<FileSystemDirectoryHandle>;

const rootOf: Root = async () => navigator.storage.getDirectory();

async function bytesIn(folder: FileSystemDirectoryHandle): Promise<number> {
  let bytes = 0;
  for await (const entry of folder.values()) {
    if (entry.kind === 'directory') bytes += await bytesIn(entry);
    else bytes += (await entry.getFile()).size;
  }
  return bytes;
}

/** Bytes of all models; 0 where the browser refuses storage. */
export async function measureKeptModels(root: Root = rootOf): Promise<number> {
  try {
    return await bytesIn(await (await root()).getDirectoryHandle('models'));
  } catch {
    // No folder is no model.
    return 0;
  }
}

/** Whether no model is kept any more; false while a tab is loading one and holds its files open. */
export async function deleteKeptModels(root: Root = rootOf): Promise<boolean> {
  try {
    await (await root()).removeEntry('models', { recursive: true });
    return true;
  } catch (error) {
    return error instanceof Error && error.name === 'NotFoundError';
  }
}
