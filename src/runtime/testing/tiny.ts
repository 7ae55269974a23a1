/** The small untrained model of fixtures/tiny, and pictures of its size, for tests of the whole path. */
import { readFileSync } from 'node:fs';

import type { EditRequest, HistoryItem, MaskPixels, ModelManifest, Pixels } from '../contract.ts';
import { mulberry32 } from '../flow.ts';
import { parseManifest } from '../manifest.ts';

const folder = new URL('../../../fixtures/tiny/', import.meta.url);

export const tinyUrl = folder.href;

export function readTiny(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(path, folder)));
}

export function tinyManifestJson(): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(readTiny('manifest.json'))) as Record<string, unknown>;
}

export function tinyManifest(): ModelManifest {
  return parseManifest(tinyManifestJson());
}

const SIZE = 64;

export function tinyPicture(seed: number): Pixels {
  const random = mulberry32(seed);
  const data = Uint8ClampedArray.from({ length: SIZE * SIZE * 4 }, (_, index) =>
    index % 4 === 3 ? 255 : random() * 256,
  );
  return { width: SIZE, height: SIZE, data };
}

/** The left half may change. */
export function tinyMask(): MaskPixels {
  const data = Uint8Array.from({ length: SIZE * SIZE }, (_, index) => (index % SIZE < SIZE / 2 ? 255 : 0));
  return { width: SIZE, height: SIZE, data };
}

export const opened: HistoryItem = { kind: 'image', id: 'opened', pixels: tinyPicture(1) };

export function tinyRequest(changes: Partial<EditRequest> = {}): EditRequest {
  return { history: [opened], instruction: 'add a cat', seed: 3, steps: 2, guidance: 2, ...changes };
}

export const never = new AbortController().signal;
export const ignore = (): void => undefined;
