/** The manifest of a model that no test could load. */
import { segmentGraphs } from '../graphNames.ts';
import { tiny } from './tiny.ts';

const hash = 'a'.repeat(64);

/** Of a published model of 4 billion parameters: 25 attentions, q4 in shards, a text encoder that does not stay. */
export function largeManifest(shardBytes: number): Record<string, unknown> {
  const chunkBytes = 32 * 2 ** 20;
  const names = ['t5', 'vae_encoder_tile', 'vae_decoder_tile', ...segmentGraphs(25)];
  const shards = Array.from({ length: 4 }, (_, index) => `shard_${index}.bin`);
  const long = (path: string, bytes: number): object => ({
    path,
    bytes,
    sha256: hash,
    chunks: Array.from({ length: Math.ceil(bytes / chunkBytes) }, () => hash),
  });
  const small = ['tokenizer.json', 'qk_norm.bin', ...names.map((name) => `${name}.onnx`)];
  return {
    ...tiny.json(),
    id: 'large',
    architecture: {
      ...(tiny.json()['architecture'] as object),
      width: 3072,
      layers: 25,
      heads: 24,
      headDim: 128,
      axisDims: [32, 32, 32, 32],
      textWidth: 7680,
      maxTextTokens: 512,
    },
    frame: {
      width: 1024,
      height: 768,
      latentChannels: 32,
      latentDownsample: 8,
      patch: 2,
      tokens: 64 * 48 + 2,
    },
    graphs: Object.fromEntries(names.map((name) => [name, `${name}.onnx`])),
    tiles: { width: 512, height: 512, overlap: 128 },
    pictureBytesPerPixel: 2048,
    keep: { t5: 'while encoding text' },
    tokenizer: 'tokenizer.json',
    qkNorm: 'qk_norm.bin',
    chunkBytes,
    weights: [
      { file: 'text.bin', externalData: 'text.data', storage: 'q4', graphs: ['t5'] },
      ...shards.map((file, index) => ({
        file,
        externalData: `shard_${index}.data`,
        storage: index === 0 ? 'q8' : 'q4',
        graphs: segmentGraphs(25).filter((_, at) => at % 4 === index),
      })),
    ],
    files: [
      ...small.map((path) => ({ path, bytes: 9, sha256: hash })),
      long('text.bin', 2.1e9),
      ...shards.map((path) => long(path, shardBytes)),
    ],
  };
}
