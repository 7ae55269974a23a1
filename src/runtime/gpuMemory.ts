/** Buffers on our device: allocation that fails clearly, and reading back. */
import { failure } from './failures.ts';

/** onnxruntime copies whole 16-byte units, so every buffer it may touch is padded to them. */
const UNIT = 16;

export function createStorage(device: GPUDevice, floats: number, label: string): GPUBuffer {
  return device.createBuffer({
    label,
    size: Math.max(UNIT, Math.ceil((floats * 4) / UNIT) * UNIT),
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
}

export function uploadFloats(device: GPUDevice, data: Float32Array, label: string): GPUBuffer {
  const buffer = createStorage(device, data.length, label);
  device.queue.writeBuffer(buffer, 0, new Float32Array(data));
  return buffer;
}

/** The first `floats` numbers of a buffer. Rejects when the device is lost. */
export async function readFloats(
  device: GPUDevice,
  buffer: GPUBuffer,
  floats: number,
): Promise<Float32Array> {
  const staging = device.createBuffer({
    size: floats * 4,
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
  });
  try {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, floats * 4);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    return new Float32Array(staging.getMappedRange().slice(0));
  } finally {
    staging.destroy();
  }
}

/** Runs `allocate`; turns a lack of graphics memory into an error that says what to do, and lets go of what came. */
export async function withMemoryCheck<T>(
  device: GPUDevice,
  allocate: () => T,
  release: (allocated: T) => void,
): Promise<T> {
  device.pushErrorScope('out-of-memory');
  const result = allocate();
  const error = await device.popErrorScope();
  if (error === null) return result;
  release(result);
  throw failure('memory-too-small', {}, error.message);
}
