/** The `Engine` of contract.ts in this thread: loads a model on the best backend and runs one call at a time. */
import { EngineError } from './contract.ts';
import type {
  DeviceReport,
  Engine,
  EngineOptions,
  LoadProgress,
  ModelInfo,
  ModelManifest,
} from './contract.ts';
import { openDevice } from './device.ts';
import type { OpenDevice } from './device.ts';
import { checkDevice } from './deviceCheck.ts';
import { createEditor } from './editor.ts';
import type { Editor } from './editor.ts';
import { failure, loadingStopped, toEngineError } from './failures.ts';
import { fetchManifest, parseJson } from './fetchManifest.ts';
import { hasWasmGraphs } from './graphNames.ts';
import { filesOf, filesOfGraph, graphsOn, isStaying } from './graphPlan.ts';
import { configureOnnxruntime, createGraphs } from './graphs.ts';
import type { GraphFiles } from './graphs.ts';
import { createKernelChoices } from './kernelChoices.ts';
import { planMemory } from './memoryPlan.ts';
import type { Model } from './model.ts';
import { createModelFiles } from './modelFiles.ts';
import type { FilesProgress, ModelFiles, ReadFile } from './modelFiles.ts';
import type { RuntimePorts } from './ports.ts';
import { parseTokenizer } from './tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';
import { createWasmModel } from './wasmModel.ts';
import { createWebgpuModel } from './webgpuModel.ts';

interface Loaded {
  readonly info: ModelInfo;
  readonly editor: Editor;
  readonly tokenizer: Tokenizer;
}

type OnLoad = (progress: LoadProgress) => void;

const NEVER = new AbortController().signal;

/** `modelUrl` is absolute and ends in a slash. */
export function createEngine(modelUrl: string, options: EngineOptions, ports: RuntimePorts): Engine {
  let loaded: Loaded | undefined;
  const inTurn = createQueue();
  const modelFiles = createModelFiles(modelUrl, ports);

  async function load(onProgress: OnLoad, signal = NEVER): Promise<ModelInfo> {
    if (loaded === undefined) {
      try {
        loaded = await loadModel(modelUrl, options, modelFiles, ports, onProgress, signal);
      } catch (error) {
        throw toEngineError(error);
      }
    }
    return loaded.info;
  }

  async function unload(): Promise<void> {
    const { editor } = loaded ?? {};
    loaded = undefined;
    // A lost device may refuse even to be let go of, and there is nothing left to save.
    await editor?.dispose().catch(() => undefined);
  }

  async function withModel<T>(work: (model: Loaded) => Promise<T>): Promise<T> {
    if (loaded === undefined) {
      throw failure('model-not-loaded', {});
    }
    try {
      return await work(loaded);
    } catch (error) {
      throw toEngineError(error);
    }
  }

  async function check(): Promise<DeviceReport> {
    try {
      return await checkDevice(await fetchManifest(modelUrl, ports), options, ports);
    } catch (error) {
      throw toEngineError(error);
    }
  }

  return {
    check: () => inTurn(check),
    load: (onProgress, signal) => inTurn(() => load(onProgress, signal)),
    edit: (request, onProgress, signal) =>
      inTurn(() => withModel(({ editor }) => editor.edit(request, onProgress, signal))),
    checkPicture: (pixels) => inTurn(() => withModel(({ editor }) => editor.checkPicture(pixels))),
    unknownWords: (instruction) => withModel(async ({ tokenizer }) => tokenizer.unknownWords(instruction)),
    countTokens: (texts) =>
      withModel(async ({ tokenizer }) =>
        texts.map((text) => tokenizer.encode(text, Number.MAX_SAFE_INTEGER).length),
      ),
    restart: (onProgress, signal) =>
      inTurn(async () => {
        await unload();
        return load(onProgress, signal);
      }),
    dispose: () => inTurn(unload),
  };
}

