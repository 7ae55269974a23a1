import fc from 'fast-check';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';

import { type PngImage, PngError, decodePng, encodePng, encodePngInTasks } from './png.ts';

const images: fc.Arbitrary<PngImage> = fc
  .record({
    width: fc.integer({ min: 1, max: 12 }),
    height: fc.integer({ min: 1, max: 12 }),
    channels: fc.constantFrom(1, 4),
  })
  .chain(({ width, height, channels }) => {
    const size = width * height * channels;
    return fc
      .oneof(
        fc.uint8Array({ minLength: size, maxLength: size }),
        // Slopes make every filter kind win somewhere, which noise alone does not.
        fc
          .tuple(fc.nat(7), fc.nat(40))
          .map(([a, b]) => Uint8Array.from({ length: size }, (_, i) => a * i + ((b * i) >> 3))),
      )
      .map((data) => ({ width, height, channels, data }));
  });

test('gives back the bytes of every picture', () => {
  fc.assert(
    fc.property(images, (image) => {
      expect(decodePng(encodePng(image))).toEqual(image);
    }),
  );
});

test('makes the same bytes in several tasks, between which others come to their turn', async () => {
  const size = 256;
  const data = Uint8Array.from({ length: size * size * 4 }, (_, i) => (i * i) >> 7);
  const image: PngImage = { width: size, height: size, channels: 4, data };
  let others = 0;
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener('message', () => {
    others += 1;
    port2.postMessage(null);
  });
  port1.start();
  port2.postMessage(null);
  const png = await encodePngInTasks(image);
  port1.close();
  expect(png).toEqual(encodePng(image));
  // Four parts of the rows, and their compression.
  expect(others).toBeGreaterThanOrEqual(5);
});

test('is read the same by another decoder', () => {
  fc.assert(
    fc.property(images, (image) => {
      const other = PNG.sync.read(Buffer.from(encodePng(image)));
      const rgba = Array.from(image.data).flatMap((v) => (image.channels === 1 ? [v, v, v, 255] : [v]));
      expect({ width: other.width, height: other.height, data: Array.from(other.data) }).toEqual({
        width: image.width,
        height: image.height,
        data: rgba,
      });
    }),
  );
});

test('reads what another encoder wrote with each filter', () => {
  fc.assert(
    fc.property(
      images.filter((image) => image.channels === 4),
      fc.nat(4),
      (image, filterType) => {
        const png = new PNG({ width: image.width, height: image.height });
        png.data = Buffer.from(image.data);
        const bytes = PNG.sync.write(png, { filterType: filterType as 0 | 1 | 2 | 3 | 4 });
        expect(decodePng(bytes)).toEqual(image);
      },
    ),
  );
});

function decodedOrRefused(png: Uint8Array): PngImage | 'refused' {
  try {
    return decodePng(png);
  } catch (error) {
    if (error instanceof PngError) return 'refused';
    throw error;
  }
}

test('refuses every file with one changed or missing byte by its own error, or reads the same picture', () => {
  fc.assert(
    fc.property(
      images,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      (image, place, change, isCut) => {
        const png = encodePng(image);
        const at = place % png.length;
        const damaged = isCut ? png.slice(0, at) : png.map((byte, i) => (i === at ? byte ^ change : byte));
        expect([image, 'refused']).toContainEqual(decodedOrRefused(damaged));
      },
    ),
  );
});

test('names expected and actual size when the pixels do not fit', () => {
  expect(() => encodePng({ width: 2, height: 2, channels: 4, data: new Uint8Array(12) })).toThrow(
    /needs 16 bytes, not 12/,
  );
});
