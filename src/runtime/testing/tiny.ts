/** The small untrained model of fixtures/tiny, and pictures of its size, for tests of the whole path. */
import { readFileSync } from 'node:fs';

import type { EditRequest, HistoryItem, MaskPixels, ModelManifest, ModelRoles, Pixels } from '../contract.ts';
import { mulberry32 } from '../flow.ts';
import { parseManifest } from '../manifest.ts';
import type { RuntimePorts } from '../ports.ts';

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

export const tinyRoles: ModelRoles = {
  regionNow: 'add',
  regionNext: 'remove',
  pictures: ['cat left', 'cat right'],
  exampleBefore: 'dog left',
  exampleAfter: 'dog right',
  frame: 'make {index} of {count}',
  numbers: ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'],
};

/** Every task that needs role texts. */
export const roleTasks = [
  'region-now',
  'region-next',
  'dragged-region',
  'multi-concept',
  'demonstration',
  'clip-between',
  'clip-edit',
];

/** Ports by which every model is one that was trained for all tasks under these roles. */
export function withRoles(ports: RuntimePorts, roles: ModelRoles): RuntimePorts {
  return {
    ...ports,
    async fetch(url, init) {
      const response = await ports.fetch(url, init);
      if (!url.endsWith('manifest.json')) return response;
      const manifest = parseManifest(await response.json());
      const capabilities = [...manifest.capabilities, ...roleTasks];
      return new Response(JSON.stringify({ ...manifest, capabilities, roles }));
    },
  };
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
