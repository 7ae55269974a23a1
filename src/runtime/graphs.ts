/** The model's graphs as onnxruntime sessions; the only place that creates or configures onnxruntime. */
import { env, InferenceSession } from 'onnxruntime-web/webgpu';
import type { Tensor } from 'onnxruntime-web/webgpu';

import type { Bytes } from './chunkPlan.ts';
import { EngineError } from './contract.ts';
import type { ModelManifest } from './contract.ts';
import type { RuntimePorts } from './ports.ts';

export type Tensors = Readonly<Record<string, Tensor>>;

export interface Graphs {
  /** Runs a graph. With `outputs` the results are written there and nothing is allocated. */
  run(name: string, inputs: Tensors, outputs?: Tensors): Promise<Tensors>;
  dispose(): Promise<void>;
}

export interface GraphFiles {
  readonly manifest: ModelManifest;
  /** By path, as downloaded. */
  readonly files: ReadonlyMap<string, Bytes>;
  /** By the name that the graphs use, as float32. */
  readonly externalData: ReadonlyMap<string, Bytes>;
}

export function configureOnnxruntime({ ortUrl, threads }: RuntimePorts, isWasm: boolean): void {
  if (ortUrl !== undefined) env.wasm.wasmPaths = ortUrl;
  // Work on the GPU gains nothing from threads, and one thread needs no cross-origin isolation.
  env.wasm.numThreads = isWasm ? threads : 1;
}

/** With `device` the graphs run on it and leave their results there; without, on the CPU. */
export async function createGraphs(
  names: readonly string[],
  { manifest, files, externalData }: GraphFiles,
  device: GPUDevice | undefined,
  logSeverityLevel: 0 | 2 = 2,
): Promise<Graphs> {
  const external = Array.from(externalData, ([path, data]) => ({ path, data }));
  const options: InferenceSession.SessionOptions = {
    logSeverityLevel,
    // Only what a graph names is copied, so every graph can be given all weight files.
    externalData: external,
    // As an object: given as a plain name, onnxruntime would drop the device and open its own.
    executionProviders: device === undefined ? ['wasm'] : [{ name: 'webgpu', device }],
    ...(device === undefined ? {} : { preferredOutputLocation: 'gpu-buffer' as const }),
  };
  const sessions = new Map<string, InferenceSession>();
  // One at a time, as bytes: onnxruntime refuses a second creation meanwhile, and a failed URL fetch
  // would block it until the worker is replaced.
  for (const name of names) {
    const bytes = files.get(manifest.graphs[name] ?? '');
    if (bytes === undefined) throw graphError(name, 'its file is missing');
    try {
      sessions.set(name, await InferenceSession.create(bytes, options));
    } catch (error) {
      await releaseAll(sessions);
      throw graphError(name, String(error));
    }
  }
  return {
    async run(name, inputs, outputs) {
      const session = sessions.get(name);
      if (session === undefined) throw graphError(name, 'it was not loaded');
      return outputs === undefined ? session.run(inputs) : session.run(inputs, outputs);
    },
    dispose: () => releaseAll(sessions),
  };
}

async function releaseAll(sessions: Map<string, InferenceSession>): Promise<void> {
  for (const session of sessions.values()) await session.release();
  sessions.clear();
}

function graphError(name: string, detail: string): EngineError {
  return new EngineError({
    code: 'unsupported',
    message: `The part "${name}" of the model cannot run here. Reload the page, or use the WASM backend.`,
    detail,
  });
}
