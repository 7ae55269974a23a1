import { expect, test } from 'vitest';

import { graphsOn } from './graphPlan.ts';
import { parseManifest } from './manifest.ts';
import { planMemory } from './memoryPlan.ts';
import { largeManifest } from './testing/largeManifest.ts';
import { openFixture, tiny } from './testing/tiny.ts';

const bytesOf = (model: typeof tiny, file: string): number =>
  model.manifest().files.find(({ path }) => path === file)?.bytes ?? Number.NaN;

test('counts weights as the graphs hold them, each file once, and what is kept of the context', () => {
  const stayingBytes =
    2 * ['t5', 'vae', 'dit'].reduce((sum, name) => sum + bytesOf(tiny, `${name}.f16.bin`), 0);
  expect(planMemory(tiny.manifest(), 'wasm', 1000)).toEqual({
    stayingBytes,
    passingBytes: 0,
    contextBytes: 1000,
    pictureBytes: 0,
    peakBytes: stayingBytes + 1000,
  });
});

test('counts a text encoder that does not stay, and blocks of 4 bits as they lie on disk', () => {
  const model = openFixture('quantised');
  const { stayingBytes, passingBytes } = planMemory(model.manifest(), 'webgpu', 0);
  expect(stayingBytes).toBe(
    2 * (bytesOf(model, 'vae.f16.bin') + bytesOf(model, 'dit.f16.bin')) + bytesOf(model, 'dit.q4.bin'),
  );
  expect(passingBytes).toBe(2 * bytesOf(model, 't5.f16.bin') + bytesOf(model, 't5.q4.bin'));
});

test('plans a model of 4 billion parameters: 26 segments, an encoder that does not stay, pictures in tiles', () => {
  const manifest = parseManifest(largeManifest(0.6e9));
  expect(graphsOn('webgpu', manifest)).toEqual([
    't5',
    'vae_encoder_tile',
    'vae_decoder_tile',
    'segment_00_text',
    'segment_00_vision',
    ...Array.from({ length: 25 }, (_, index) => `segment_${String(index + 1).padStart(2, '0')}`),
  ]);
  const contextBytes = 2 ** 30;
  const plan = planMemory(manifest, 'webgpu', contextBytes);
  expect(plan).toEqual({
    stayingBytes: 2.4e9,
    passingBytes: 2.1e9,
    contextBytes,
    pictureBytes: 512 * 512 * 2048,
    peakBytes: 4.5e9 + contextBytes + 512 * 512 * 2048,
  });
  const { tiles: _, ...json } = largeManifest(0.6e9);
  const graphs = { ...(json['graphs'] as object), vae_encoder: 't5.onnx', vae_decoder: 't5.onnx' };
  const whole = planMemory(parseManifest({ ...json, graphs }), 'webgpu', contextBytes);
  expect(whole.pictureBytes).toBe(1024 * 768 * 2048);
});
