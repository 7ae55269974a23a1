import fc from 'fast-check';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { expect, test } from 'vitest';

import { blobsIn } from '../blobs.ts';
import { currentVersion } from '../migrations.ts';
import { sha256 } from '../sha256.ts';
import { type Sample, samples, settledSamples } from '../testing/arbitraries.ts';
import { must } from '../testing/must.ts';
import { encodePng } from './png.ts';
import {
  type ImportLimits,
  type ImportedSession,
  SessionFileError,
  readSessionFile,
  writeSessionFile,
} from './sessionFile.ts';

function write({ document, blobs }: Sample): Uint8Array<ArrayBuffer> {
  return writeSessionFile(document, blobs, 5);
}

function readOrRefusal(bytes: Uint8Array, limits?: ImportLimits): ImportedSession | string {
  try {
    return readSessionFile(bytes, limits);
  } catch (error) {
    if (error instanceof SessionFileError) return error.code;
    throw error;
  }
}

function codeOf(bytes: Uint8Array, limits?: ImportLimits): string {
  const read = readOrRefusal(bytes, limits);
  return typeof read === 'string' ? read : 'read';
}

/** The file with its entries changed and the manifest's hash made right again, as an attacker would. */
function rebuilt(file: Uint8Array, change: (entries: Record<string, Uint8Array>) => void): Uint8Array {
  const entries: Record<string, Uint8Array> = unzipSync(file);
  change(entries);
  const manifest = entries['manifest.json'];
  if (manifest !== undefined) entries['manifest.sha256'] = strToU8(sha256(manifest));
  return zipSync(entries);
}

interface Manifest {
  format?: string;
  session?: { version: number; current: string | null; root: { frame: { hash: string; width: number } } };
}

function withManifest(
  file: Uint8Array,
  change: (manifest: Manifest, session: NonNullable<Manifest['session']>) => void,
): Uint8Array {
  return rebuilt(file, (entries) => {
    const manifest = JSON.parse(strFromU8(must(entries['manifest.json']))) as Manifest;
    change(manifest, must(manifest.session));
    entries['manifest.json'] = strToU8(JSON.stringify(manifest));
  });
}

/** The file with its manifest in it a second time, which no zip writer makes: a name of the same length is patched. */
function twice(file: Uint8Array): Uint8Array {
  const entries = unzipSync(file);
  const zip = zipSync({ ...entries, 'manifest.jso_': must(entries['manifest.json']) });
  const text = Array.from(zip, (byte) => String.fromCharCode(byte)).join('');
  return Uint8Array.from(text.replaceAll('manifest.jso_', 'manifest.json'), (char) => char.charCodeAt(0));
}

test('gives back the same session with the same bytes of every picture', () => {
  fc.assert(
    fc.property(settledSamples, (sample) => {
      const { document, blobs } = readSessionFile(write(sample));
      expect(document).toEqual(sample.document);
      const hashes = new Set(blobsIn(document));
      expect(new Set(blobs.keys())).toEqual(hashes);
      for (const hash of hashes) expect(blobs.get(hash)).toEqual(sample.blobs.bytesOf(hash));
    }),
  );
});

test('refuses a damaged file, or reads exactly what was saved', () => {
  const damage = fc.array(fc.record({ at: fc.nat(), flip: fc.integer({ min: 1, max: 255 }) }), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(settledSamples, damage, fc.option(fc.nat()), (sample, flips, cut) => {
      const file = write(sample);
      const whole = readOrRefusal(file);
      for (const { at, flip } of flips) file[at % file.length] = (file[at % file.length] ?? 0) ^ flip;
      const damaged = cut === null ? file : file.subarray(0, cut % file.length);
      expect([whole, 'bad-file']).toContainEqual(readOrRefusal(damaged));
    }),
    { numRuns: 200 },
  );
});

test('refuses any other bytes with its own error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(codeOf(bytes)).toBe('bad-file');
    }),
  );
});

