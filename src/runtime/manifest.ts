/** Parses `manifest.json`, the only thing the runtime knows of a model, and refuses what it cannot run. */
import { failure } from './failures.ts';
import { framesOf, isTiled, sizeName } from './frames.ts';
import type { Frame } from './frames.ts';
import { hasWasmGraphs } from './graphNames.ts';
import { graphsOn } from './graphPlan.ts';
import { invalid, isFiniteNumber, isText, Reader } from './manifestReader.ts';
import { KEEPS, STORAGES } from './manifestSchema.ts';
import type { KeepGraph, ModelFile, ModelManifest, ModelRoles, ModelWeights } from './manifestSchema.ts';

/** A path inside the model's folder: plain names separated by slashes, so nothing can lead out of it. */
const RELATIVE_PATH = /^(?!.*(^|\/)\.\.?(\/|$))[\w.-]+(\/[\w.-]+)*$/;
const SHA256 = /^[0-9a-f]{64}$/;
/** Chunks are in memory while they are on their way and while they are hashed. */
const MAX_CHUNK_BYTES = 64 * 2 ** 20;
/** The largest array that Chromium makes. */
const MAX_ARRAY_BYTES = 2 ** 31 - 2 ** 21;

/** Throws `EngineError` 'integrity' that names the field, what was expected and what stands there. */
export function parseManifest(value: unknown): ModelManifest {
  const root = new Reader(value, 'manifest');
  const version = root.integer('version');
  if (version !== 1) {
    throw failure('manifest-newer', { version });
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
      axisDims: architecture.fourIntegers('axisDims'),
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
    ...(root.has('frames') && {
      frames: root
        .objects('frames')
        .map((entry) => ({ width: entry.integer('width'), height: entry.integer('height') })),
    }),
    ...(root.has('tiles') && {
      tiles: {
        width: root.object('tiles').integer('width'),
        height: root.object('tiles').integer('height'),
        overlap: root.object('tiles').integer('overlap'),
      },
    }),
    ...(root.has('pictureBytesPerPixel') && { pictureBytesPerPixel: root.positive('pictureBytesPerPixel') }),
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
    ...(root.has('keep') && { keep: root.dictionary('keep', isKeep, `"${KEEPS.join('" or "')}"`) }),
    weights: root.objects('weights').map((entry) => ({
      file: entry.text('file'),
      externalData: entry.text('externalData'),
      ...(entry.has('storage') && { storage: entry.oneOf('storage', STORAGES) }),
      ...(entry.has('graphs') && { graphs: entry.texts('graphs') }),
    })),
    qkNorm: root.text('qkNorm'),
    // Models that were exported without chunks are verified file by file.
    ...(root.has('chunkBytes') && { chunkBytes: root.integer('chunkBytes') }),
    files: root.objects('files').map((entry) => ({
      path: entry.matching('path', RELATIVE_PATH, 'a path inside the model folder'),
      bytes: entry.integer('bytes'),
      sha256: entry.matching('sha256', SHA256, '64 lower-case hexadecimal digits'),
      ...(entry.has('chunks') && {
        chunks: entry.allMatching(
          'chunks',
          SHA256,
          'a list of SHA-256, each 64 lower-case hexadecimal digits',
        ),
      }),
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
      ...(world.has('lights') && { lights: world.texts('lights') }),
      ...(world.has('colours') && { colours: world.texts('colours') }),
      examples: world.texts('examples'),
    },
    quality: root.dictionary('quality', isFiniteNumber, 'a number'),
  };
  checkConsistency(manifest);
  return manifest;
}

function isKeep(value: unknown): value is KeepGraph {
  return KEEPS.some((keep) => keep === value);
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
  const frames = framesOf(manifest);
  for (const [index, { width, height }] of frames.entries()) {
    const field = index === 0 ? 'frame' : `frames[${index - 1}]`;
    const size = sizeName({ width, height });
    if (width % patchPixels !== 0 || height % patchPixels !== 0)
      throw invalid(field, `${size} is not a whole number of ${patchPixels}-pixel patches.`);
    if (frames.findIndex((other) => sizeName(other) === size) < index)
      throw invalid(field, `${size} stands there already.`);
  }
  const tokens = (frame.width / patchPixels) * (frame.height / patchPixels) + 2;
  if (frame.tokens !== tokens) {
    throw invalid('frame.tokens', `is ${frame.tokens}; the patches and two end tokens make ${tokens}.`);
  }
  checkTiles(manifest, frames);
  // Those of the WASM path are both there or none is: a large model runs on graphics cards only.
  const needed = [
    ...graphsOn('webgpu', manifest),
    ...(hasWasmGraphs(manifest) ? graphsOn('wasm', manifest) : []),
  ];
  for (const graph of needed) {
    if (manifest.graphs[graph] === undefined) throw invalid(`graphs.${graph}`, 'is missing.');
  }
  for (const graph of Object.keys(manifest.keep ?? {})) {
    if (manifest.graphs[graph] === undefined) throw invalid(`keep.${graph}`, 'is no graph of this model.');
  }
  const listed = new Set(manifest.files.map((file) => file.path));
  if (listed.size !== manifest.files.length) throw invalid('files', 'lists a path twice.');
  for (const [index, file] of manifest.files.entries()) checkChunks(index, file, manifest.chunkBytes);
  for (const [index, weights] of manifest.weights.entries()) checkWeights(index, weights, manifest);
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

function checkTiles({ tiles }: ModelManifest, frames: readonly Frame[]): void {
  if (tiles === undefined) return;
  const { width, height, overlap } = tiles;
  const cell = frames[0]?.latentDownsample ?? 1;
  if ([width, height, overlap].some((pixels) => pixels % cell !== 0))
    throw invalid('tiles', `must be whole cells of ${cell} pixels.`);
  if (overlap >= Math.min(width, height)) throw invalid('tiles.overlap', 'must be smaller than a tile.');
  const narrow = frames.find(
    (frame) => isTiled(frame, { tiles }) && (frame.width < width || frame.height < height),
  );
  if (narrow !== undefined)
    throw invalid('tiles', `of ${sizeName(tiles)} do not fit into a frame of ${sizeName(narrow)}.`);
}

function checkChunks(index: number, { bytes, chunks = [] }: ModelFile, chunkBytes = Infinity): void {
  if (Math.min(bytes, chunkBytes) > MAX_CHUNK_BYTES) {
    const most = `Files longer than ${MAX_CHUNK_BYTES} bytes need a chunkBytes of at most that, and the hash of each chunk.`;
    throw invalid(`files[${index}]`, `comes in pieces of ${Math.min(bytes, chunkBytes)} bytes. ${most}`);
  }
  const expected = bytes > chunkBytes ? Math.ceil(bytes / chunkBytes) : 0;
  if (chunks.length === expected) return;
  const size = chunkBytes === Infinity ? 'without chunkBytes' : `in chunks of ${chunkBytes}`;
  throw invalid(
    `files[${index}].chunks`,
    `has ${chunks.length} hashes; ${bytes} bytes ${size} need ${expected}.`,
  );
}

function checkWeights(
  index: number,
  { file, storage, graphs = [] }: ModelWeights,
  manifest: ModelManifest,
): void {
  const unknown = graphs.find((graph) => manifest.graphs[graph] === undefined);
  if (unknown !== undefined)
    throw invalid(`weights[${index}].graphs`, `names "${unknown}", which is no graph.`);
  const bytes = manifest.files.find(({ path }) => path === file)?.bytes ?? 0;
  const inMemory = (storage ?? 'float16') === 'float16' ? 2 * bytes : bytes;
  if (inMemory <= MAX_ARRAY_BYTES) return;
  throw invalid(
    `weights[${index}]`,
    `takes ${inMemory} bytes of memory in one piece; a browser gives ${MAX_ARRAY_BYTES}. Split it into several files.`,
  );
}
