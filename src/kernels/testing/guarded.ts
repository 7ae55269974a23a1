/** Buffers whose surroundings show when a kernel writes where it must not. */

import { uploadBuffer } from '../kernel.ts';
import { readBuffer } from '../readBuffer.ts';

/** A number that no kernel computes. */
const SENTINEL = 1.25e30;
const GUARD_LENGTH = 256;

export interface Outcome {
  readonly values: Float32Array;
  /** Whether the numbers behind the output are as they were. */
  readonly isGuardIntact: boolean;
}

export interface Buffers {
  readonly input: (data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>) => GPUBuffer;
  readonly params: (data: ArrayBuffer) => GPUBuffer;
  /** Room for `length` numbers (sentinels, or `content`) and a guard band behind it, all of it writable. */
  readonly output: (length: number, content?: Float32Array<ArrayBuffer>) => GPUBuffer;
  readonly read: (output: GPUBuffer) => Promise<Outcome>;
}

export function isSentinel(value: number): boolean {
  return value === Math.fround(SENTINEL);
}

/** Gives `work` buffers that live as long as it runs. */
export async function withBuffers<Result>(
  device: GPUDevice,
  work: (buffers: Buffers) => Promise<Result>,
): Promise<Result> {
  const owned: GPUBuffer[] = [];
  const upload = (
    data: ArrayBuffer | ArrayBufferView<ArrayBuffer>,
    usage: GPUBufferUsageFlags,
  ): GPUBuffer => {
    const buffer = uploadBuffer(device, 'test', data, usage | GPUBufferUsage.COPY_SRC);
    owned.push(buffer);
    return buffer;
  };
  try {
    return await work({
      input: (data) => upload(data, GPUBufferUsage.STORAGE),
      params: (data) => upload(data, GPUBufferUsage.UNIFORM),
      output: (length, content) => {
        const guarded = new Float32Array(length + GUARD_LENGTH).fill(SENTINEL);
        if (content !== undefined) guarded.set(content);
        return upload(guarded, GPUBufferUsage.STORAGE);
      },
      read: async (output) => {
        const all = new Float32Array(await readBuffer(device, output));
        const values = all.slice(0, all.length - GUARD_LENGTH);
        return { values, isGuardIntact: all.subarray(values.length).every(isSentinel) };
      },
    });
  } finally {
    for (const buffer of owned) buffer.destroy();
  }
}

/** Records into one pass, submits it, and leaves waiting to the reader. */
export function submitPass(device: GPUDevice, record: (pass: GPUComputePassEncoder) => void): void {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  record(pass);
  pass.end();
  device.queue.submit([encoder.finish()]);
}

/** Largest ratio of an error to its bound; at most 1 when every number is close enough, NaN when one is not a number. */
export function worstRatio(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: (index: number) => number,
): number {
  let worst = actual.length === expected.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs((actual[i] ?? Number.NaN) - (expected[i] ?? Number.NaN)) / bound(i));
  }
  return worst;
}
