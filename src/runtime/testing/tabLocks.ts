/** The Web Locks of tabs that can die. */
import type { Locks } from '../modelLock.ts';

interface Waiting {
  readonly name: string;
  readonly begin: (holder: symbol) => void;
}

interface TabLocks extends Locks {
  /** Ends the tab: its locks go to those who wait. */
  readonly die: () => void;
}

/** Every call opens another tab of the same browser. */
export function createBrowserOfTabs(): () => TabLocks {
  const holders = new Map<string, symbol>();
  const queue: Waiting[] = [];

  function acquire(name: string): symbol {
    const holder = Symbol(name);
    holders.set(name, holder);
    return holder;
  }

  function release(name: string, holder: symbol): void {
    if (holders.get(name) !== holder) return;
    holders.delete(name);
    const index = queue.findIndex((waiting) => waiting.name === name);
    if (index !== -1) queue.splice(index, 1)[0]?.begin(acquire(name));
  }

  async function waitFor(name: string, signal: AbortSignal | undefined): Promise<symbol> {
    return new Promise((begin, fail) => {
      const waiting = { name, begin };
      queue.push(waiting);
      signal?.addEventListener('abort', () => {
        queue.splice(queue.indexOf(waiting), 1);
        fail(new DOMException('stopped', 'AbortError'));
      });
    });
  }

  return () => {
    const held = new Map<symbol, string>();
    const request = async (
      name: string,
      { ifAvailable, signal }: LockOptions,
      work: (lock: Lock | null) => Promise<unknown>,
    ): Promise<unknown> => {
      if (holders.has(name) && ifAvailable === true) return work(null);
      const holder = holders.has(name) ? await waitFor(name, signal) : acquire(name);
      held.set(holder, name);
      try {
        return await work({ name, mode: 'exclusive' });
      } finally {
        release(name, holder);
      }
    };
    const die = (): void => {
      for (const [holder, name] of held) release(name, holder);
    };
    return { request: request as Locks['request'], die };
  };
}
