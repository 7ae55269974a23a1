/** Parses `manifest.json`, the only thing the runtime knows of a model, and refuses what it cannot run. */
import { EngineError } from './contract.ts';
import type { ModelFile, ModelManifest, ModelRoles } from './contract.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** A path inside the model's folder: plain names separated by slashes, so nothing can lead out of it. */
const RELATIVE_PATH = /^(?!.*(^|\/)\.\.?(\/|$))[\w.-]+(\/[\w.-]+)*$/;
const SHA256 = /^[0-9a-f]{64}$/;

export function segmentName(index: number): string {
  return `segment_${String(index).padStart(2, '0')}`;
}

/** Graphs of the WebGPU path, in the order they run. */
export function segmentGraphs(layers: number): readonly string[] {
  const later = Array.from({ length: layers }, (_, index) => segmentName(index + 1));
  return ['segment_00_text', 'segment_00_vision', ...later];
}

/** Throws `EngineError` 'integrity' that names the field, what was expected and what stands there. */
export function parseManifest(value: unknown): ModelManifest {
  const root = new Reader(value, 'manifest');
  const version = root.integer('version');
  if (version !== 1) {
    throw invalid(
      'version',
      `is ${version}; this page reads version 1. Reload the page to get its newest version.`,
    );
  }
  const architecture = root.object('architecture');
  const frame = root.object('frame');
  const sampler = root.object('sampler');
  const world = root.object('world');
  const manifest: ModelManifest = {
    version: 1,
    id: root.text('id'),
    title: root.text('title'),
    license: root.text('license'),
    trainingCommit: root.text('trainingCommit'),
    architecture: {
      width: architecture.integer('width'),
      layers: architecture.integer('layers'),
      heads: architecture.integer('heads'),
      headDim: architecture.integer('headDim'),
      axisDims: architecture.axisDims('axisDims'),
      ropeTheta: architecture.positive('ropeTheta'),
      normEps: architecture.positive('normEps'),
      textWidth: architecture.integer('textWidth'),
      maxTextTokens: architecture.integer('maxTextTokens'),
      timeFeatures: architecture.integer('timeFeatures'),
    },
    frame: {
      width: frame.integer('width'),
      height: frame.integer('height'),
      latentChannels: frame.integer('latentChannels'),
      latentDownsample: frame.integer('latentDownsample'),
      patch: frame.integer('patch'),
      tokens: frame.integer('tokens'),
      ...(frame.has('trained') && {
        trained: {
          width: frame.object('trained').integer('width'),
          height: frame.object('trained').integer('height'),
        },
      }),
    },
    sampler: {
      steps: sampler.integer('steps'),
      guidance: sampler.positive('guidance'),
      shift: sampler.positive('shift'),
    },
    capabilities: root.has('roles')
      ? root.texts('capabilities')
      : root.texts('capabilities').map(beforeRoles),
    ...(root.has('roles') && { roles: rolesOf(root.object('roles')) }),
    graphs: root.dictionary('graphs', isText, 'a file name'),
    tokenizer: root.text('tokenizer'),
    weights: root.objects('weights').map((entry) => ({
      file: entry.text('file'),
      externalData: entry.text('externalData'),
    })),
    qkNorm: root.text('qkNorm'),
    // Models that were exported without chunks are verified file by file.
    ...(root.has('chunkBytes') && { chunkBytes: root.integer('chunkBytes') }),
    files: root.objects('files').map((entry) => ({
      path: entry.matching('path', RELATIVE_PATH, 'a path inside the model folder'),
      bytes: entry.integer('bytes'),
      sha256: entry.matching('sha256', SHA256, '64 lower-case hexadecimal digits'),
      ...(entry.has('chunks') && { chunks: entry.hashes('chunks') }),
    })),
    pictureFit: { minPsnrDb: root.object('pictureFit').positive('minPsnrDb') },
    ...(root.has('pasteBack') && {
      pasteBack: {
        keptBelow: root.object('pasteBack').positive('keptBelow'),
        takenFrom: root.object('pasteBack').positive('takenFrom'),
      },
    }),
    world: {
      objects: world.texts('objects'),
      places: world.texts('places'),
      backgrounds: world.texts('backgrounds'),
      sizes: world.texts('sizes'),
      styles: world.texts('styles'),
      examples: world.texts('examples'),
    },
    quality: root.dictionary('quality', isFiniteNumber, 'a number'),
  };
  checkConsistency(manifest);
  return manifest;
}

/** Models without roles call the drawn region by the name of the predicted one. */
function beforeRoles(capability: string): string {
  return capability === 'region-now' ? 'drawn-region' : capability;
}

function rolesOf(roles: Reader): ModelRoles {
  return {
    regionNow: roles.text('regionNow'),
    regionNext: roles.text('regionNext'),
    pictures: roles.texts('pictures'),
    exampleBefore: roles.text('exampleBefore'),
    exampleAfter: roles.text('exampleAfter'),
    frame: roles.matching('frame', /\{index\}.*\{count\}/, 'a text with {index} and {count}'),
    numbers: roles.texts('numbers'),
  };
}

