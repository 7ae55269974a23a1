/** The composition root: makes the parts, connects them and draws the page. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { keepOffline } from './offline/keepOffline.ts';
import { benchDevice } from './runtime/bench/device.ts';
import { createEngineClient, createEngineWorker } from './runtime/client.ts';
import type { ModelManifest } from './runtime/contract.ts';
import { fetchManifest } from './runtime/fetchManifest.ts';
import { deleteKeptModels, measureKeptModels } from './runtime/keptModels.ts';
import { browserPorts, type RuntimePorts } from './runtime/ports.ts';
import { ffmpegFrom } from './session/export/video.ts';
import { createRepository } from './session/repository.ts';
import { type Editor, createEditor } from './session/store.ts';
import { App } from './ui/App.tsx';
import { WordedError } from './ui/messages/wordedError.ts';
import { createOpen } from './ui/open.ts';
import {
  createPage,
  type DeviceCheck,
  type Example,
  type Notifier,
  type Page,
  type Starter,
} from './ui/page.ts';
import { createViewStore, type Preferences } from './ui/view.ts';

const DEFAULT_MODEL = 'nano';

const query = new URLSearchParams(location.search);
const isWasmForced = query.get('backend') === 'wasm';

function addressOf(path: string): string {
  return new URL(path, document.baseURI).href;
}

/** Choices of looking, no documents; where the browser refuses storage they last as long as the page. */
const preferences: Preferences = {
  read(key) {
    try {
      // oxlint-disable-next-line no-restricted-globals -- the theme must be known before any database is open
      return localStorage.getItem(`palimpsest.${key}`);
    } catch {
      return null;
    }
  },
  write(key, value) {
    try {
      // oxlint-disable-next-line no-restricted-globals -- as above
      localStorage.setItem(`palimpsest.${key}`, value);
    } catch {
      // A choice that cannot be kept is no trouble worth a notice.
    }
  },
};

async function checkDevice({ gpu }: RuntimePorts): Promise<DeviceCheck> {
  const estimate = await navigator.storage?.estimate?.().catch(() => undefined);
  const freeBytes = estimate?.quota === undefined ? null : estimate.quota - (estimate.usage ?? 0);
  if (isWasmForced) return { adapter: null, reason: 'turned-off', freeBytes };
  if (gpu === undefined) {
    const reason = isSecureContext ? 'not-offered' : 'insecure';
    return { adapter: null, reason, freeBytes };
  }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (adapter === null) return { adapter: null, reason: 'no-adapter', freeBytes };
  const { description, vendor, architecture } = adapter.info;
  const name = description || [vendor, architecture].filter((part) => part !== '').join(' ');
  return { adapter: name || 'ready', reason: null, freeBytes };
}

/** The model that the address names, else the one chosen last; a plain name, so that it cannot lead out of the folder. */
const modelName =
  /^[\w-]+$/.exec(query.get('model') ?? preferences.read('choice') ?? '')?.[0] ?? DEFAULT_MODEL;

/** Those of `models/index.json` that can be read: without the list there is no choice, and the page works. */
async function readModels(
  offer: ModelManifest | string,
  ports: RuntimePorts,
): Promise<readonly ModelManifest[]> {
  const names = await readList<string>(addressOf('models/index.json'), ports);
  const models = await Promise.all(
    names.map(async (name) => (name === modelName ? offer : readOffer(addressOf(`models/${name}/`), ports))),
  );
  return models.filter((model) => typeof model !== 'string');
}

async function chooseModel(id: string, { actions }: Editor): Promise<void> {
  preferences.write('choice', id);
  await actions.settled();
  const address = new URL(location.href);
  address.searchParams.delete('model');
  if (address.href === location.href) location.reload();
  else location.replace(address);
}

