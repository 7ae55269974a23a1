/**
 * A whole session as one file: a zip of `manifest.json`, its SHA-256, and `blobs/<SHA-256>`. Import trusts
 * nothing: it builds a new document in memory or throws, and touches no stored state.
 */
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';

import { type BlobBag, type Bytes, blobsIn, createBlobBag } from '../blobs.ts';
import type { BlobHash, PictureRef, RegionRefs, SessionDocument } from '../document.ts';
import { SchemaError, parseFields, parseList } from '../fields.ts';
import { currentVersion, readSession, writeSession } from '../migrations.ts';
import { sha256 } from '../sha256.ts';

export const sessionFileExtension = '.palimpsest';
export const sessionFileType = 'application/vnd.palimpsest+zip';

const format = 'palimpsest-session';
const manifestName = 'manifest.json';
const manifestHashName = 'manifest.sha256';
const blobName = /^blobs\/([0-9a-f]{64})$/;

export interface ImportLimits {
  readonly fileBytes: number;
  readonly inflatedBytes: number;
  readonly entries: number;
}

const defaultLimits: ImportLimits = {
  fileBytes: 512 * 2 ** 20,
  inflatedBytes: 1024 * 2 ** 20,
  entries: 20_000,
};

export type SessionFileErrorCode = 'bad-file' | 'newer-version';

/** `message` says what is wrong with the file, in words for the person. */
export class SessionFileError extends Error {
  override readonly name = 'SessionFileError';
  readonly code: SessionFileErrorCode;
  constructor(code: SessionFileErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export function writeSessionFile(document: SessionDocument, blobs: BlobBag, modifiedAt: number): Bytes {
  const records = writeSession(document, modifiedAt, 0);
  const manifest = strToU8(JSON.stringify({ format, version: currentVersion, ...records }, null, 1));
  const entries: Record<string, Uint8Array | [Uint8Array, { level: 0 }]> = {
    [manifestName]: manifest,
    [manifestHashName]: strToU8(sha256(manifest)),
  };
  for (const hash of new Set(blobsIn(document))) {
    const bytes = blobs.bytesOf(hash);
    // Pictures are compressed already.
    if (bytes !== undefined) entries[`blobs/${hash}`] = [bytes, { level: 0 }];
  }
  return zipSync(entries);
}

export interface ImportedSession {
  readonly document: SessionDocument;
  readonly blobs: ReadonlyMap<BlobHash, Bytes>;
}

/** @throws SessionFileError and nothing else, whatever the bytes are. */
export function readSessionFile(bytes: Uint8Array, limits: ImportLimits = defaultLimits): ImportedSession {
  const entries = unpack(bytes, limits);
  const document = readManifest(entries);
  const blobs = new Map<BlobHash, Bytes>();
  for (const [name, content] of entries) {
    const hash = blobName.exec(name)?.[1] as BlobHash | undefined;
    if (hash === undefined) continue;
    if (sha256(content) !== hash) throw new SessionFileError('bad-file', 'A picture in the file is damaged.');
    blobs.set(hash, content);
  }
  checkPictures(document, createBlobBag(blobs));
  return { document, blobs };
}

function unpack(bytes: Uint8Array, limits: ImportLimits): ReadonlyMap<string, Bytes> {
  if (bytes.length > limits.fileBytes) {
    throw new SessionFileError('bad-file', 'The file is too large for a session.');
  }
  const seen = new Set<string>();
  let inflated = 0;
  try {
    const files = unzipSync(bytes, {
      // Runs before an entry is unpacked, on sizes that unpacking cannot exceed.
      filter({ name, size, originalSize }) {
        inflated += Math.max(size, originalSize);
        if (seen.size >= limits.entries || inflated > limits.inflatedBytes) {
          throw new SessionFileError('bad-file', 'The file unpacks to more than a session can hold.');
        }
        if (name !== manifestName && name !== manifestHashName && !blobName.test(name)) {
          throw new SessionFileError('bad-file', 'The file holds parts that do not belong in a session.');
        }
        if (seen.has(name)) throw new SessionFileError('bad-file', 'The file holds a part twice.');
        seen.add(name);
        return true;
      },
    });
    return new Map(Object.entries(files));
  } catch (error) {
    if (error instanceof SessionFileError) throw error;
    throw new SessionFileError('bad-file', 'The file is not a session file, or it ends early.', error);
  }
}

function readManifest(entries: ReadonlyMap<string, Bytes>): SessionDocument {
  const manifest = entries.get(manifestName);
  const hash = entries.get(manifestHashName);
  if (manifest === undefined || hash === undefined) {
    throw new SessionFileError('bad-file', 'The file holds no session.');
  }
  if (strFromU8(hash) !== sha256(manifest)) throw new SessionFileError('bad-file', 'The file is damaged.');
  try {
    const fields = parseFields(JSON.parse(strFromU8(manifest)), 'manifest');
    if (fields['format'] !== format) throw new SchemaError('manifest.format', format, fields['format']);
    const read = readSession(parseFields(fields['session'], 'session'), parseList(fields['turns'], 'turns'));
    if (read.state === 'newer') {
      const message = `The file was saved by a newer version of this page (its format is ${read.version}, this page reads up to ${currentVersion}).`;
      throw new SessionFileError('newer-version', message);
    }
    if (read.state === 'unreadable') {
      throw new SessionFileError('bad-file', `The file is damaged. ${read.reason}`);
    }
    if (read.state === 'empty') throw new SessionFileError('bad-file', 'The file holds no session.');
    return read.document;
  } catch (error) {
    if (error instanceof SessionFileError) throw error;
    throw new SessionFileError('bad-file', 'The file is damaged.', error);
  }
}

/** Every picture must be there and have the size that its record gives; latents can be made again. */
function checkPictures(document: SessionDocument, blobs: BlobBag): void {
  const { root, composer, turns } = document;
  const requests = [composer, ...turns];
  const masks = [
    ...requests.flatMap(({ regions }) => masksOf(regions)),
    ...composer.parts.flatMap(({ region }) => region ?? []),
  ];
  const made = turns.flatMap(({ state }) => (state.status === 'done' ? [state.result] : []));
  const frames = [
    ...(root.kind === 'words' ? [] : [root.frame]),
    ...requests.flatMap(({ references }) => references.map(({ frame }) => frame)),
    ...requests.flatMap(({ task }) => (task.kind === 'clip-between' ? [task.to.frame] : [])),
    ...made.flatMap(({ frame, clip = [] }) => [frame, ...clip.map((one) => one.frame)]),
  ];
  const areWhole =
    frames.every((frame) => hasSize(blobs.pixelsOf(frame.hash), frame)) &&
    masks.every((mask) => hasSize(blobs.maskOf(mask.hash), mask));
  if (!areWhole) {
    throw new SessionFileError('bad-file', 'A picture is missing from the file or cannot be read.');
  }
}

function masksOf({ drawn, now, next }: RegionRefs): readonly PictureRef[] {
  return [drawn, now?.mask, next?.mask].filter((mask) => mask != null);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function hasSize(picture: Size | null, { width, height }: Size): boolean {
  return picture?.width === width && picture.height === height;
}
