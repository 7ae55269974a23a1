/** Finds out whether a device's shader compiler clears a loop's variable at each pass, as WGSL demands. For reports only. */

import { createKernel, encodeDispatch, uploadBuffer } from '../kernel.ts';
import { readBuffer } from '../readBuffer.ts';

const PASSES = 3;
const INCREMENTS = 4;

// The text stands here and not in a .wgsl file because the lint of those forbids just what is probed: a variable without initialiser.
const wgsl = `
@group(0) @binding(0) var<storage, read_write> counts: array<u32, 4>;
@compute @workgroup_size(1)
fn count() {
  for (var pass = 0u; pass < counts[0]; pass++) {
    var implicit: u32;
    var explicit = 0u;
    for (var i = 0u; i < counts[1]; i++) {
      implicit += 1u;
      explicit += 1u;
    }
    counts[2] = implicit;
    counts[3] = explicit;
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
  const counts = uploadBuffer(device, kernel.label, Uint32Array.of(PASSES, INCREMENTS, 0, 0), usage);
  try {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encodeDispatch(kernel, pass, { counts }, [1, 1]);
    pass.end();
    device.queue.submit([encoder.finish()]);
    const [, , implicit, explicit] = new Uint32Array(await readBuffer(device, counts));
    return { clearsLoopVariables: implicit === INCREMENTS, keepsInitialisers: explicit === INCREMENTS };
  } finally {
    counts.destroy();
  }
}