/** Runs jobs one after another; a failed job does not stop those behind it. */
function createQueue(): <T>(job: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (job) => {
    const result = last.then(job, job);
    last = result.catch(() => undefined);
    return result;
  };
}

async function loadModel(
  modelUrl: string,
  options: EngineOptions,
  modelFiles: ModelFiles,
  ports: RuntimePorts,
  onProgress: OnLoad,
  signal: AbortSignal,
): Promise<Loaded> {
  const manifest = await fetchManifest(modelUrl, ports, signal);
  if (options.backend === 'wasm') return loadBackend('Chosen by the person.');
  const opened = await openDevice(ports.gpu);
  if (typeof opened === 'string') return loadBackend(opened);
  try {
    return await loadBackend(opened);
  } catch (error) {
    opened.close();
    // What cannot run on this device can still run on the CPU; a failed download would only fail again.
    if (!(error instanceof EngineError) || error.code !== 'unsupported') throw error;
    return loadBackend(`WebGPU was left: ${error.message} ${error.detail ?? ''}`.trim());
  }

  async function checkpoint(): Promise<void> {
    await ports.yieldToMessages();
    if (signal.aborted) throw loadingStopped();
  }

  async function loadBackend(target: OpenDevice | string): Promise<Loaded> {
    const isWasm = typeof target === 'string';
    if (isWasm && !hasWasmGraphs(manifest)) throw needsWebgpu(manifest, target);
    const names = graphsOn(isWasm ? 'wasm' : 'webgpu', manifest);
    const report = (progress: FilesProgress): void => onProgress({ ...progress, phase: 'download' });
    const loaded = await modelFiles.load(
      manifest,
      filesOf(manifest, names),
      report,
      signal,
      async (read, progress) => compile(target, names, read, progress),
    );
    const passing = names.filter((name) => !isStaying(manifest, name));
    modelFiles.release(new Set(passing.flatMap((name) => filesOfGraph(manifest, name))));
    return loaded;
  }

  async function compile(
    target: OpenDevice | string,
    names: readonly string[],
    read: ReadFile,
    progress: FilesProgress,
  ): Promise<Loaded> {
    const enter = (phase: LoadProgress['phase']): void => onProgress({ ...progress, phase });
    await checkpoint();
    const tokenizer = parseTokenizer(parseJson(await read(manifest.tokenizer), manifest.tokenizer));
    enter('compile');
    configureOnnxruntime(ports, typeof target === 'string');
    const files: GraphFiles = {
      manifest,
      read,
      again: (paths, withFiles) =>
        modelFiles.load(manifest, new Set(paths), () => undefined, NEVER, withFiles),
    };
    const device = typeof target === 'string' ? undefined : target.device;
    const graphs = await createGraphs(names, files, device, { around: ports.aroundGraph, checkpoint });
    const loadedOf = <L>(model: Model<L>): Loaded => ({
      info: {
        id: manifest.id,
        backend: model.backend,
        backendDetail: model.backendDetail,
        cache: model.cache,
        memory: planMemory(manifest, model.backend, model.cache.maxBytes),
        storage: progress.storage,
        manifest,
      },
      editor: createEditor(model, manifest, tokenizer, ports),
      tokenizer,
    });
    if (typeof target === 'string')
      return loadedOf(createWasmModel(manifest, graphs, tokenizer.padId, target, options.cache));
    await checkpoint();
    enter('self-test');
    const qkNorm = await read(manifest.qkNorm);
    const model = await createWebgpuModel(manifest, graphs, target, tokenizer.padId, qkNorm, {
      cache: options.cache,
      choices: ports.openFolder && createKernelChoices(ports.openFolder),
      now: ports.now,
    });
    // What failed on the device on the way, as a buffer that found no memory, is told only later.
    await target.device.queue.onSubmittedWorkDone();
    await checkpoint();
    target.assertUsable();
    return loadedOf(model);
  }
}

function needsWebgpu({ title }: ModelManifest, why: string): EngineError {
  return failure('needs-webgpu', { model: title }, why);
}
