/** A picture that carries its whole session, so that it opens here again and is a plain PNG everywhere else. */
import type { Bytes } from '../blobs.ts';
import { chunksOf, withChunks } from './png.ts';

/** Private, and not to be copied by a program that changes the pixels. */
const chunkType = 'paLS';

/** `session`: the bytes of a session file. */
export function withSession(png: Bytes, session: Bytes): Bytes {
  return withChunks(png, [{ type: chunkType, body: session }]);
}

/** The session file in a PNG; null for other files, and for a picture without one. Nothing is checked yet. */
export function sessionIn(file: Uint8Array): Uint8Array | null {
  for (const { type, body } of chunksOf(file)) if (type === chunkType) return body;
  return null;
}
