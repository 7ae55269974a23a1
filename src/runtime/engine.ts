/** The `Engine` of contract.ts in this thread: loads a model on the best backend and runs one call at a time. */
import { EngineError } from './contract.ts';
import type { Engine, EngineOptions, LoadProgress, ModelInfo, ModelManifest } from './contract.ts';
import { openDevice } from './device.ts';
import type { OpenDevice } from './device.ts';
import { createEditor } from './editor.ts';
import type { Editor } from './editor.ts';
import { loadingStopped, toEngineError } from './failures.ts';
import { fetchManifest, parseJson } from './fetchManifest.ts';
import { widenFloat16 } from './float16.ts';
import { configureOnnxruntime, createGraphs } from './graphs.ts';
import type { GraphFiles } from './graphs.ts';
import { segmentGraphs } from './manifest.ts';
import type { Model } from './model.ts';
import { createModelFiles } from './modelFiles.ts';
import type { ModelFiles } from './modelFiles.ts';
import type { RuntimePorts } from './ports.ts';
import { parseTokenizer } from './tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';
import { createWasmModel, WASM_GRAPHS } from './wasmModel.ts';
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
        modelFiles.release();
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
      throw new EngineError({ code: 'bad-input', message: 'The model is not loaded yet. Load it first.' });
    }
    try {
      return await work(loaded);
    } catch (error) {
      throw toEngineError(error);
    }
  }

  return {
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

  async function loadBackend(target: OpenDevice | string): Promise<Loaded> {
    const isWasm = typeof target === 'string';
    const names = isWasm
      ? WASM_GRAPHS
      : ['t5', 'vae_encoder', 'vae_decoder', ...segmentGraphs(manifest.architecture.layers)];
    const { files, progress } = await modelFiles.load(
      manifest,
      pathsOf(manifest, names),
      (report) => onProgress({ ...report, phase: 'download' }),
      signal,
    );
    if (signal.aborted) throw loadingStopped();
    const enter = (phase: LoadProgress['phase']): void => onProgress({ ...progress, phase });
    const infoOf = ({ backend, backendDetail, cache }: Model<unknown>): ModelInfo => ({
      id: manifest.id,
      backend,
      backendDetail,
      cache,
      storage: progress.storage,
      manifest,
    });
    const tokenizer = parseTokenizer(parseJson(fileOf(files, manifest.tokenizer), manifest.tokenizer));
    enter('compile');
    configureOnnxruntime(ports, isWasm);
    const externalData = new Map(
      manifest.weights.map(({ file, externalData: name }) => [name, widenFloat16(fileOf(files, file))]),
    );
    const graphFiles: GraphFiles = { manifest, files, externalData };
    const graphs = await createGraphs(names, graphFiles, isWasm ? undefined : target.device);
    if (isWasm) {
      const model = createWasmModel(manifest, graphs, tokenizer.padId, target, options.cache);
      return {
        info: infoOf(model),
        editor: createEditor(model, manifest, tokenizer, ports),
        tokenizer,
      };
    }
    enter('self-test');
    const model = await createWebgpuModel(
      manifest,
      graphs,
      target,
      tokenizer.padId,
      fileOf(files, manifest.qkNorm),
      options.cache,
    );
    return {
      info: infoOf(model),
      editor: createEditor(model, manifest, tokenizer, ports),
      tokenizer,
    };
  }
}

function fileOf<T>(files: ReadonlyMap<string, T>, path: string): T {
  const bytes = files.get(path);
  if (bytes === undefined) throw new Error(`${path} was not downloaded.`);
  return bytes;
}

/** The files that a model with these graphs is made of. */
function pathsOf(manifest: ModelManifest, graphs: readonly string[]): ReadonlySet<string> {
  return new Set([
    manifest.tokenizer,
    manifest.qkNorm,
    ...manifest.weights.map((weight) => weight.file),
    ...graphs.map((graph) => manifest.graphs[graph] ?? ''),
  ]);
}
