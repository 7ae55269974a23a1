/** The small untrained models of fixtures/, and pictures of their size, for tests of the whole path. */
import { readFileSync } from 'node:fs';

import type { EditRequest, HistoryItem, MaskPixels, ModelManifest, ModelRoles, Pixels } from '../contract.ts';
import { mulberry32 } from '../flow.ts';
import { parseManifest } from '../manifest.ts';
import type { RuntimePorts } from '../ports.ts';

/** An untrained model of fixtures/, and pictures, regions and requests that fit it. */
export interface Fixture {
  readonly name: string;
  readonly url: string;
  readonly read: (path: string) => Uint8Array<ArrayBuffer>;
  readonly json: () => Record<string, unknown>;
  readonly manifest: () => ModelManifest;
  readonly picture: (seed: number) => Pixels;
  /** The left half may change, up to a whole latent cell. */
  readonly mask: () => MaskPixels;
  readonly opened: HistoryItem;
  readonly request: (changes?: Partial<EditRequest>) => EditRequest;
}

export function noisePixels({ width, height }: { width: number; height: number }, seed: number): Pixels {
  const random = mulberry32(seed);
  const data = Uint8ClampedArray.from({ length: width * height * 4 }, (_, index) =>
    index % 4 === 3 ? 255 : random() * 256,
  );
  return { width, height, data };
}

export function openFixture(name: 'tiny' | 'oblong' | 'quantised'): Fixture {
  const folder = new URL(`../../../fixtures/${name}/`, import.meta.url);
  const read: Fixture['read'] = (path) => new Uint8Array(readFileSync(new URL(path, folder)));
  const json: Fixture['json'] = () =>
    JSON.parse(new TextDecoder().decode(read('manifest.json'))) as Record<string, unknown>;
  const { width, height } = parseManifest(json()).frame;
  const picture: Fixture['picture'] = (seed) => noisePixels({ width, height }, seed);
  const opened: HistoryItem = { kind: 'image', id: 'opened', pixels: picture(1) };
  return {
    name,
    url: folder.href,
    read,
    json,
    manifest: () => parseManifest(json()),
    picture,
    mask: () => ({
      width,
      height,
      data: Uint8Array.from({ length: width * height }, (_, index) => (index % width < width / 2 ? 255 : 0)),
    }),
    opened,
    request: (changes = {}) => ({
      history: [opened],
      instruction: 'add a cat',
      seed: 3,
      steps: 2,
      guidance: 2,
      ...changes,
    }),
  };
}

export const tiny = openFixture('tiny');

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

export const never = new AbortController().signal;
export const ignore = (): void => undefined;
