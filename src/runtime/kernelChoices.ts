/** Keeps which build of a kernel was fastest on which device, beside the models, so that the trial is made once. */
import type { ChoiceMemory } from '../kernels/attention/chooseAttention.ts';
import type { StoreFolder } from './modelStore.ts';

const FOLDER = 'kernel choices';

/** Without storage, or where it refuses, nothing is remembered and nothing fails. */
export function createKernelChoices(openFolder: (name: string) => Promise<StoreFolder>): ChoiceMemory {
  async function withFile<T>(
    name: string,
    work: (file: Awaited<ReturnType<StoreFolder['open']>>) => T,
  ): Promise<T> {
    const folder = await openFolder(FOLDER);
    const file = await folder.open(encodeURIComponent(name));
    try {
      return work(file);
    } finally {
      file.close();
    }
  }
  return {
    async read(name) {
      try {
        return await withFile(name, (file) => {
          const bytes = new Uint8Array(file.getSize());
          file.read(bytes, { at: 0 });
          return new TextDecoder().decode(bytes);
        });
      } catch {
        return undefined;
      }
    },
    async write(name, choice) {
      try {
        await withFile(name, (file) => {
          const bytes = new TextEncoder().encode(choice);
          file.truncate(bytes.length);
          file.write(bytes, { at: 0 });
          file.flush();
        });
      } catch {
        // Another tab has the file open, or there is no room: the next visit tries again.
      }
    },
  };
}
