/**
 * The service worker: opens the page without a network, from the files of one build. A newer build is fetched
 * beside it and waits until the person takes it, because loading the page again in the middle would lose work.
 */
import { programCache, shellCache, sourceOf, staleCaches, type Shell } from './shell.ts';

interface LastingEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface RequestEvent extends LastingEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

/** The part of a service worker's globals that is used; TypeScript's own list of them excludes that of pages. */
interface WorkerScope {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: LastingEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: RequestEvent) => void): void;
  addEventListener(type: 'message', listener: (event: LastingEvent & MessageEvent) => void): void;
}

declare const self: WorkerScope;
/** Written in by the build. */
declare const __SHELL__: Shell;

const shell = __SHELL__;
const { scope } = self.registration;
// One origin may serve several copies of the page from different folders.
const prefix = `palimpsest${new URL(scope).pathname}`;
const models = `${prefix}models`;

/** Every address here has one answer, whoever asks and with whatever headers. */
const ANYHOW = { ignoreSearch: true, ignoreVary: true };

/** Past the browser's own cache, which may hold files of the build before. */
const fresh = (path: string): Request => new Request(new URL(path, scope), { cache: 'no-cache' });

async function install(): Promise<void> {
  const cache = await caches.open(shellCache(prefix, shell));
  await cache.addAll(['./', ...shell.files].map(fresh));
}

async function activate(): Promise<void> {
  const stale = staleCaches(await caches.keys(), prefix, shell);
  await Promise.all(stale.map(async (name) => caches.delete(name)));
  await self.clients.claim();
}

/** Storage may be full: then the answer still reaches the page and is only not kept. */
async function keep(cacheName: string, request: Request, answer: Response): Promise<Response> {
  if (answer.ok) {
    const cache = await caches.open(cacheName);
    await cache.put(request, answer.clone()).catch(() => undefined);
  }
  return answer;
}

async function page(request: Request): Promise<Response> {
  const cache = await caches.open(shellCache(prefix, shell));
  return (await cache.match(scope, ANYHOW)) ?? fetch(request);
}

async function kept(request: Request): Promise<Response> {
  return (await caches.match(request, ANYHOW)) ?? fetch(request);
}

async function program(request: Request): Promise<Response> {
  const cacheName = programCache(prefix, shell);
  const known = await (await caches.open(cacheName)).match(request, ANYHOW);
  return known ?? keep(cacheName, request, await fetch(request));
}

async function newest(request: Request): Promise<Response> {
  try {
    return await keep(models, request, await fetch(request));
  } catch (error) {
    const known = await (await caches.open(models)).match(request, ANYHOW);
    if (known === undefined) throw error;
    return known;
  }
}

/** What runs a model, for visits without a network: the page may have fetched it before this worker was there. */
async function keepModel(manifestUrl: string): Promise<void> {
  const paths = shell.programs.filter((path) => path.startsWith('vendor/ort/'));
  await Promise.all([newest(fresh(manifestUrl)), ...paths.map(async (path) => program(fresh(path)))]);
}

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { url, method, mode, headers } = request;
  switch (sourceOf({ url, method, mode, hasRange: headers.has('range') }, scope, shell)) {
    case 'page':
      event.respondWith(page(request));
      break;
    case 'shell':
      event.respondWith(kept(request));
      break;
    case 'program':
      event.respondWith(program(request));
      break;
    case 'newest':
      event.respondWith(newest(request));
      break;
    case 'network':
      break;
  }
});

self.addEventListener('message', (event) => {
  const message = event.data as 'take-over' | { readonly keepModel: string };
  if (message === 'take-over') event.waitUntil(self.skipWaiting());
  else event.waitUntil(keepModel(message.keepModel).catch(() => undefined));
});
