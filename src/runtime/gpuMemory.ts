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

/** Where a part of a buffer may be bound. */
const BINDING_ALIGNMENT = 256;

/** One buffer for many small uploads, written once; the bindings of its parts are in their order. */
export function uploadTogether(
  device: GPUDevice,
  parts: readonly (ArrayBuffer | ArrayBufferView<ArrayBuffer>)[],
  label: string,
): {
  readonly buffer: GPUBuffer;
  readonly bindings: readonly (GPUBufferBinding & { readonly offset: number })[];
} {
  let end = 0;
  const places = parts.map((data) => {
    const offset = end;
    // Storage bindings must not be empty.
    const size = Math.max(UNIT, Math.ceil(data.byteLength / UNIT) * UNIT);
    end += Math.ceil(size / BINDING_ALIGNMENT) * BINDING_ALIGNMENT;
    return { data, offset, size };
  });
  const buffer = device.createBuffer({
    label,
    size: Math.max(BINDING_ALIGNMENT, end),
    usage:
      GPUBufferUsage.UNIFORM | GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  const bytes = new Uint8Array(buffer.size);
  for (const { data, offset } of places) {
    const view = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);
    bytes.set(view, offset);
  }
  device.queue.writeBuffer(buffer, 0, bytes);
  return { buffer, bindings: places.map(({ offset, size }) => ({ buffer, offset, size })) };
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
