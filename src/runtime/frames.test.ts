import { expect, test } from 'vitest';

import type { EditRequest } from './contract.ts';
import { frameOfRequest, framesOf, graphOf, sizeName, sizeOfGraph } from './frames.ts';
import { graphsOn, isStaying } from './graphPlan.ts';
import { axisThetas } from './packing.ts';
import { openFixture, tiny } from './testing/tiny.ts';

const oblong = openFixture('oblong');
const manifest = oblong.manifest();
const [own, upright] = framesOf(manifest);

test('describes every size of a model as if it were its only one', () => {
  expect(framesOf(tiny.manifest())).toEqual([tiny.manifest().frame]);
  expect(own).toEqual(manifest.frame);
  // 3 by 4 patches of 24 pixels and two ends; stretched against the 72x72 of training along the height alone.
  expect(upright).toEqual({ ...manifest.frame, width: 72, height: 96, tokens: 14 });
  const { architecture } = manifest;
  const thetas = [own, upright].map((frame) => axisThetas({ architecture, frame: frame ?? manifest.frame }));
  expect(thetas[0]?.[3]).toBeGreaterThan(architecture.ropeTheta);
  expect(thetas[1]).toEqual([thetas[0]?.[0], thetas[0]?.[1], thetas[0]?.[3], thetas[0]?.[2]]);
});

test('stretches a further size against the frame of training, which is the own one where nothing else stands', () => {
  const { trained: _, ...frame } = manifest.frame;
  expect(framesOf({ ...manifest, frame })[1]?.trained).toEqual({ width: 96, height: 72 });
});

test('takes the frame of a request from its pictures', () => {
  const sideways = oblong.picture(1);
  const turned = { width: 72, height: 96, data: sideways.data };
  const frameOf = (changes: Partial<EditRequest>): string =>
    sizeName(frameOfRequest(oblong.request({ history: [], ...changes }), manifest));
  expect(frameOf({})).toBe('96x72');
  expect(frameOf({ history: [oblong.opened] })).toBe('96x72');
  expect(frameOf({ history: [{ kind: 'image', id: 'a', pixels: turned }] })).toBe('72x96');
  expect(frameOf({ references: [{ role: 'picture', id: 'a', pixels: turned }] })).toBe('72x96');
  expect(frameOf({ size: { width: 72, height: 96 } })).toBe('72x96');
  expect(frameOf({ size: { width: 72, height: 96 }, history: [oblong.opened] })).toBe('96x72');
  expect(() => frameOf({ size: { width: 96, height: 96 } })).toThrow(
    'The picture is 96x96 with 36864 values; the model works on 96x72, 72x96. Scale it first.',
  );
  const mask = { width: 72, height: 96, data: new Uint8Array(72 * 96) };
  expect(frameOf({ regions: { drawn: mask } })).toBe('72x96');
  expect(() => frameOf({ history: [{ kind: 'image', id: 'a', pixels: { ...turned, width: 48 } }] })).toThrow(
    'The picture is 48x96 with 27648 values; the model works on 96x72, 72x96. Scale it first.',
  );
});

test('names the graphs of a size, opens them only when they are needed, and none of the other backend', () => {
  expect(graphOf('vae_encoder', { width: 72, height: 96 }, manifest)).toBe('vae_encoder_72x96');
  expect(graphOf('vae_encoder', manifest.frame, manifest)).toBe('vae_encoder');
  expect(graphOf('segment_01', { width: 72, height: 96 }, manifest)).toBe('segment_01');
  expect(sizeOfGraph(manifest, 'vae_encoder_72x96')).toBe('72x96');
  expect(sizeOfGraph(manifest, 'vae_encoder')).toBeUndefined();
  const further = (backend: 'webgpu' | 'wasm'): readonly string[] =>
    graphsOn(backend, manifest).filter((name) => name.endsWith('72x96'));
  expect(further('wasm')).toEqual(['vae_encoder_72x96', 'vae_decoder_72x96', 'dit_vision_72x96']);
  expect(further('webgpu')).toEqual([
    'vae_encoder_72x96',
    'vae_decoder_72x96',
    'segment_00_vision_72x96',
    'segment_02_72x96',
  ]);
  expect(graphsOn('webgpu', manifest).filter((name) => !isStaying(manifest, name))).toEqual([
    't5',
    ...further('webgpu'),
  ]);
});
