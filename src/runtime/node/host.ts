/** The runtime's surroundings in Node, for tests and the command line: files as URLs, Dawn as WebGPU. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

import { create, globals } from 'webgpu';

import { sha256Hex, wait, yieldToMessages } from '../ports.ts';
import type { RuntimePorts } from '../ports.ts';

/** On SwiftShader a kernel compiles ten times faster when a loop clears its workgroup memory; on GPUs it is alike. */
const DAWN_OPTIONS = ['disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension'];

// Optimising onnxruntime's 27 MB takes a minute of all cores, and Node waits for it before it exits.
setFlagsFromString('--liftoff-only');

/** Node's WebGPU, made visible where onnxruntime looks for it. Call once per process. */
export function openNodeGpu(): GPU {
  Object.assign(globalThis, globals);
  const gpu = create(DAWN_OPTIONS);
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu, hardwareConcurrency: availableParallelism(), userAgent: 'node' },
    configurable: true,
  });
  copySharedWrites();
  return gpu;
}

/** Dawn's Node binding cannot read from the SharedArrayBuffer that is onnxruntime's heap. */
function copySharedWrites(): void {
  // oxlint-disable-next-line typescript/unbound-method -- it is called with the queue below
  const write = GPUQueue.prototype.writeBuffer;
  GPUQueue.prototype.writeBuffer = function copyThenWrite(buffer, offset, data, dataOffset = 0, size) {
    const view = ArrayBuffer.isView(data) ? data : new Uint8Array(data);
    const unit = 'BYTES_PER_ELEMENT' in view ? Number(view.BYTES_PER_ELEMENT) : 1;
    const start = dataOffset * unit;
    const bytes = size === undefined ? view.byteLength - start : size * unit;
    const copy = new Uint8Array(bytes);
    copy.set(new Uint8Array(view.buffer, view.byteOffset + start, bytes));
    write.call(this, buffer, offset, copy);
  };
}

/** `gpu` undefined leaves the WASM backend only. Model URLs are `file:` URLs. */
export function nodePorts(gpu: GPU | undefined): RuntimePorts {
  return {
    fetch: async (url) => {
      try {
        return new Response(new Uint8Array(await readFile(fileURLToPath(url))));
      } catch (error) {
        return new Response(String(error), { status: 404 });
      }
    },
    openFolder: undefined,
    locks: undefined,
    sha256: sha256Hex,
    gpu,
    now: () => performance.now(),
    wait,
    yieldToMessages,
    ortUrl: undefined,
    threads: 1,
  };
}
