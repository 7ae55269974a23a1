/** Lets one tab at a time load a model, so that the others find it already kept. */
import { loadingStopped } from './failures.ts';

export type Locks = Pick<LockManager, 'request'>;

/**
 * Runs `work` alone among all tabs; `onWait` is called when another tab is at it. The browser passes the
 * lock on when a tab ends in whatever way. Without locks `work` runs at once.
 */
export async function withModelLock<T>(
  locks: Locks | undefined,
  model: string,
  signal: AbortSignal,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  const name = `palimpsest-model-${model}`;
  let result: Promise<T> | undefined;
  const begin = async (): Promise<void> => {
    result = work();
    // Its failure is the caller's, not the lock's.
    await result.catch(() => undefined);
  };
  try {
    // Asked without waiting first, because only then does the browser say that another tab is at it.
    await locks?.request(name, { ifAvailable: true }, async (lock) => {
      if (lock !== null) await begin();
    });
    if (locks !== undefined && result === undefined) {
      onWait();
      await locks.request(name, { signal }, begin);
    }
  } catch {
    if (signal.aborted) throw loadingStopped();
    // A browser that refuses locks must not keep the model from loading.
  }
  return result ?? work();
}
