/** Time that passes only when nothing else can happen, so that hours of waiting cost a test nothing. */
import { setImmediate } from 'node:timers/promises';

interface Timer {
  readonly at: number;
  readonly ring: () => void;
}

/** Turns of the event loop until everything that is not waiting for the clock has happened. */
const QUIET_TURNS = 3;

export class VirtualClock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  readonly now = (): number => this.#now;

  readonly wait = async (ms: number, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const ring = (): void => {
        this.#timers.delete(timer);
        signal.removeEventListener('abort', ring);
        resolve();
      };
      const timer = { at: this.#now + ms, ring };
      this.#timers.add(timer);
      signal.addEventListener('abort', ring);
    });
  };

  /** Lets time pass until `work` has ended, and returns as it does. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    work.then(over, over);
    for (;;) {
      for (let turn = 0; turn < QUIET_TURNS; turn++) await setImmediate();
      if (isOver) return work;
      const [next] = [...this.#timers].toSorted((a, b) => a.at - b.at);
      if (next === undefined) throw new Error('Nothing is left that could end this work.');
      this.#now = Math.max(this.#now, next.at);
      next.ring();
    }
  }
}
