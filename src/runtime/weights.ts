/** Fetches the files of a model, keeps only bytes whose SHA-256 matches, and widens float16 weights. */
import { EngineError } from './contract.ts';
import type { ModelManifest } from './contract.ts';
import { parseManifest } from './manifest.ts';
import type { RuntimePorts } from './ports.ts';

type ModelFile = ModelManifest['files'][number];
export type Bytes = Uint8Array<ArrayBuffer>;
type Ports = Pick<RuntimePorts, 'fetch' | 'caches' | 'sha256'>;

const PARALLEL_DOWNLOADS = 4;

/** Reads `manifest.json` below `modelUrl` (absolute, ending in a slash). */
export async function fetchManifest(modelUrl: string, ports: Ports): Promise<ModelManifest> {
  const bytes = await download(new URL('manifest.json', modelUrl).href, 'no-cache', ports);
  return parseManifest(parseJson(bytes, 'manifest.json'));
}

export function parseJson(bytes: Bytes, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new EngineError({
      code: 'integrity',
      message: `${name} of the model is not valid JSON. Reload the page; if it stays, the server's copy is damaged.`,
      detail: String(error),
    });
  }
}

/** The files at `paths`; `onVerified` receives the number of bytes each time a file has been checked. */
export async function loadModelFiles(
  modelUrl: string,
  manifest: ModelManifest,
  paths: ReadonlySet<string>,
  ports: Ports,
  onVerified: (bytes: number) => void,
): Promise<ReadonlyMap<string, Bytes>> {
  const store = await openStore(modelUrl, manifest, ports);
  const waiting = manifest.files.filter((file) => paths.has(file.path));
  const loaded = new Map<string, Bytes>();
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      loaded.set(file.path, await loadFile(modelUrl, file, store, ports));
      onVerified(file.bytes);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_DOWNLOADS }, worker));
  return loaded;
}

async function loadFile(
  modelUrl: string,
  file: ModelFile,
  store: Cache | undefined,
  ports: Ports,
): Promise<Bytes> {
  const key = storeKey(modelUrl, file);
  const kept = await store?.match(key);
  if (kept !== undefined) {
    const bytes = new Uint8Array(await kept.arrayBuffer());
    if ((await problemOf(bytes, file, ports)) === undefined) return bytes;
    await store?.delete(key);
  }
  const bytes = await download(new URL(file.path, modelUrl).href, 'no-cache', ports);
  const problem = await problemOf(bytes, file, ports);
  if (problem !== undefined) {
    throw new EngineError({
      code: 'integrity',
      message: `${file.path} arrived damaged and was not used. Try again; if it stays, the server's copy is damaged.`,
      detail: problem,
    });
  }
  try {
    await store?.put(key, new Response(bytes));
  } catch {
    // A full disk costs the next visit a download; the bytes in memory are verified and good to use.
  }
  return bytes;
}

async function problemOf(bytes: Bytes, file: ModelFile, ports: Ports): Promise<string | undefined> {
  if (bytes.length !== file.bytes) return `${bytes.length} bytes instead of ${file.bytes}`;
  const sha256 = await ports.sha256(bytes);
  return sha256 === file.sha256 ? undefined : `SHA-256 ${sha256} instead of ${file.sha256}`;
}

async function download(url: string, cache: RequestCache, ports: Ports): Promise<Bytes> {
  const failed = (detail: string): EngineError =>
    new EngineError({
      code: 'download-failed',
      message: `${new URL(url).pathname.split('/').at(-1)} could not be downloaded. Check the connection and try again.`,
      detail: `${url}: ${detail}`,
    });
  try {
    // The browser's own HTTP cache may hold an older file of the same name, hence the revalidation.
    const response = await ports.fetch(url, { cache });
    if (!response.ok) throw failed(`status ${response.status}`);
    // Servers of single-page sites answer a missing file with their start page and status 200.
    if (response.headers.get('content-type')?.startsWith('text/html'))
      throw failed('an HTML page came instead');
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw error instanceof EngineError ? error : failed(String(error));
  }
}

function storeKey(modelUrl: string, file: ModelFile): string {
  return new URL(`sha256-${file.sha256}`, modelUrl).href;
}

/** One cache per model; files of its earlier versions are removed. */
async function openStore(
  modelUrl: string,
  manifest: ModelManifest,
  ports: Ports,
): Promise<Cache | undefined> {
  try {
    const store = await ports.caches?.open(`palimpsest-model-${manifest.id}`);
    const current = new Set(manifest.files.map((file) => storeKey(modelUrl, file)));
    for (const request of (await store?.keys()) ?? []) {
      if (!current.has(request.url)) await store?.delete(request);
    }
    return store;
  } catch {
    // Private windows may refuse storage; the model then comes from the network each time.
    return undefined;
  }
}

/** Little-endian float16 to little-endian float32 bytes. */
export function widenFloat16(bytes: Bytes): Bytes {
  // A view of 16-bit numbers must begin at an even address, which a part of a larger buffer need not.
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  const halves = new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 2);
  const floats = new Uint32Array(halves.length);
  for (let index = 0; index < halves.length; index++) floats[index] = widenBits(halves[index] ?? 0);
  return new Uint8Array(floats.buffer);
}

function widenBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  let fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // A subnormal half is a normal float32: shift its leading one out and lower the exponent to match.
  const shift = Math.clz32(fraction) - 21;
  fraction = (fraction << shift) & 0x3ff;
  return (sign | ((113 - shift) << 23) | (fraction << 13)) >>> 0;
}
