/** Notices a worker that lives and does nothing: it is silent for far longer than its work took before. */

/** Before its first sign of life nobody knows how slow a device is, and it may have kernels to compile. */
const FIRST_MS = 90_000;
const LEAST_MS = 20_000;
/** A silence may last so many times as long as the longest of the last ones that ended. */
const FACTOR = 8;
const REMEMBERED = 64;
/** A timer that is so late, or has not run at all, tells of a page that slept itself and heard nothing because of that. */
const ASLEEP = 1.5;

interface SilenceWatch {
  /** Call for each sign of life. */
  heard(): void;
  /**
   * Watches while some work is under way: `onSilence` is given the milliseconds without a sign of life once they are
   * too many, then each time they have doubled, and undefined when one comes after all. The result ends the watching.
   */
  watch(onSilence: (silentForMs: number | undefined) => void): () => void;
}

export function createSilenceWatch(): SilenceWatch {
  const watchers = new Set<(silentForMs: number | undefined) => void>();
  const silences: number[] = [];
  let heardAt = 0;
  let isSilent = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const patience = (): number =>
    silences.length === 0 ? FIRST_MS : Math.max(LEAST_MS, FACTOR * Math.max(...silences));

  function tell(silentForMs: number | undefined): void {
    isSilent = silentForMs !== undefined;
    for (const onSilence of watchers) onSilence(silentForMs);
  }

  function listen(from: number, ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const now = performance.now();
      if (now - from > ASLEEP * ms) {
        heardAt = now;
        listen(now, patience());
        return;
      }
      tell(now - heardAt);
      listen(now, now - heardAt);
    }, ms);
  }

  return {
    heard() {
      if (watchers.size === 0) return;
      const now = performance.now();
      if (isSilent || now - heardAt < ASLEEP * patience()) silences.push(now - heardAt);
      if (silences.length > REMEMBERED) silences.shift();
      heardAt = now;
      if (isSilent) tell(undefined);
      listen(now, patience());
    },
    watch(onSilence) {
      if (watchers.size === 0) {
        heardAt = performance.now();
        listen(heardAt, patience());
      }
      watchers.add(onSilence);
      return () => {
        watchers.delete(onSilence);
        if (watchers.size > 0) return;
        clearTimeout(timer);
        isSilent = false;
      };
    },
  };
}
