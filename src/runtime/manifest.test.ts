import { expect, test } from 'vitest';

import { hasWasmGraphs, segmentGraphs } from './graphNames.ts';
import { parseManifest } from './manifest.ts';
import { largeManifest } from './testing/largeManifest.ts';
import { openFixture, tiny, tinyRoles } from './testing/tiny.ts';

const hash = 'a'.repeat(64);

/** The manifest with the value at a dotted path replaced. */
function changed(path: string, value: unknown): unknown {
  const manifest = tiny.json();
  const keys = path.split('.');
  let at: Record<string, unknown> = manifest;
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[keys.at(-1) ?? ''] = value;
  return manifest;
}

test('keeps every field of a valid manifest', () => {
  expect(parseManifest(tiny.json())).toEqual(tiny.json());
  const { frame } = openFixture('oblong').json();
  expect(parseManifest(openFixture('oblong').json()).frame).toEqual(frame);
});

test('keeps further sizes, and wants a graph of its own for each where the size is fixed', () => {
  const manifest = openFixture('oblong').json();
  expect(parseManifest(manifest).frames).toEqual([{ width: 72, height: 96 }]);
  const { segment_02_72x96: _, ...graphs } = manifest['graphs'] as Record<string, string>;
  expect(() => parseManifest({ ...manifest, graphs })).toThrow('graphs.segment_02_72x96 is missing');
  const {
    dit_text: __,
    dit_vision: ___,
    dit_vision_72x96: ____,
    ...onGpu
  } = manifest['graphs'] as Record<string, string>;
  const weights = (manifest['weights'] as { graphs: string[] }[]).map((entry) => ({
    ...entry,
    graphs: entry.graphs.filter((name) => onGpu[name] !== undefined),
  }));
  expect(parseManifest({ ...manifest, graphs: onGpu, weights }).frames).toHaveLength(1);
});

test.each([
  [{ width: 72, height: 97 }, 'frames[0] 72x97 is not a whole number of 24-pixel patches.'],
  [{ width: 96, height: 72 }, 'frames[0] 96x72 stands there already.'],
  [{ width: 96 }, 'frames[0].height must be a whole number above 0; found nothing.'],
])('refuses the further size %j and says why', (frame, message) => {
  const manifest = { ...openFixture('oblong').json(), frames: [frame] };
  expect(() => parseManifest(manifest)).toThrow(message);
});

test('keeps the role texts', () => {
  const manifest = { ...tiny.json(), roles: tinyRoles, capabilities: ['region-now'] };
  expect(parseManifest(manifest)).toEqual(manifest);
});

test('calls the drawn region by its name where a model without roles uses that of the predicted one', () => {
  const capabilities = ['next-image', 'region-now'];
  expect(parseManifest(changed('capabilities', capabilities)).capabilities).toEqual([
    'next-image',
    'drawn-region',
  ]);
});

test('names the segments in the order they run', () => {
  expect(segmentGraphs(2)).toEqual(['segment_00_text', 'segment_00_vision', 'segment_01', 'segment_02']);
});

test.each([
  ['version', 2, 'version is 2; this page reads version 1'],
  ['id', '', 'id must be a text; found ""'],
  ['architecture', null, 'architecture must be an object'],
  ['architecture.layers', 2.5, 'architecture.layers must be a whole number above 0; found 2.5'],
  ['architecture.headDim', 128, 'architecture.axisDims sum to 64, not to headDim 128'],
  ['architecture.axisDims', [7, 1, 28, 28], 'architecture.axisDims must be even'],
  ['architecture.axisDims', [64], 'architecture.axisDims must be four whole numbers'],
  ['architecture.timeFeatures', 31, 'architecture.timeFeatures must be even'],
  ['frame.width', 65, 'frame 65x64 is not a whole number of 32-pixel patches'],
  ['frame.trained', { width: 64 }, 'frame.trained.height must be a whole number above 0; found nothing'],
  ['frame.tokens', 7, 'frame.tokens is 7; the patches and two end tokens make 6'],
  ['sampler.guidance', '1', 'sampler.guidance must be a number above 0; found "1"'],
  [
    'weights.0.storage',
    'q5',
    'weights[0].storage must be one of "float16", "float32", "q8", "q4"; found "q5"',
  ],
  ['weights.1.graphs', ['vae'], 'weights[1].graphs names "vae", which is no graph'],
  [
    'keep',
    { t5: 'sometimes' },
    'keep must be an object whose values are each "always" or "while encoding text"',
  ],
  ['keep', { clip: 'always' }, 'keep.clip is no graph of this model'],
  [
    'files.12.bytes',
    3e9,
    'files[12] comes in pieces of 3000000000 bytes. Files longer than 67108864 bytes need',
  ],
  ['graphs.segment_02', undefined, 'graphs must be an object whose values are each a file name'],
  ['tokenizer', 'other.json', 'files does not list "other.json"'],
  ['roles', { ...tinyRoles, frame: 'frame {index}' }, 'roles.frame must be a text with {index} and {count}'],
  ['roles', { ...tinyRoles, numbers: 8 }, 'roles.numbers must be a list of texts'],
  ['files.0.path', '../t5.onnx', 'files[0].path must be a path inside the model folder'],
  ['files.0.path', '/t5.onnx', 'files[0].path must be a path inside the model folder'],
  ['files.0.path', 'https://a/b', 'files[0].path must be a path inside the model folder'],
  ['files.0.sha256', 'ABC', 'files[0].sha256 must be 64 lower-case hexadecimal digits'],
  ['world.objects', [1], 'world.objects must be a list of texts'],
  ['quality', { psnr: null }, 'quality must be an object whose values are each a number'],
])('refuses %s = %j and says why', (path, value, message) => {
  expect(() => parseManifest(changed(path, value))).toThrow(
    expect.objectContaining({ code: 'integrity', message: expect.stringContaining(message) as string }),
  );
});

