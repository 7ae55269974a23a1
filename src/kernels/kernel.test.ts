import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createKernel, encodeDispatch, isSameBinding, requireBytes } from './kernel.ts';
import { openTestDevice, type TestDevice } from './testing/device.ts';
import { submitPass, withBuffers } from './testing/guarded.ts';

let gpu: TestDevice;

beforeAll(async () => {
  gpu = await openTestDevice();
});
afterAll(() => gpu.close());

const FILL = `override SIZE: u32;
@group(0) @binding(0) var<storage, read_write> numbers: array<f32>;
@compute @workgroup_size(SIZE)
fn fill(@builtin(global_invocation_id) thread: vec3<u32>) {
  if (thread.x < ROOM) {
    numbers[thread.x] = f32(SIZE);
  }
}`;
const KERNEL = {
  label: 'fill',
  wgsl: FILL,
  entryPoint: 'fill',
  bindings: { numbers: 'storage' },
  overrides: { SIZE: 4 },
  registerTiles: { ROOM: 6 },
} as const;

describe('a kernel', () => {
  it('runs with its overrides and its prepended constants', async () => {
    const kernel = await createKernel(gpu.device, KERNEL);
    const { values } = await withBuffers(gpu.device, ({ output, read }) => {
      const numbers = output(6);
      submitPass(gpu.device, (pass) => encodeDispatch(kernel, pass, { numbers }, [2, 1]));
      return read(numbers);
    });
    expect(values).toEqual(new Float32Array(6).fill(4));
  });

  it('names the line of the file that does not compile', async () => {
    const broken = FILL.replace('f32(SIZE)', 'nowhere');
    await expect(createKernel(gpu.device, { ...KERNEL, wgsl: broken })).rejects.toThrow(
      /"fill" does not compile:\nline 6:25: .*nowhere/,
    );
  });

  it('refuses overrides that the shader does not have, and bindings of another kind', async () => {
    await expect(createKernel(gpu.device, { ...KERNEL, overrides: { SIZE: 4, OTHER: 1 } })).rejects.toThrow(
      'OTHER',
    );
    await expect(createKernel(gpu.device, { ...KERNEL, bindings: { numbers: 'uniform' } })).rejects.toThrow(
      'does not build on this device',
    );
  });

  it('refuses a dispatch that the device cannot count', async () => {
    const kernel = await createKernel(gpu.device, KERNEL);
    await withBuffers(gpu.device, async ({ output }) => {
      const numbers = output(6);
      submitPass(gpu.device, (pass) => {
        expect(() => encodeDispatch(kernel, pass, { numbers }, [70_000, 1])).toThrow(
          '70000 x 1 workgroups exceed 65535',
        );
      });
    });
  });

  it('compares and measures bindings by the bytes they cover', async () => {
    await withBuffers(gpu.device, async ({ input }) => {
      const buffer = input(new Float32Array(128));
      expect(isSameBinding(buffer, { buffer, size: 16 })).toBe(true);
      expect(isSameBinding(buffer, { buffer, offset: 256 })).toBe(false);
      expect(() => requireBytes('k', 'x', { buffer, offset: 256 }, 256)).not.toThrow();
      expect(() => requireBytes('k', 'x', { buffer, offset: 256 }, 257)).toThrow(
        '"x" needs 257 bytes, but 256 are bound',
      );
    });
  });
});
