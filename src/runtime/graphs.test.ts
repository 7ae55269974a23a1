import { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import { afterEach, expect, test } from 'vitest';

import { configureOnnxruntime, createGraphs } from './graphs.ts';
import { nodePorts } from './node/host.ts';
import { ignore, openFixture } from './testing/tiny.ts';
import { createWeightSupply } from './weightSupply.ts';

configureOnnxruntime(nodePorts(undefined), true);

const oblong = openFixture('oblong');
const manifest = oblong.manifest();
const { frame, architecture } = manifest;

/** Whatever is read, in its order; and the sessions that are open, by count. */
function watch() {
  const reads: string[] = [];
  let open = 0;
  const create = InferenceSession.create.bind(InferenceSession) as (
    ...args: unknown[]
  ) => Promise<InferenceSession>;
  const counted = async (...args: unknown[]): Promise<InferenceSession> => {
    const session = await create(...args);
    const release = session.release.bind(session);
    open++;
    return Object.assign(session, {
      release: async () => {
        open--;
        await release();
      },
    });
  };
  Object.assign(InferenceSession, { create: counted });
  restore = () => void Object.assign(InferenceSession, { create });
  const read = async (path: string): Promise<Uint8Array<ArrayBuffer>> => {
    reads.push(path);
    return oblong.read(path);
  };
  return { reads, read, open: () => open };
}

let restore = ignore;
afterEach(() => restore());

test('opens a graph that does not stay by its first run, and lets go of it before another runs', async () => {
  const { reads, read, open } = watch();
  const names = ['t5', 'vae_decoder', 'dit_text'];
  const graphs = await createGraphs(
    names,
    { manifest, read, again: async (_, withFiles) => withFiles(read) },
    undefined,
  );
  expect(reads).toEqual(['vae_decoder.onnx', 'vae.f16.bin', 'dit_text.onnx', 'dit.f16.bin']);
  expect(open()).toBe(2);
  const { maxTextTokens } = architecture;
  const text = {
    input_ids: new Tensor('int32', new Int32Array(maxTextTokens), [maxTextTokens]),
    attention_mask: new Tensor('float32', new Float32Array(maxTextTokens).fill(1), [maxTextTokens]),
  };
  const latentDims = [1, frame.latentChannels, frame.height / 8, frame.width / 8];
  const latent = new Tensor('float32', new Float32Array(latentDims.reduce((a, b) => a * b)), latentDims);
  const counts: number[] = [];
  for (const [name, inputs] of [
    ['t5', text],
    ['t5', text],
    ['vae_decoder', { latent }],
    ['t5', text],
  ] as const) {
    await graphs.run(name, inputs);
    counts.push(open());
  }
  expect(counts).toEqual([3, 3, 2, 3]);
  expect(reads.slice(4)).toEqual(['t5.onnx', 't5.f16.bin', 't5.onnx', 't5.f16.bin']);
  await graphs.dispose();
  expect(open()).toBe(0);
});

test('names the graph that onnxruntime cannot run, and leaves none open', async () => {
  const { read, open } = watch();
  // "Relu" and "Tanh" are as long as "Warp", an operation that nobody knows.
  const unknown = async (path: string): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = await read(path);
    if (path !== 'vae_encoder.onnx') return bytes;
    const text = Buffer.from(bytes).toString('latin1').replaceAll('Tanh', 'Warp');
    return new Uint8Array(Buffer.from(text, 'latin1'));
  };
  const files = { manifest, read: unknown, again: async () => Promise.reject(new Error('none stays')) };
  await expect(createGraphs(['vae_decoder', 'vae_encoder'], files, undefined)).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('The part "vae_encoder" of the model cannot run here.') as string,
    detail: expect.stringContaining('Warp') as string,
  });
  expect(open()).toBe(0);
});

test('reads weights once for all graphs that name them, and gives them as they are unless they are float16', async () => {
  const weights = [
    { file: 'half', externalData: 'half.data', graphs: ['a', 'b'] },
    { file: 'q4', externalData: 'q4.data', storage: 'q4', graphs: ['b'] },
    { file: 'all', externalData: 'all.data', storage: 'float32' },
  ] as const;
  const reads: string[] = [];
  const bytes = Uint8Array.of(0, 0x3c, 0, 0xc0);
  const supply = createWeightSupply({ ...manifest, weights }, ['a', 'b', 'c'], async (path) => {
    reads.push(path);
    return bytes;
  });
  const widened = new Uint8Array(Float32Array.of(1, -2).buffer);
  expect(await supply('a')).toEqual([
    { path: 'half.data', data: widened },
    { path: 'all.data', data: bytes },
  ]);
  expect(await supply('b')).toEqual([
    { path: 'half.data', data: widened },
    { path: 'q4.data', data: bytes },
    { path: 'all.data', data: bytes },
  ]);
  expect(await supply('c')).toEqual([{ path: 'all.data', data: bytes }]);
  expect(reads).toEqual(['half', 'all', 'q4']);
});
