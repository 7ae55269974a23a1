import fc from 'fast-check';
import { expect, test } from 'vitest';

import { nodePorts } from './node/host.ts';
import { sha256Hex } from './ports.ts';
import { tinyManifest, tinyUrl } from './testing/tiny.ts';
import { fetchManifest, loadModelFiles, widenFloat16 } from './weights.ts';

const modelUrl = 'https://example.org/models/a/';
const good = new TextEncoder().encode('good bytes');
const file = { path: 'w.bin', bytes: good.length, sha256: await sha256Hex(good) };
const manifest = { ...tinyManifest(), id: 'a', files: [file] };
const wanted = new Set([file.path]);

/** The Cache API over a map, as far as the runtime uses it. */
class MemoryCache {
  readonly entries = new Map<string, Response>();
  async match(url: string): Promise<Response | undefined> {
    return this.entries.get(url)?.clone();
  }
  async put(url: string, response: Response): Promise<void> {
    this.entries.set(url, response);
  }
  async delete(key: string | Request): Promise<boolean> {
    return this.entries.delete(typeof key === 'string' ? key : key.url);
  }
  async keys(): Promise<readonly Request[]> {
    return Array.from(this.entries.keys(), (url) => new Request(url));
  }
}

function surroundings(answer: () => Response | Promise<Response>, cache = new MemoryCache()) {
  const requested: string[] = [];
  const names: string[] = [];
  const ports = {
    sha256: sha256Hex,
    fetch: async (url: string) => {
      requested.push(url);
      return answer();
    },
    caches: {
      open: async (name: string) => {
        names.push(name);
        return cache;
      },
    } as unknown as CacheStorage,
  };
  let verified = 0;
  const load = () =>
    loadModelFiles(modelUrl, manifest, wanted, ports, (bytes) => {
      verified += bytes;
    });
  return { load, requested, names, cache, verified: () => verified, ports };
}

test('downloads once, keeps the file under its hash, and then reads it from the cache', async () => {
  const { load, requested, names, cache, verified } = surroundings(() => new Response(good));
  expect((await load()).get('w.bin')).toEqual(good);
  expect((await load()).get('w.bin')).toEqual(good);
  expect(requested).toEqual(['https://example.org/models/a/w.bin']);
  expect(names).toEqual(['palimpsest-model-a', 'palimpsest-model-a']);
  expect([...cache.entries.keys()]).toEqual([`${modelUrl}sha256-${file.sha256}`]);
  expect(verified()).toBe(2 * good.length);
});

test.each([
  [
    'a flipped bit',
    () => new Response(good.map((byte, index) => (index === 3 ? byte ^ 1 : byte))),
    'integrity',
  ],
  ['too few bytes', () => new Response(good.slice(0, 4)), 'integrity'],
  ['too many bytes', () => new Response('good bytes and more'), 'integrity'],
  [
    'a page',
    () => new Response('<html>', { headers: { 'content-type': 'text/html; charset=utf-8' } }),
    'download-failed',
  ],
  ['a missing file', () => new Response('', { status: 404 }), 'download-failed'],
  ['no connection', () => Promise.reject(new TypeError('Failed to fetch')), 'download-failed'],
])('refuses %s, keeps nothing of it, counts nothing as verified', async (_, answer, code) => {
  const { load, cache, verified } = surroundings(answer);
  await expect(load()).rejects.toMatchObject({ name: 'EngineError', code });
  expect(cache.entries.size).toBe(0);
  expect(verified()).toBe(0);
});

test('replaces a cached file that has gone bad', async () => {
  const { load, requested, cache } = surroundings(() => new Response(good));
  await load();
  const [key] = cache.entries.keys();
  cache.entries.set(key ?? '', new Response('bad bytes!'));
  expect((await load()).get('w.bin')).toEqual(good);
  expect(requested).toHaveLength(2);
});

test('removes the files of an earlier version of the model', async () => {
  const { load, cache } = surroundings(() => new Response(good));
  cache.entries.set(`${modelUrl}sha256-old`, new Response('old'));
  await load();
  expect([...cache.entries.keys()]).toEqual([`${modelUrl}sha256-${file.sha256}`]);
});

test('works from memory when the disk is full or storage is refused', async () => {
  const full = new MemoryCache();
  full.put = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));
  expect((await surroundings(() => new Response(good), full).load()).get('w.bin')).toEqual(good);
  const { ports } = surroundings(() => new Response(good));
  const caches = {
    open: () => Promise.reject(new DOMException('no', 'SecurityError')),
  } as unknown as CacheStorage;
  const files = await loadModelFiles(modelUrl, manifest, wanted, { ...ports, caches }, () => undefined);
  expect(files.get('w.bin')).toEqual(good);
});

test('fetches only the files that are asked for', async () => {
  const { requested, ports } = surroundings(() => new Response(good));
  const two = { ...manifest, files: [{ ...file, path: 'other.bin' }, file] };
  expect([...(await loadModelFiles(modelUrl, two, wanted, ports, () => undefined)).keys()]).toEqual([
    'w.bin',
  ]);
  expect(requested).toEqual([`${modelUrl}w.bin`]);
});

test('reads a manifest, and says so when it is not JSON', async () => {
  expect(await fetchManifest(tinyUrl, nodePorts(undefined))).toEqual(tinyManifest());
  const { ports } = surroundings(() => new Response('{'));
  await expect(fetchManifest(modelUrl, ports)).rejects.toMatchObject({
    code: 'integrity',
    message: expect.stringContaining('manifest.json of the model is not valid JSON') as string,
  });
});

/** The value of a float16 by its definition. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >>> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

test('widens all 65,536 float16 numbers exactly', () => {
  const halves = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
  const widened = new Float32Array(widenFloat16(new Uint8Array(halves.buffer)).buffer);
  expect(widened).toEqual(Float32Array.from(halves, halfValue));
});

test('widens bytes that do not begin at an even address', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0x7bff }), { maxLength: 9 }), (values) => {
      const aligned = new Uint8Array(Uint16Array.from(values).buffer);
      const shifted = new Uint8Array(aligned.length + 1);
      shifted.set(aligned, 1);
      expect(widenFloat16(shifted.subarray(1))).toEqual(widenFloat16(aligned));
    }),
  );
});
