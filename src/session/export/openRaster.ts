/** The way to one picture as layers, in the OpenRaster form that paint programs open. */
import { strToU8, zipSync } from 'fflate';

import type { BlobBag, Bytes } from '../blobs.ts';
import type { NodeId, PictureRef, SessionDocument } from '../document.ts';
import { frameAt, pathTo } from '../tree.ts';
import { shrunk } from './contactSheet.ts';
import { type PngImage, decodePng, encodePng } from './png.ts';

export const openRasterType = 'image/openraster';

const longestThumbnail = 256;

interface Layer {
  readonly name: string;
  readonly picture: PictureRef;
  readonly isShown: boolean;
}

/**
 * Zip of a group for each turn up to `place`, the newest on top and alone in sight: its picture, and its regions as
 * hidden white layers that are seen through where nothing may change. Null where there is no picture.
 */
export function openRaster(document: SessionDocument, place: NodeId, blobs: BlobBag): Bytes | null {
  const merged = frameAt(document, place);
  const mergedBytes = merged === null ? undefined : blobs.bytesOf(merged.hash);
  if (merged === null || mergedBytes === undefined) return null;
  const path = pathTo(document, place);
  const { root } = document;
  const original =
    root.kind === 'words' ? [] : [{ name: root.name, layers: [picture(root.name, root.frame)] }];
  const turns = path.flatMap(({ state, instruction, name, regions }) => {
    if (state.status !== 'done') return [];
    const { drawn, now, next } = regions;
    const masks = [
      { name: 'Region', mask: drawn },
      { name: 'Region now', mask: now?.mask ?? null },
      { name: 'Region next', mask: next?.mask ?? null },
    ].flatMap(({ name, mask }) => (mask === null ? [] : [{ name, picture: mask, isShown: false }]));
    const words = name ?? instruction;
    return [{ name: words, layers: [...masks, picture(words, state.result.frame)] }];
  });
  const groups = [...original, ...turns].map((group, number) => ({ ...group, number })).toReversed();

  // The form wants its name first in the file and not packed, so that it is known by its first bytes.
  const entries: Record<string, Uint8Array | [Uint8Array, { level: 0 }]> = {
    mimetype: [strToU8(openRasterType), { level: 0 }],
  };
  const add = ({ picture }: Layer): string => {
    const source = `data/${picture.hash}.png`;
    const bytes = blobs.bytesOf(picture.hash);
    if (bytes !== undefined) entries[source] ??= [layerPng(bytes), { level: 0 }];
    return source;
  };
  const stacks = groups.map(({ name, number, layers }, index) => {
    const inside = layers.map((layer) => {
      const { name: words, isShown } = layer;
      const place = 'x="0" y="0" opacity="1.0" composite-op="svg:src-over"';
      return `<layer name="${escaped(words)}" src="${add(layer)}" ${place} visibility="${shown(isShown)}"/>`;
    });
    return `<stack name="${escaped(`${number} ${name}`)}" visibility="${shown(index === 0)}">${inside.join('')}</stack>`;
  });
  const { width, height } = merged;
  entries['stack.xml'] = strToU8(
    `<?xml version="1.0" encoding="UTF-8"?>\n<image version="0.0.3" w="${width}" h="${height}"><stack>${stacks.join('')}</stack></image>\n`,
  );
  entries['mergedimage.png'] = [mergedBytes, { level: 0 }];
  entries['Thumbnails/thumbnail.png'] = [
    encodePng(shrunk(decodePng(mergedBytes), longestThumbnail)),
    { level: 0 },
  ];
  return zipSync(entries);
}

function picture(name: string, frame: PictureRef): Layer {
  return { name, picture: frame, isShown: true };
}

function shown(isShown: boolean): string {
  return isShown ? 'visible' : 'hidden';
}

/** A region becomes white that is as thick as the region is there; a picture stays as it is. */
function layerPng(png: Bytes): Uint8Array {
  const { channels, width, height, data }: PngImage = decodePng(png);
  if (channels === 4) return png;
  const white = new Uint8Array(width * height * 4).fill(255);
  data.forEach((value, at) => {
    white[at * 4 + 3] = value;
  });
  return encodePng({ width, height, channels: 4, data: white });
}

/** As a value in XML, without the characters that XML has no way to write. */
function escaped(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is taken out
  const writable = text.replace(/[\u0000-\u001f\ufffe\uffff]|\p{Cs}/gu, ' ');
  return writable
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
