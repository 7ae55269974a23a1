/** The page's side of its service worker. */

export interface Offline {
  /** Keeps what runs this model, besides its weights. `manifestUrl` is absolute. */
  readonly keepModel: (manifestUrl: string) => void;
}

/**
 * Registers the worker; without one the page works as long as there is a network. `onNewVersion` is called
 * when a newer build waits, with what ends this page and opens that build.
 */
export function keepOffline(workerUrl: string, onNewVersion: (load: () => void) => void): Offline {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (workers === undefined) return { keepModel: () => undefined };

  const offer = (waiting: ServiceWorker): void =>
    onNewVersion(() => {
      workers.addEventListener('controllerchange', () => window.location.reload(), { once: true });
      waiting.postMessage('take-over');
    });
  const watch = (registration: ServiceWorkerRegistration): void => {
    // The very first worker has nothing to replace and takes over by itself.
    if (registration.waiting !== null && workers.controller !== null) offer(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const { installing } = registration;
      installing?.addEventListener('statechange', () => {
        if (installing.state === 'installed' && workers.controller !== null) offer(installing);
      });
    });
    // An installed page may stay open for weeks.
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void registration.update().catch(() => undefined);
    });
  };
  // A browser that refuses the worker, as in some private windows, loses nothing but the visits offline.
  workers.register(workerUrl, { updateViaCache: 'none' }).then(watch, () => undefined);

  return {
    keepModel: (manifestUrl) =>
      void workers.ready.then(({ active }) => active?.postMessage({ keepModel: manifestUrl })),
  };
}