async function readOffer(modelUrl: string, ports: RuntimePorts): Promise<ModelManifest | string> {
  try {
    return await fetchManifest(modelUrl, ports);
  } catch (error) {
    return `${modelName}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Of `index.json`, which lists scenes, and `sessions.json`, which lists finished sessions. */
type StarterEntry = Omit<Starter, 'url'> & { readonly file: string };
type ExampleEntry = Omit<Example, 'url' | 'thumbnailUrl'> & {
  readonly file: string;
  readonly thumbnail: string;
};

const starterUrl = (file: string): string => addressOf(`starters/${file}`);

/** Starters are a help, not a need: without them the page begins with a picture of one's own. */
async function readList<Entry>(url: string, ports: RuntimePorts): Promise<readonly Entry[]> {
  try {
    const response = await ports.fetch(url);
    return response.ok ? ((await response.json()) as readonly Entry[]) : [];
  } catch {
    return [];
  }
}

async function readStarters(ports: RuntimePorts): Promise<readonly Starter[]> {
  const entries = await readList<StarterEntry>(starterUrl('index.json'), ports);
  return entries.map(({ file, ...starter }) => ({ ...starter, url: starterUrl(file) }));
}

async function readExamples(ports: RuntimePorts): Promise<readonly Example[]> {
  const entries = await readList<ExampleEntry>(starterUrl('sessions.json'), ports);
  return entries.map(({ file, thumbnail, ...example }) => ({
    ...example,
    url: starterUrl(file),
    thumbnailUrl: starterUrl(thumbnail),
  }));
}

async function fetchStarter(url: string, ports: RuntimePorts): Promise<Blob> {
  const response = await ports.fetch(url);
  if (!response.ok) throw new WordedError(({ open }) => open.sceneNotFetched(response.status));
  return response.blob();
}

function saveFile(file: {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}): void {
  const url = URL.createObjectURL(new Blob([file.bytes], { type: file.type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = file.name;
  link.click();
  // Some browsers read the address only after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Tells through the browser that the work is done. */
function browserNotifier(): Notifier | null {
  if (!('Notification' in globalThis)) return null;
  return {
    ask: async () => (await Notification.requestPermission()) === 'granted',
    show(title, body) {
      const options = { body, tag: 'palimpsest', icon: addressOf('icons/icon-192.png') };
      try {
        const shown = new Notification(title, options);
        shown.addEventListener('click', () => window.focus());
      } catch {
        // On phones only the service worker may show them.
        void navigator.serviceWorker?.ready.then((worker) => worker.showNotification(title, options));
      }
    },
  };
}

async function start(root: HTMLElement): Promise<void> {
  const modelUrl = addressOf(`models/${modelName}/`);
  const ortUrl = addressOf('vendor/ort/');
  const ports = browserPorts(ortUrl);
  const engine = createEngineClient(
    { modelUrl, ortUrl, options: { backend: isWasmForced ? 'wasm' : 'auto' } },
    createEngineWorker,
  );
  const repository = createRepository();
  const editor = createEditor({
    engine,
    repository,
    now: () => Date.now(),
    newId: () => crypto.randomUUID(),
    // Five digits can be read out and typed again, and are ways enough.
    randomSeed: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % 100_000,
    loadFfmpeg: ffmpegFrom(addressOf('vendor/ffmpeg/')),
  });
  const [offer, device, starters, examples] = await Promise.all([
    readOffer(modelUrl, ports),
    checkDevice(ports),
    readStarters(ports),
    readExamples(ports),
    editor.actions.start(),
  ]);
  const page = createPage(editor, createViewStore(preferences, navigator.languages), {
    offer,
    readModels: once(async () => readModels(offer, ports)),
    chooseModel: (id) => void chooseModel(id, editor),
    device,
    starters,
    examples,
    fetchStarter: (url) => fetchStarter(url, ports),
    notifier: browserNotifier(),
    saveFile,
    tryDevice: once(() => engine.check()),
    async benchmark(signal, onProgress) {
      const { model } = editor.state.getState();
      if (model.status !== 'ready') throw new Error('The model is not loaded.');
      const measure = { now: () => performance.now(), name: crypto.randomUUID(), signal, onProgress };
      return benchDevice(engine, model.info, measure);
    },
    measureStored: async () => {
      const [models, sessions] = await Promise.all([
        measureKeptModels(),
        // A browser that refuses its database stores nothing there.
        repository.measure().catch(() => 0),
      ]);
      return { models, sessions };
    },
    async deleteModels() {
      // The next visit asks again before it fetches so much.
      preferences.write('model', '');
      return deleteKeptModels();
    },
    urlOf: (png) => URL.createObjectURL(new Blob([png], { type: 'image/png' })),
  });
  createRoot(root).render(
    <StrictMode>
      <App page={page} />
    </StrictMode>,
  );
  followConsent(page);
  followVersions(page, new URL('manifest.json', modelUrl).href);
  followLaunches(page);
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return async () => (result ??= work());
}

/** Whoever loaded this model once agreed to its size: later visits read it from the cache without asking. */
function followConsent({ editor, offer }: Page): void {
  if (typeof offer === 'string') return;
  if (preferences.read('model') === offer.id) void editor.actions.loadModel();
  editor.state.subscribe(({ model }) => {
    if (model.status !== 'ready' || preferences.read('model') === model.info.id) return;
    preferences.write('model', model.info.id);
    // Weights and sessions go together when the browser clears a site, so ask it to keep this one.
    void navigator.storage?.persist?.();
  });
}

/** The page opens without a network from its second visit on, and the model runs once it was loaded. */
function followVersions({ editor, view }: Page, manifestUrl: string): void {
  // The development server changes its files all the time: nothing of it is worth keeping.
  if (!import.meta.env.PROD) return;
  const offline = keepOffline(addressOf('sw.js'), (loadNewVersion) => view.setState({ loadNewVersion }));
  editor.state.subscribe((now, before) => {
    if (now.model.status === 'ready' && before.model.status !== 'ready') offline.keepModel(manifestUrl);
  });
}

interface LaunchQueue {
  setConsumer(consumer: (launch: { readonly files: readonly FileSystemFileHandle[] }) => void): void;
}

/** Files that the system opens with the installed page. */
function followLaunches(page: Page): void {
  const { launchQueue } = window as { readonly launchQueue?: LaunchQueue };
  const { openFiles } = createOpen(page);
  launchQueue?.setConsumer(({ files }) => {
    void Promise.all(files.map(async (file) => file.getFile())).then(openFiles);
  });
}

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root".');
void start(root);