test('refuses a model without one of its graphs', () => {
  const { segment_02: _, ...graphs } = tiny.json()['graphs'] as Record<string, string>;
  expect(() => parseManifest({ ...tiny.json(), graphs })).toThrow('graphs.segment_02 is missing');
});

test('needs both graphs of the processor or none', () => {
  const { dit_text: _, ...graphs } = tiny.json()['graphs'] as Record<string, string>;
  expect(() => parseManifest({ ...tiny.json(), graphs })).toThrow('graphs.dit_text is missing');
  const { dit_vision: __, ...onGpu } = graphs;
  expect(hasWasmGraphs(parseManifest({ ...tiny.json(), graphs: onGpu }))).toBe(false);
});

test('keeps what a model of gigabytes declares, and refuses what no browser holds in one piece', () => {
  const large = largeManifest(0.6e9);
  expect(parseManifest(large)).toEqual(large);
  expect(() => parseManifest(largeManifest(2.5e9))).toThrow(
    'weights[1] takes 2500000000 bytes of memory in one piece; a browser gives 2145386496. Split it into several files.',
  );
});

test('refuses a list that names a file twice', () => {
  const files = tiny.json()['files'] as unknown[];
  expect(() => parseManifest({ ...tiny.json(), files: [...files, files[0]] })).toThrow('a path twice');
});

/** The manifest with chunks of 100,000 bytes: of its files only `dit.f16.bin`, 382,976 bytes, is longer. */
function chunked(chunks: unknown, chunkBytes: unknown = 100_000): Record<string, unknown> {
  const manifest = tiny.json();
  const files = (manifest['files'] as { path: string }[]).map((file) =>
    file.path === 'dit.f16.bin' ? { ...file, chunks } : file,
  );
  return { ...manifest, chunkBytes, files };
}

test('keeps the chunks of files that are longer than one', () => {
  const manifest = chunked([hash, hash, hash, hash]);
  expect(parseManifest(manifest)).toEqual(manifest);
});

test.each([
  [
    'one chunk too few',
    [hash, hash, hash],
    100_000,
    'has 3 hashes; 382976 bytes in chunks of 100000 need 4.',
  ],
  [
    'one chunk too many',
    Array(5).fill(hash),
    100_000,
    'has 5 hashes; 382976 bytes in chunks of 100000 need 4.',
  ],
  ['no chunks of a long file', undefined, 100_000, 'has 0 hashes; 382976 bytes in chunks of 100000 need 4.'],
  ['chunks of a short file', [hash], 400_000, 'has 1 hashes; 382976 bytes in chunks of 400000 need 0.'],
  ['chunks of no size', [hash], undefined, 'has 1 hashes; 382976 bytes without chunkBytes need 0.'],
  ['a chunk size of nothing', [hash], 0, 'chunkBytes must be a whole number above 0; found 0.'],
  ['a chunk size that is no number', [hash], '4 MiB', 'chunkBytes must be a whole number above 0'],
  ['a chunk without a hash', [hash, hash, hash, 'x'], 100_000, 'chunks must be a list of SHA-256'],
])('refuses %s and says why', (_, chunks, chunkBytes, message) => {
  const manifest = { ...chunked(chunks), chunkBytes };
  expect(() => parseManifest(manifest)).toThrow(
    expect.objectContaining({ code: 'integrity', message: expect.stringContaining(message) as string }),
  );
});

test.each([undefined, null, 7, 'text', []])('refuses %j as a manifest', (value) => {
  expect(() => parseManifest(value)).toThrow('manifest must be an object');
});
