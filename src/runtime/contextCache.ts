/** Keys and values of the context on the GPU: per layer one buffer each, `[heads, capacity, headDim]`. */
import type { PoolLayout, SlotRange } from './contextTree.ts';
import { sizeOf } from './contextTree.ts';
import type { ModelManifest } from './contract.ts';
import { createStorage, withMemoryCheck } from './gpuMemory.ts';

export interface LayerCache {
  readonly k: GPUBuffer;
  readonly v: GPUBuffer;
}

export interface ContextCache {
  readonly layers: readonly LayerCache[];
  /** Slots per head. */
  readonly capacity: number;
  /** Lays the slots out anew. Rejects with 'unsupported' when the device has not the memory; all is then as it was. */
  relocate(layout: PoolLayout): Promise<void>;
  dispose(): void;
}

export interface CacheShape {
  readonly layers: number;
  readonly heads: number;
  readonly headDim: number;
  /** Of a number: 4, or 2 for 16-bit floats. */
  readonly bytes: 2 | 4;
}

export function cacheShape(
  { layers, heads, headDim }: ModelManifest['architecture'],
  isHalf: boolean,
): CacheShape {
  return { layers, heads, headDim, bytes: isHalf ? 2 : 4 };
}

/** Keys and values of one token in all layers. */
export function bytesPerToken({ layers, heads, headDim, bytes }: CacheShape): number {
  return 2 * layers * heads * headDim * bytes;
}

/** Tokens that `maxBytes` hold, as far as the buffers of the device are large enough. */
export function tokenBudget(shape: CacheShape, maxBytes: number, maxBufferBytes: number): number {
  const { heads, headDim, bytes } = shape;
  return Math.floor(Math.min(maxBytes / bytesPerToken(shape), maxBufferBytes / (heads * headDim * bytes)));
}

export function createContextCache(device: GPUDevice, shape: CacheShape): ContextCache {
  let layers: readonly LayerCache[] = [];
  let capacity = 0;
  const { heads } = shape;
  const slotBytes = shape.headDim * shape.bytes;

  function release(caches: readonly LayerCache[]): void {
    for (const { k, v } of caches) {
      k.destroy();
      v.destroy();
    }
  }

  return {
    get layers() {
      return layers;
    },
    get capacity() {
      return capacity;
    },
    async relocate({ capacity: slots, moves }) {
      const floats = (heads * slots * slotBytes) / 4;
      const laid = await withMemoryCheck(
        device,
        () =>
          Array.from({ length: shape.layers }, (_, layer) => ({
            k: createStorage(device, floats, `k cache ${layer}`),
            v: createStorage(device, floats, `v cache ${layer}`),
          })),
        release,
      );
      const encoder = device.createCommandEncoder();
      // Heads come before slots, so what is one range of slots is as many pieces as there are heads.
      const copy = (source: GPUBuffer, target: GPUBuffer, from: SlotRange, to: SlotRange): void => {
        for (let head = 0; head < heads; head++) {
          encoder.copyBufferToBuffer(
            source,
            (head * capacity + from.start) * slotBytes,
            target,
            (head * slots + to.start) * slotBytes,
            sizeOf(from) * slotBytes,
          );
        }
      };
      for (const [index, old] of layers.entries()) {
        const target = laid[index];
        if (target === undefined) continue;
        for (const { from, to } of moves) {
          copy(old.k, target.k, from, to);
          copy(old.v, target.v, from, to);
        }
      }
      device.queue.submit([encoder.finish()]);
      release(layers);
      layers = laid;
      capacity = slots;
    },
    dispose: () => release(layers),
  };
}
