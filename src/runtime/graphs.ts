/** The model's graphs as onnxruntime sessions; the only place that creates or configures onnxruntime. */
import { env, InferenceSession } from 'onnxruntime-web/webgpu';
import type { Tensor } from 'onnxruntime-web/webgpu';

import type { EngineError, ModelManifest } from './contract.ts';
import { failure } from './failures.ts';
import { sizeOfGraph } from './frames.ts';
import { filesOfGraph, isStaying } from './graphPlan.ts';
import type { Checkpoint } from './model.ts';
import type { ReadFile } from './modelFiles.ts';
import type { AroundGraph, RuntimePorts } from './ports.ts';
import { createWeightSupply } from './weightSupply.ts';

export type Tensors = Readonly<Record<string, Tensor>>;

export interface Graphs {
  /** Runs a graph. With `outputs` the results are written there and nothing is allocated. */
  run(name: string, inputs: Tensors, outputs?: Tensors): Promise<Tensors>;
  dispose(): Promise<void>;
}

export interface GraphFiles {
  readonly manifest: Pick<ModelManifest, 'graphs' | 'weights' | 'keep' | 'frames'>;
  readonly read: ReadFile;
  /** Lets `withFiles` read files again once `read` no longer can: for graphs that do not stay. */
  readonly again: <T>(paths: readonly string[], withFiles: (read: ReadFile) => Promise<T>) => Promise<T>;
}

interface GraphOptions {
  readonly logSeverityLevel?: 0 | 2;
  readonly around?: AroundGraph | undefined;
  /** Awaited before each graph is opened; what it throws ends the opening, and none stays open. */
  readonly checkpoint?: Checkpoint;
}

export function configureOnnxruntime({ ortUrl, threads }: RuntimePorts, isWasm: boolean): void {
  if (ortUrl !== undefined) env.wasm.wasmPaths = ortUrl;
  // Work on the GPU gains nothing from threads, and one thread needs no cross-origin isolation.
  env.wasm.numThreads = isWasm ? threads : 1;
}

/**
 * With `device` the graphs run on it and leave their results there; without, on the CPU. Graphs that do not stay are opened
 * by their first run: those that the manifest keeps only while text is encoded are let go of when another graph runs, those
 * of a further frame size when another such size comes.
 */
export async function createGraphs(
  names: readonly string[],
  { manifest, read, again }: GraphFiles,
  device: GPUDevice | undefined,
  { logSeverityLevel = 2, around = (_, run) => run(), checkpoint = async () => undefined }: GraphOptions = {},
): Promise<Graphs> {
  const options: InferenceSession.SessionOptions = {
    logSeverityLevel,
    // As an object: given as a plain name, onnxruntime would drop the device and open its own.
    executionProviders: device === undefined ? ['wasm'] : [{ name: 'webgpu', device }],
    ...(device === undefined ? {} : { preferredOutputLocation: 'gpu-buffer' as const }),
  };
  const sessions = new Map<string, InferenceSession>();
  const passing = new Map<string, InferenceSession>();

  /** Bytes only, all of them there: a URL that onnxruntime cannot fetch would block it until the worker is replaced. */
  async function open(
    name: string,
    read: ReadFile,
    weightsFor: ReturnType<typeof createWeightSupply>,
  ): Promise<InferenceSession> {
    const path = manifest.graphs[name];
    if (path === undefined) throw graphError(name, 'the manifest does not name its file');
    const [bytes, externalData] = [await read(path), await weightsFor(name)];
    try {
      return await InferenceSession.create(bytes, { ...options, externalData });
    } catch (error) {
      throw graphError(name, String(error));
    }
  }

  async function openAgain(name: string): Promise<InferenceSession> {
    const session = await again(filesOfGraph(manifest, name), async (read) =>
      open(name, read, createWeightSupply(manifest, [name], read)),
    );
    passing.set(name, session);
    return session;
  }

  /** Lets go of the graphs that are not to be there while `name` runs. */
  async function makeRoomFor(name: string): Promise<void> {
    const size = sizeOfGraph(manifest, name);
    for (const [other, session] of passing) {
      const otherSize = sizeOfGraph(manifest, other);
      const isOfOtherSize = size !== undefined && size !== otherSize;
      if (other === name || !(otherSize === undefined || isOfOtherSize)) continue;
      passing.delete(other);
      await session.release();
    }
  }

  const staying = names.filter((name) => isStaying(manifest, name));
  const weightsFor = createWeightSupply(manifest, staying, read);
  try {
    // One after the other, because onnxruntime refuses a second creation meanwhile.
    for (const name of staying) {
      await checkpoint();
      sessions.set(name, await open(name, read, weightsFor));
    }
  } catch (error) {
    await releaseAll(sessions);
    throw error;
  }
  return {
    async run(name, inputs, outputs) {
      const isPassing = names.includes(name) && !isStaying(manifest, name);
      await makeRoomFor(name);
      const known = sessions.get(name) ?? passing.get(name);
      const session = known ?? (isPassing ? await openAgain(name) : undefined);
      if (session === undefined) throw graphError(name, 'it was not loaded');
      return around(name, () => (outputs === undefined ? session.run(inputs) : session.run(inputs, outputs)));
    },
    async dispose() {
      await releaseAll(passing);
      await releaseAll(sessions);
    },
  };
}

async function releaseAll(sessions: Map<string, InferenceSession>): Promise<void> {
  for (const session of sessions.values()) await session.release();
  sessions.clear();
}

function graphError(name: string, detail: string): EngineError {
  return failure('graph-refused', { graph: name }, detail);
}
