/**
 * Lossless PNG for the pictures and masks of a session, without a canvas: 8-bit RGBA or 8-bit grey.
 * The decoder reads what this encoder and other plain writers of these two kinds make; pictures that a
 * person opens are decoded by the browser.
 */
import { unzlibSync, zlibSync } from 'fflate';

import { nextTask } from '../nextTask.ts';

export interface PngImage {
  readonly width: number;
  readonly height: number;
  /** 4 = RGBA, 1 = grey. */
  readonly channels: 1 | 4;
  /** Row-major, `width * height * channels` bytes. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

export class PngError extends Error {
  override readonly name = 'PngError';
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const largestSide = 8192;

/** Bytes of the picture whose rows are filtered in one step: a few milliseconds of work. */
const stepBytes = 65_536;

export function encodePng(image: PngImage): Uint8Array<ArrayBuffer> {
  const steps = encodeSteps(image);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** The same bytes, made in several tasks, so that the page is not held up. */
export async function encodePngInTasks(image: PngImage): Promise<Uint8Array<ArrayBuffer>> {
  const steps = encodeSteps(image);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await nextTask();
  }
}

function* encodeSteps(image: PngImage): Generator<undefined, Uint8Array<ArrayBuffer>> {
  const { width, height, channels, data } = image;
  if (!isSide(width) || !isSide(height)) {
    throw new PngError(`A picture of ${width} x ${height} cannot be stored.`);
  }
  if (data.length !== width * height * channels) {
    throw new PngError(
      `A picture of ${width} x ${height} x ${channels} needs ${width * height * channels} bytes, not ${data.length}.`,
    );
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, channels === 4 ? 6 : 0, 0, 0, 0], 8);
  const stride = width * channels;
  const rowsAtOnce = Math.max(1, Math.floor(stepBytes / stride));
  const rows: Uint8Array[] = [];
  for (let from = 0; from < height; from += rowsAtOnce) {
    rows.push(filterRows(data, stride, from, Math.min(from + rowsAtOnce, height), channels));
    yield;
  }
  const packed = zlibSync(join(rows), { level: 6 });
  yield;
  return join([
    Uint8Array.from(signature),
    chunk('IHDR', header),
    chunk('IDAT', packed),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/** In pixels, of a file that this encoder wrote. */
export function sizeOf(png: Uint8Array): { readonly width: number; readonly height: number } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** The same picture with more about it, for readers that look for it: before its end, after its pixels. */
export function withChunks(
  png: Uint8Array,
  chunks: readonly { readonly type: string; readonly body: Uint8Array }[],
): Uint8Array<ArrayBuffer> {
  const end = png.length - chunk('IEND', new Uint8Array(0)).length;
  const added = chunks.map(({ type, body }) => chunk(type, body));
  return join([png.subarray(0, end), ...added, png.subarray(end)]);
}

/** The parts of a PNG in their order, up to where it ends or breaks off, unchecked; none of a file of another kind. */
export function* chunksOf(file: Uint8Array): Generator<{ readonly type: string; readonly body: Uint8Array }> {
  if (signature.some((byte, i) => file[i] !== byte)) return;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let place = 8; place + 12 <= file.length;) {
    const end = place + 8 + view.getUint32(place);
    if (end + 4 > file.length) return;
    const type = String.fromCharCode(...file.subarray(place + 4, place + 8));
    yield { type, body: file.subarray(place + 8, end) };
    place = end + 4;
  }
}

/** @throws PngError when the bytes are damaged or of another kind of PNG. */
export function decodePng(png: Uint8Array): PngImage {
  if (signature.some((byte, i) => png[i] !== byte)) throw new PngError('This is not a PNG picture.');
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  let header: { width: number; height: number; channels: 1 | 4 } | undefined;
  const packed: Uint8Array[] = [];
  for (let offset = 8; ;) {
    if (offset + 12 > png.length) throw new PngError('The picture ends early.');
    const length = view.getUint32(offset);
    const end = offset + 8 + length;
    if (end + 4 > png.length) throw new PngError('The picture ends early.');
    if (crc32(png.subarray(offset + 4, end)) !== view.getUint32(end)) {
      throw new PngError('The picture is damaged.');
    }
    const type = String.fromCharCode(...png.subarray(offset + 4, offset + 8));
    const body = png.subarray(offset + 8, end);
    if (type === 'IHDR') header = readHeader(body);
    if (type === 'IDAT') packed.push(body);
    if (type === 'IEND') break;
    offset = end + 4;
  }
  if (header === undefined) throw new PngError('The picture has no header.');
  const stride = header.width * header.channels;
  const rows = inflate(packed, (stride + 1) * header.height);
  return { ...header, data: unfilterRows(rows, stride, header.height, header.channels) };
}

function readHeader(body: Uint8Array): { width: number; height: number; channels: 1 | 4 } {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  if (body.length !== 13) throw new PngError('The header of the picture is damaged.');
  const [width, height, depth, colour] = [view.getUint32(0), view.getUint32(4), body[8], body[9]];
  if (!isSide(width) || !isSide(height)) {
    throw new PngError(`A picture of ${width} x ${height} is too large.`);
  }
  const isPlain = body[10] === 0 && body[11] === 0 && body[12] === 0;
  if (depth !== 8 || (colour !== 0 && colour !== 6) || !isPlain) {
    throw new PngError('Only plain 8-bit RGBA or grey PNG pictures can be read here.');
  }
  return { width, height, channels: colour === 6 ? 4 : 1 };
}

function inflate(packed: readonly Uint8Array[], expected: number): Uint8Array {
  let rows: Uint8Array;
  try {
    // An output of fixed size keeps a small file from unfolding into a large one.
    rows = unzlibSync(join(packed), { out: new Uint8Array(expected) });
  } catch (cause) {
    throw new PngError('The picture is damaged.', { cause });
  }
  if (rows.length !== expected) throw new PngError('The picture ends early.');
  return rows;
}

function isSide(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= largestSide;
}

/** The byte that filter `kind` predicts from left, above and above left; the five kinds of the PNG standard. */
function predict(kind: number, left: number, up: number, upLeft: number): number {
  if (kind === 0) return 0;
  if (kind === 1) return left;
  if (kind === 2) return up;
  if (kind === 3) return (left + up) >> 1;
  const estimate = left + up - upLeft;
  const [toLeft, toUp, toUpLeft] = [
    Math.abs(estimate - left),
    Math.abs(estimate - up),
    Math.abs(estimate - upLeft),
  ];
  if (toLeft <= toUp && toLeft <= toUpLeft) return left;
  return toUp <= toUpLeft ? up : upLeft;
}

/** Rows `from` up to `to`. Each gets the filter with the smallest sum of absolute differences, the usual rule of thumb. */
function filterRows(
  data: ArrayLike<number>,
  stride: number,
  from: number,
  to: number,
  step: number,
): Uint8Array {
  const rows = new Uint8Array((stride + 1) * (to - from));
  const row = new Uint8Array(stride);
  for (let y = from; y < to; y += 1) {
    const start = (y - from) * (stride + 1);
    let best = Number.POSITIVE_INFINITY;
    // Regions are flat: no filter makes them smaller, and choosing one takes longer than a frame of the screen.
    for (let kind = 0; kind <= (step === 1 ? 0 : 4); kind += 1) {
      let sum = 0;
      for (let x = 0; x < stride; x += 1) {
        const at = y * stride + x;
        const left = x >= step ? (data[at - step] ?? 0) : 0;
        const up = y > 0 ? (data[at - stride] ?? 0) : 0;
        const upLeft = x >= step && y > 0 ? (data[at - stride - step] ?? 0) : 0;
        const difference = ((data[at] ?? 0) - predict(kind, left, up, upLeft)) & 255;
        row[x] = difference;
        sum += difference < 128 ? difference : 256 - difference;
      }
      if (sum < best) {
        best = sum;
        rows[start] = kind;
        rows.set(row, start + 1);
      }
    }
  }
  return rows;
}

function unfilterRows(rows: Uint8Array, stride: number, height: number, step: number): Uint8Array {
  const data = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const kind = rows[y * (stride + 1)] ?? 0;
    if (kind > 4) throw new PngError('The picture is damaged.');
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x >= step ? (data[at - step] ?? 0) : 0;
      const up = y > 0 ? (data[at - stride] ?? 0) : 0;
      const upLeft = x >= step && y > 0 ? (data[at - stride - step] ?? 0) : 0;
      data[at] = (rows[at + y + 1] ?? 0) + predict(kind, left, up, upLeft);
    }
  }
  return data;
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  for (let i = 0; i < 4; i += 1) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(body, 8);
  view.setUint32(body.length + 8, crc32(bytes.subarray(4, body.length + 8)));
  return bytes;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