function checkConsistency(manifest: ModelManifest): void {
  const { architecture, frame } = manifest;
  const rotated = architecture.axisDims.reduce((sum, dims) => sum + dims, 0);
  if (rotated !== architecture.headDim) {
    throw invalid('architecture.axisDims', `sum to ${rotated}, not to headDim ${architecture.headDim}.`);
  }
  if (architecture.axisDims.some((dims) => dims % 2 !== 0)) {
    throw invalid('architecture.axisDims', 'must be even: rotation works on pairs.');
  }
  if (architecture.timeFeatures % 2 !== 0) {
    throw invalid('architecture.timeFeatures', 'must be even: one cosine and one sine per frequency.');
  }
  const { pasteBack } = manifest;
  if (pasteBack !== undefined && pasteBack.takenFrom <= pasteBack.keptBelow) {
    throw invalid('pasteBack.takenFrom', `must be above keptBelow, ${pasteBack.keptBelow}.`);
  }
  const patchPixels = frame.latentDownsample * frame.patch;
  if (frame.width % patchPixels !== 0 || frame.height % patchPixels !== 0) {
    throw invalid(
      'frame',
      `${frame.width}x${frame.height} is not a whole number of ${patchPixels}-pixel patches.`,
    );
  }
  const tokens = (frame.width / patchPixels) * (frame.height / patchPixels) + 2;
  if (frame.tokens !== tokens) {
    throw invalid('frame.tokens', `is ${frame.tokens}; the patches and two end tokens make ${tokens}.`);
  }
  const graphs = [
    't5',
    'vae_encoder',
    'vae_decoder',
    ...segmentGraphs(architecture.layers),
    'dit_text',
    'dit_vision',
  ];
  for (const graph of graphs) {
    if (manifest.graphs[graph] === undefined) throw invalid(`graphs.${graph}`, 'is missing.');
  }
  const listed = new Set(manifest.files.map((file) => file.path));
  if (listed.size !== manifest.files.length) throw invalid('files', 'lists a path twice.');
  for (const [index, file] of manifest.files.entries()) checkChunks(index, file, manifest.chunkBytes);
  const used = [
    ...Object.values(manifest.graphs),
    manifest.tokenizer,
    manifest.qkNorm,
    ...manifest.weights.map((weight) => weight.file),
  ];
  for (const path of used) {
    if (!listed.has(path)) throw invalid('files', `does not list "${path}", which the model needs.`);
  }
}

function checkChunks(index: number, { bytes, chunks = [] }: ModelFile, chunkBytes = Infinity): void {
  const expected = bytes > chunkBytes ? Math.ceil(bytes / chunkBytes) : 0;
  if (chunks.length === expected) return;
  const size = chunkBytes === Infinity ? 'without chunkBytes' : `in chunks of ${chunkBytes}`;
  throw invalid(
    `files[${index}].chunks`,
    `has ${chunks.length} hashes; ${bytes} bytes ${size} need ${expected}.`,
  );
}

function invalid(field: string, problem: string): EngineError {
  return new EngineError({
    code: 'integrity',
    message: `The model's manifest is not valid: ${field} ${problem}`,
  });
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0;
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads fields of one JSON object and knows its path, so that an error can name the field. */
class Reader {
  readonly #value: JsonObject;
  readonly #path: string;

  constructor(value: unknown, path: string) {
    if (!isObject(value)) throw invalid(path, 'must be an object.');
    this.#value = value;
    this.#path = path === 'manifest' ? '' : `${path}.`;
  }

  #read<T>(key: string, accepts: (value: unknown) => value is T, expected: string): T {
    const value = this.#value[key];
    if (!accepts(value)) {
      const found = JSON.stringify(value)?.slice(0, 60) ?? 'nothing';
      throw invalid(this.#path + key, `must be ${expected}; found ${found}.`);
    }
    return value;
  }

  text(key: string): string {
    return this.#read(key, isText, 'a text');
  }

  matching(key: string, pattern: RegExp, expected: string): string {
    return this.#read(key, (value): value is string => isText(value) && pattern.test(value), expected);
  }

  has(key: string): boolean {
    return this.#value[key] !== undefined;
  }

  hashes(key: string): readonly string[] {
    const accepts = (value: unknown): value is string[] =>
      Array.isArray(value) && value.every((hash) => isText(hash) && SHA256.test(hash));
    return this.#read(key, accepts, 'a list of SHA-256, each 64 lower-case hexadecimal digits');
  }

  integer(key: string): number {
    const accepts = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
    return this.#read(key, accepts, 'a whole number above 0');
  }

  positive(key: string): number {
    const accepts = (value: unknown): value is number => isFiniteNumber(value) && value > 0;
    return this.#read(key, accepts, 'a number above 0');
  }

  texts(key: string): readonly string[] {
    const accepts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
    return this.#read(key, accepts, 'a list of texts');
  }

  axisDims(key: string): ModelManifest['architecture']['axisDims'] {
    const accepts = (value: unknown): value is [number, number, number, number] =>
      Array.isArray(value) &&
      value.length === 4 &&
      value.every((dims) => Number.isSafeInteger(dims) && dims >= 0);
    return this.#read(key, accepts, 'four whole numbers');
  }

  object(key: string): Reader {
    return new Reader(this.#value[key], this.#path + key);
  }

  objects(key: string): readonly Reader[] {
    const list = this.#read(key, Array.isArray as (value: unknown) => value is unknown[], 'a list');
    return list.map((entry, index) => new Reader(entry, `${this.#path}${key}[${index}]`));
  }

  dictionary<T>(key: string, accepts: (value: unknown) => value is T, expected: string): Record<string, T> {
    const acceptsAll = (value: unknown): value is Record<string, T> =>
      isObject(value) && Object.values(value).every(accepts);
    return this.#read(key, acceptsAll, `an object whose values are each ${expected}`);
  }
}
