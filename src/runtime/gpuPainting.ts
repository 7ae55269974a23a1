/** Painting on the device: what comes back of a picture is its bytes, as decoded and as pasted. */
import { encodeComposite, planComposite } from '../kernels/composite/composite.ts';
import type { CompositeKernel } from '../kernels/composite/composite.ts';
import type { Pixels } from './contract.ts';
import { NotNumbersError } from './failures.ts';
import { createStorage, readFloats, uploadTogether } from './gpuMemory.ts';
import type { Backdrop, Painter } from './model.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Made once for a size of pictures; its painters work one after another. */
export interface GpuPainting {
  /** `decode` leaves the picture `[3, height, width]` in `planar`. */
  start(
    backdrop: Backdrop | undefined,
    planar: GPUBuffer,
    decode: (latent: GPUBuffer) => Promise<void>,
  ): Painter<GPUBuffer>;
  dispose(): void;
}

export function createGpuPainting(device: GPUDevice, kernel: CompositeKernel, size: Size): GpuPainting {
  const area = size.width * size.height;
  const scratch = (label: string): GPUBuffer => createStorage(device, area, label);
  const written = {
    made: scratch('decoded picture'),
    ramp: scratch('ramp of change'),
    spread: scratch('spread of change'),
    output: scratch('shown picture'),
  };

  async function readPicture(buffer: GPUBuffer): Promise<Pixels> {
    const { buffer: bytes } = await readFloats(device, buffer, area);
    return { ...size, data: new Uint8ClampedArray(bytes) };
  }

  return {
    start(backdrop, planar, decode) {
      const { earlier, change, bounds } = backdrop ?? {};
      const plan = planComposite({ ...size, limits: change?.limits, isMasked: bounds !== undefined });
      const { buffer, bindings } = uploadTogether(
        device,
        [plan.params, copyOf(earlier?.data), copyOf(change?.unedited.data), copyOf(bounds?.data)],
        'backdrop',
      );
      const [params = { buffer }, before = { buffer }, unedited = { buffer }, mask = { buffer }] = bindings;
      return {
        async paint(latent) {
          await decode(latent);
          const encoder = device.createCommandEncoder();
          const pass = encoder.beginComputePass();
          const isGiven = backdrop !== undefined;
          encodeComposite(kernel, pass, plan, {
            params,
            planar,
            ...(isGiven && { earlier: before }),
            ...(change !== undefined && { unedited }),
            ...(bounds !== undefined && { mask }),
            ...written,
          });
          pass.end();
          device.queue.submit([encoder.finish()]);
          const made = await readPicture(written.made);
          // The kernel marks what is not a number: as a byte it would be black.
          if (made.data.some((value, index) => index % 4 === 3 && value !== 255)) throw new NotNumbersError();
          const isPasted = change !== undefined || bounds !== undefined;
          return { made, shown: isPasted ? await readPicture(written.output) : made };
        },
        release: () => buffer.destroy(),
      };
    },

    dispose() {
      for (const buffer of Object.values(written)) buffer.destroy();
    },
  };
}

/** A picture may lie in shared memory, from which the device does not take. */
function copyOf(data: Uint8Array | Uint8ClampedArray | undefined): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data ?? []);
}
