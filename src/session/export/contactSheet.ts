/** All pictures of a story on one sheet, row by row, with a white gap around each. */
import type { Bytes } from '../blobs.ts';
import { type PngImage, encodePng } from './png.ts';

const longestThumbnail = 256;
const gap = 16;

/**
 * PNG of `pictures` (RGBA) in rows, about as many of them as there are columns; each is made smaller by a whole number
 * so that its sides are 256 pixels or less. Null without pictures.
 */
export function contactSheet(pictures: readonly PngImage[]): Bytes | null {
  const thumbnails = pictures.map((picture) => shrunk(picture, longestThumbnail));
  if (thumbnails.length === 0) return null;
  const columns = Math.ceil(Math.sqrt(thumbnails.length));
  const cellWidth = Math.max(...thumbnails.map(({ width }) => width)) + gap;
  const cellHeight = Math.max(...thumbnails.map(({ height }) => height)) + gap;
  const width = columns * cellWidth + gap;
  const height = Math.ceil(thumbnails.length / columns) * cellHeight + gap;
  const data = new Uint8Array(width * height * 4).fill(255);
  thumbnails.forEach((thumbnail, index) => {
    const left = gap + (index % columns) * cellWidth;
    const top = gap + Math.floor(index / columns) * cellHeight;
    for (let row = 0; row < thumbnail.height; row += 1) {
      const from = row * thumbnail.width * 4;
      data.set(thumbnail.data.subarray(from, from + thumbnail.width * 4), ((top + row) * width + left) * 4);
    }
  });
  return encodePng({ width, height, channels: 4, data });
}

/** RGBA, smaller by the least whole number that brings both sides to `most` pixels or less; a pixel is the mean of those that it stands for. */
export function shrunk(picture: PngImage, most: number): PngImage {
  const by = Math.ceil(Math.max(picture.width, picture.height) / most);
  if (by === 1) return picture;
  const [width, height] = [Math.floor(picture.width / by), Math.floor(picture.height / by)];
  const data = new Uint8Array(width * height * 4);
  for (let at = 0; at < data.length; at += 1) {
    const [channel, x, y] = [at % 4, Math.floor(at / 4) % width, Math.floor(at / 4 / width)];
    let sum = 0;
    for (let dy = 0; dy < by; dy += 1) {
      for (let dx = 0; dx < by; dx += 1) {
        sum += picture.data[((y * by + dy) * picture.width + x * by + dx) * 4 + channel] ?? 0;
      }
    }
    data[at] = Math.round(sum / (by * by));
  }
  return { width, height, channels: 4, data };
}
