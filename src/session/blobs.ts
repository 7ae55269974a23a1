/** The pictures, masks and latents of the open session in memory, named by the hash of their bytes. */
import type { Latent, MaskPixels, Pixels } from '../runtime/contract.ts';
import type { BlobHash, LatentRef, PictureRef } from './document.ts';
import { type PngImage, decodePng, encodePng, encodePngInTasks } from './export/png.ts';
import { nextTask } from './nextTask.ts';
import { sha256 } from './sha256.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

export interface BlobBag {
  /** @throws PngError when the data does not fill the given size. */
  readonly putPicture: (pixels: Pixels) => PictureRef;
  /** The same in several tasks, so that the page is not held up. */
  readonly putPictureInTasks: (pixels: Pixels) => Promise<PictureRef>;
  readonly putMask: (mask: MaskPixels) => PictureRef;
  readonly putLatent: (latent: Latent) => LatentRef;
  readonly bytesOf: (hash: BlobHash) => Bytes | undefined;
  /** Decoded and remembered; callers must not write into it. Null when it is missing or damaged. */
  readonly pixelsOf: (hash: BlobHash) => Pixels | null;
  readonly maskOf: (hash: BlobHash) => MaskPixels | null;
  readonly latentOf: (ref: LatentRef) => Latent | null;
}

const rememberedPictures = 64;

export function createBlobBag(initial: Iterable<readonly [BlobHash, Bytes]> = []): BlobBag {
  const blobs = new Map(initial);
  const decoded = new Map<BlobHash, PngImage | null>();

  function put(bytes: Bytes): BlobHash {
    const hash = sha256(bytes);
    if (!blobs.has(hash)) blobs.set(hash, bytes);
    return hash;
  }

  function decode(hash: BlobHash): PngImage | null {
    const known = decoded.get(hash);
    if (known !== undefined) return known;
    const image = tryDecode(blobs.get(hash));
    remember(hash, image);
    return image;
  }

  function remember(hash: BlobHash, image: PngImage | null): void {
    // A map keeps the order of insertion, so its first key is the oldest picture.
    const [oldest] = decoded.keys();
    if (oldest !== undefined && decoded.size >= rememberedPictures) decoded.delete(oldest);
    decoded.set(hash, image);
  }

  /** Whoever has just made a picture looks at it next, so it need not be decoded for that. */
  function putImage(image: PngImage, png: Bytes): PictureRef {
    const hash = put(png);
    if (!decoded.has(hash)) remember(hash, { ...image, data: image.data.slice() });
    return { hash, width: image.width, height: image.height };
  }

  const pictureOf = ({ width, height, data }: Pixels): PngImage => ({ width, height, channels: 4, data });

  return {
    putPicture: (pixels) => {
      const image = pictureOf(pixels);
      return putImage(image, encodePng(image));
    },
    putPictureInTasks: async (pixels) => {
      const image = pictureOf(pixels);
      const png = await encodePngInTasks(image);
      await nextTask();
      return putImage(image, png);
    },
    putMask: ({ width, height, data }) => {
      const image: PngImage = { width, height, channels: 1, data };
      return putImage(image, encodePng(image));
    },
    putLatent: ({ channels, height, width, data }) => ({
      hash: put(floatsToBytes(data)),
      channels,
      height,
      width,
    }),
    bytesOf: (hash) => blobs.get(hash),
    pixelsOf(hash) {
      const image = decode(hash);
      if (image?.channels !== 4) return null;
      const { width, height, data } = image;
      return { width, height, data: new Uint8ClampedArray(data.buffer, data.byteOffset, data.length) };
    },
    maskOf(hash) {
      const image = decode(hash);
      if (image?.channels !== 1) return null;
      const { width, height, data } = image;
      return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
    },
    latentOf({ hash, channels, height, width }) {
      const bytes = blobs.get(hash);
      if (bytes?.length !== channels * height * width * 4) return null;
      return { channels, height, width, data: bytesToFloats(bytes) };
    },
  };
}

/** Every blob that a document, a record or a part of one names, with doubles: whatever has a hash and a width. */
export function blobsIn(value: unknown): readonly BlobHash[] {
  if (typeof value !== 'object' || value === null) return [];
  const { hash, width } = value as { readonly hash?: unknown; readonly width?: unknown };
  if (typeof hash === 'string' && typeof width === 'number') return [hash as BlobHash];
  return Object.values(value).flatMap(blobsIn);
}

function tryDecode(bytes: Bytes | undefined): PngImage | null {
  if (bytes === undefined) return null;
  try {
    return decodePng(bytes);
  } catch {
    return null;
  }
}

function floatsToBytes(floats: Float32Array): Bytes {
  const bytes = new Uint8Array(floats.length * 4);
  const view = new DataView(bytes.buffer);
  floats.forEach((value, i) => {
    view.setFloat32(i * 4, value, true);
  });
  return bytes;
}

function bytesToFloats(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(i * 4, true));
}
