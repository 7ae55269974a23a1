/** Finds out whether a device's shader compiler clears a loop's variable at each pass, as WGSL demands. For reports only. */

import { createKernel, encodeDispatch, uploadBuffer } from '../kernel.ts';
import { readBuffer } from '../readBuffer.ts';

const ROUNDS = 3;
const INCREMENTS = 4;

// The text stands here and not in a .wgsl file because the lint of those forbids just what is probed: a variable without initialiser.
const wgsl = `
@group(0) @binding(0) var<storage, read_write> counts: array<u32, 4>;
@compute @workgroup_size(1)
fn count() {
  for (var round = 0u; round < counts[0]; round++) {
    var cleared: u32;
    var initialised = 0u;
    for (var i = 0u; i < counts[1]; i++) {
      cleared += 1u;
      initialised += 1u;
    }
    counts[2] = cleared;
    counts[3] = initialised;
  }
}`;

export interface CompilerReport {
  /** False on compilers that clear such a variable only once: shaders that rely on it compute wrong results. */
  readonly clearsLoopVariables: boolean;
  /** The same count with an initialiser in the text; our kernels write one everywhere, so this must be true. */
  readonly keepsInitialisers: boolean;
}

/** Runs a kernel of a few instructions on `device`. */
export async function probeCompiler(device: GPUDevice): Promise<CompilerReport> {
  const kernel = await createKernel(device, {
    label: 'compilerProbe',
    wgsl,
    entryPoint: 'count',
    bindings: { counts: 'storage' },
    overrides: {},
  });
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const counts = uploadBuffer(device, kernel.label, Uint32Array.of(ROUNDS, INCREMENTS, 0, 0), usage);
  try {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encodeDispatch(kernel, pass, { counts }, [1, 1]);
    pass.end();
    device.queue.submit([encoder.finish()]);
    const [, , cleared, initialised] = new Uint32Array(await readBuffer(device, counts));
    return { clearsLoopVariables: cleared === INCREMENTS, keepsInitialisers: initialised === INCREMENTS };
  } finally {
    counts.destroy();
  }
}