test('refuses foreign parts, missing pictures, wrong sizes and a made-up hash', () => {
  const pictured = settledSamples.filter(({ document }) => document.root.kind !== 'words');
  fc.assert(
    fc.property(pictured, (sample) => {
      const file = write(sample);
      const { root } = sample.document;
      if (root.kind === 'words') return;
      const start = `blobs/${root.frame.hash}`;
      const { width, height } = root.frame;
      const otherPicture = encodePng({
        width,
        height,
        channels: 4,
        data: new Uint8Array(width * height * 4),
      });
      const codes = [
        rebuilt(file, (entries) => void (entries['../evil.txt'] = strToU8('x'))),
        rebuilt(file, (entries) => void (entries['blobs/extra.png'] = strToU8('x'))),
        rebuilt(file, (entries) => void Reflect.deleteProperty(entries, start)),
        rebuilt(file, (entries) => void (entries[start] = strToU8('not a picture'))),
        rebuilt(file, (entries) => void (entries[start] = otherPicture)),
        twice(file),
        rebuilt(file, (entries) => void delete entries['manifest.json']),
        withManifest(file, (_, session) => void (session.root.frame.width += 1)),
        withManifest(file, (_, session) => void (session.root.frame.hash = sha256(strToU8('other')))),
        withManifest(file, (manifest) => void (manifest.format = 'zip')),
        withManifest(file, (manifest) => void delete manifest.session),
        withManifest(file, (_, session) => void (session.current = 'nowhere')),
      ].map((bytes) => codeOf(bytes));
      expect(codes).toEqual(codes.map(() => 'bad-file'));
      // The control: the same way of building a file, without a change, is read.
      expect(codeOf(rebuilt(file, () => undefined))).toBe('read');
    }),
    { numRuns: 20 },
  );
});

test('refuses a picture whose hash is right but which is no picture', () => {
  fc.assert(
    fc.property(
      settledSamples.filter(({ document }) => document.root.kind !== 'words'),
      (sample) => {
        const bytes = strToU8('not a picture');
        const hash = sha256(bytes);
        const file = rebuilt(
          withManifest(write(sample), (_, session) => void (session.root.frame.hash = hash)),
          (entries) => void (entries[`blobs/${hash}`] = bytes),
        );
        expect(codeOf(file)).toBe('bad-file');
      },
    ),
    { numRuns: 10 },
  );
});

test('refuses a manifest that was changed, though it still reads', () => {
  fc.assert(
    fc.property(settledSamples, (sample) => {
      const entries = unzipSync(write(sample));
      const manifest = strFromU8(must(entries['manifest.json'])).replace('"createdAt": 1', '"createdAt": 2');
      const changed = { ...entries, 'manifest.json': strToU8(manifest) };
      expect(codeOf(zipSync(changed))).toBe('bad-file');
      expect(codeOf(zipSync({ ...changed, 'manifest.sha256': strToU8(sha256(strToU8(manifest))) }))).toBe(
        'read',
      );
    }),
    { numRuns: 10 },
  );
});

test('says so when the file is from a newer version', () => {
  fc.assert(
    fc.property(samples, (sample) => {
      const file = withManifest(write(sample), (_, session) => void (session.version = currentVersion + 1));
      expect(codeOf(file)).toBe('newer-version');
    }),
    { numRuns: 10 },
  );
});

test('refuses to unpack more than the limits allow, and reads what lies just inside them', () => {
  fc.assert(
    fc.property(settledSamples, (sample) => {
      const file = write(sample);
      const entries = Object.values(unzipSync(file));
      // Short entries are larger packed than unpacked, so the bound counts the larger of both.
      const roomy = {
        fileBytes: file.length,
        inflatedBytes: entries.reduce((sum, { length }) => sum + length + 32, 0),
        entries: entries.length,
      };
      expect(codeOf(file, roomy)).toBe('read');
      expect(codeOf(file, { ...roomy, fileBytes: file.length - 1 })).toBe('bad-file');
      expect(codeOf(file, { ...roomy, entries: entries.length - 1 })).toBe('bad-file');
      expect(codeOf(file, { ...roomy, inflatedBytes: must(entries[0]).length })).toBe('bad-file');
    }),
    { numRuns: 20 },
  );
});
