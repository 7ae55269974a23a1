/** Keys and values of the context on the GPU: per layer one buffer each, `[heads, capacity, headDim]` float32. */
import { EngineError } from './contract.ts';
import { createStorage, withMemoryCheck } from './gpuMemory.ts';

export interface LayerCache {
  readonly k: GPUBuffer;
  readonly v: GPUBuffer;
}

export interface ContextCache {
  readonly layers: readonly LayerCache[];
  /** Tokens that fit. */
  readonly capacity: number;
  /** Makes room for `tokens` and keeps what is there. Throws 'unsupported' when the device has no more room. */
  reserve(tokens: number): Promise<void>;
  dispose(): void;
}

export interface CacheShape {
  readonly layers: number;
  readonly heads: number;
  readonly headDim: number;
}

const FIRST_CAPACITY = 1024;

export function createContextCache(device: GPUDevice, shape: CacheShape): ContextCache {
  let layers: readonly LayerCache[] = [];
  let capacity = 0;
  const floatsPerToken = shape.heads * shape.headDim;
  const limit = Math.floor(device.limits.maxStorageBufferBindingSize / (floatsPerToken * 4));

  function release(): void {
    for (const { k, v } of layers) {
      k.destroy();
      v.destroy();
    }
    layers = [];
  }

  async function grow(grown: number): Promise<void> {
    const larger = await withMemoryCheck(device, () =>
      Array.from({ length: shape.layers }, (_, layer) => ({
        k: createStorage(device, grown * floatsPerToken, `k cache ${layer}`),
        v: createStorage(device, grown * floatsPerToken, `v cache ${layer}`),
      })),
    );
    const encoder = device.createCommandEncoder();
    const bytes = capacity * shape.headDim * 4;
    for (const [index, old] of layers.entries()) {
      const target = larger[index];
      if (target === undefined) continue;
      // Heads come before tokens, so each head's rows move to a place of their own.
      for (let head = 0; head < shape.heads; head++) {
        const to = head * grown * shape.headDim * 4;
        encoder.copyBufferToBuffer(old.k, head * bytes, target.k, to, bytes);
        encoder.copyBufferToBuffer(old.v, head * bytes, target.v, to, bytes);
      }
    }
    device.queue.submit([encoder.finish()]);
    release();
    layers = larger;
    capacity = grown;
  }

  return {
    get layers() {
      return layers;
    },
    get capacity() {
      return capacity;
    },
    async reserve(tokens) {
      if (tokens <= capacity) return;
      if (tokens > limit) {
        throw new EngineError({
          code: 'unsupported',
          message: `The session has ${tokens} tokens and this graphics device can hold ${limit}. Leave some earlier frames out.`,
        });
      }
      await grow(Math.min(limit, Math.max(tokens, 2 * capacity, FIRST_CAPACITY)));
    },
    dispose: release,
  };
}
