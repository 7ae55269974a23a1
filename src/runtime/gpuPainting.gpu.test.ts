import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

import { createComposite } from '../kernels/composite/composite.ts';
import { openDevice } from './device.ts';
import { NotNumbersError } from './failures.ts';
import { createStorage } from './gpuMemory.ts';
import { createGpuPainting } from './gpuPainting.ts';
import type { Backdrop, Painted } from './model.ts';
import { nodePorts, openNodeGpu } from './node/host.ts';
import { createPainter } from './painting.ts';
import { toPlanar } from './pixels.ts';
import { ignore, noisePixels } from './testing/tiny.ts';

const gpu = openNodeGpu();
const opened = await openDevice(nodePorts(gpu).gpu);
if (typeof opened === 'string') throw new Error(opened);
const { device, close } = opened;
const kernel = await createComposite(device);
afterAll(close);

const checkpoint = async (): Promise<void> => ignore();

interface Size {
  readonly width: number;
  readonly height: number;
}

async function paintOnDevice(
  size: Size,
  planar: Float32Array,
  backdrop: Backdrop | undefined,
): Promise<Painted> {
  const image = createStorage(device, planar.length, 'image');
  const painting = createGpuPainting(device, kernel, size);
  const painter = painting.start(backdrop, image, async () =>
    device.queue.writeBuffer(image, 0, new Float32Array(planar)),
  );
  try {
    return await painter.paint(image, checkpoint);
  } finally {
    painter.release();
    painting.dispose();
    image.destroy();
  }
}

/** Edits of a box, with every way to keep something of the earlier picture. */
const turns = fc
  .record({
    width: fc.integer({ min: 4, max: 48 }),
    height: fc.integer({ min: 4, max: 48 }),
    seed: fc.nat(2 ** 20),
    box: fc.integer({ min: 0, max: 20 }),
    keeps: fc.constantFrom('nothing', 'pixels', 'region', 'both'),
  })
  .map(({ width, height, seed, box, keeps }) => {
    const size = { width, height };
    const [unedited, earlier] = [noisePixels(size, seed), noisePixels(size, seed + 1)];
    const made = noisePixels(size, seed);
    const other = noisePixels(size, seed + 2);
    made.data.forEach((_, index) => {
      const isEdited = (index >> 2) % width < box && Math.floor((index >> 2) / width) < box;
      if (isEdited) made.data[index] = other.data[index] ?? 0;
    });
    const data = noisePixels(size, seed + 3).data.filter((_, index) => index % 4 === 0);
    const bounds = { ...size, data: Uint8Array.from(data, (value) => (value < 80 ? 0 : value)) };
    const limits = { keptBelow: 8, takenFrom: 24 };
    const backdrop: Backdrop | undefined =
      keeps === 'nothing'
        ? undefined
        : {
            earlier,
            change: keeps === 'region' ? undefined : { unedited, limits },
            bounds: keeps === 'pixels' ? undefined : bounds,
          };
    return { size, planar: toPlanar(made), made, backdrop };
  });

test('paints what the processor paints, up to bytes that lie between two', async () => {
  await fc.assert(
    fc.asyncProperty(turns, async ({ size, planar, made, backdrop }) => {
      const onDevice = await paintOnDevice(size, planar, backdrop);
      const painter = createPainter(size, async () => planar, backdrop);
      const onProcessor = await painter.paint(undefined, checkpoint);
      expect(onDevice.made).toEqual(made);
      expect(onProcessor.made).toEqual(made);
      const farthest = onDevice.shown.data.reduce(
        (most, value, index) => Math.max(most, Math.abs(value - (onProcessor.shown.data[index] ?? 0))),
        0,
      );
      expect(farthest).toBeLessThanOrEqual(1);
      if (backdrop === undefined) return;
      const isKept = (index: number): boolean => backdrop.bounds?.data[index >> 2] === 0;
      expect(
        onDevice.shown.data.every((value, index) => !isKept(index) || value === backdrop.earlier.data[index]),
      ).toBe(true);
    }),
    { numRuns: 25 },
  );
});

test('makes no picture of what is not a number, on the device as on the processor', async () => {
  const size = { width: 8, height: 8 };
  for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const planar = toPlanar(noisePixels(size, 1));
    planar[70] = odd;
    await expect(paintOnDevice(size, planar, undefined)).rejects.toThrow(NotNumbersError);
    await expect(
      createPainter(size, async () => planar, undefined).paint(undefined, checkpoint),
    ).rejects.toThrow(NotNumbersError);
  }
});
