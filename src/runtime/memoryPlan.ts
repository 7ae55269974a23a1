/** How much memory a model takes at most, from what its manifest declares. */
import type { Backend, MemoryPlan, ModelManifest } from './contract.ts';
import { framesOf, isTiled } from './frames.ts';
import { graphsOn, isStaying } from './graphPlan.ts';
import { weightsOf } from './weightSupply.ts';

/** `contextBytes` are those of keys and values that are kept. */
export function planMemory(manifest: ModelManifest, backend: Backend, contextBytes: number): MemoryPlan {
  const names = graphsOn(backend, manifest);
  const staying = names.filter((name) => isStaying(manifest, name));
  const passing = names.filter((name) => !staying.includes(name));
  const stayingBytes = weightBytes(manifest, staying);
  // Weights that stay anyway are there once.
  const passingBytes = passing.map((name) => weightBytes(manifest, [...staying, name]) - stayingBytes);
  const plan = {
    stayingBytes,
    passingBytes: Math.max(0, ...passingBytes),
    contextBytes,
    pictureBytes: pictureBytes(manifest),
  };
  // The text encoder is gone before a picture is encoded or decoded; further sizes are not.
  const peakBytes = plan.stayingBytes + plan.passingBytes + plan.contextBytes + plan.pictureBytes;
  return { ...plan, peakBytes };
}

/** Of the largest picture, or tile of one, that the autoencoder takes at once. */
function pictureBytes(manifest: ModelManifest): number {
  const { tiles, pictureBytesPerPixel = 0 } = manifest;
  const pixels = framesOf(manifest).map((frame) => {
    const { width, height } = tiles !== undefined && isTiled(frame, manifest) ? tiles : frame;
    return width * height;
  });
  return pictureBytesPerPixel * Math.max(...pixels);
}

/** As the graphs hold them, each file once. */
function weightBytes(manifest: ModelManifest, names: readonly string[]): number {
  const weights = new Set(names.flatMap((name) => weightsOf(manifest, name)));
  const onDisk = new Map(manifest.files.map(({ path, bytes }) => [path, bytes]));
  return Array.from(weights, ({ file, storage = 'float16' }) => {
    const bytes = onDisk.get(file) ?? 0;
    return storage === 'float16' ? 2 * bytes : bytes;
  }).reduce((sum, bytes) => sum + bytes, 0);
}
