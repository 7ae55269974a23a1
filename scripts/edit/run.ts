/** Runs the turns of a script in an editing session of the page's own code, and gives its session file. */
import type {
  EditProgress,
  Engine,
  MaskPixels,
  ModelInfo,
  ModelManifest,
  Pixels,
} from '../../src/runtime/contract.ts';
import type { NodeId, SessionDocument, Turn } from '../../src/session/document.ts';
import type { Repository } from '../../src/session/repository.ts';
import { type Editor, createEditor } from '../../src/session/store.ts';
import { type EditScript, PREDICT, ScriptError } from './script.ts';
import { TurnError, documentOf, makeTurn } from './turn.ts';

export interface RunPorts {
  readonly engine: Engine;
  readonly now: () => number;
  readonly newId: () => string;
  readonly readPicture: (path: string) => Promise<Pixels>;
  readonly readMask: (path: string) => Promise<MaskPixels>;
  readonly onModel: (info: ModelInfo) => void;
  readonly onProgress: (turn: number, progress: EditProgress) => void;
  /** Called with every picture and region as it is finished: `00` is the start, `02-now` a region of the second turn. */
  readonly onPng: (name: string, png: Uint8Array) => Promise<void>;
}

export interface Run {
  readonly document: SessionDocument;
  /** As the page saves it: with everything that the document names. */
  readonly file: Uint8Array<ArrayBuffer>;
  /** PNG bytes of a picture of the document. */
  readonly pngOf: Editor['actions']['pngOf'];
  /** What ended the run early; the document holds all that was made before. */
  readonly error: TurnError | undefined;
}

/** The session of a script is kept in its file alone. */
const unkept: Repository = {
  list: async () => [],
  load: async () => ({ state: 'empty' }),
  save: async ({ revision }) => revision + 1,
  remove: async () => undefined,
  clear: async () => undefined,
  lastOpened: async () => null,
  setLastOpened: async () => undefined,
  measure: async () => 0,
  collectGarbage: async () => 0,
};

/**
 * `name` is that of the session where the script gives none.
 * Rejects with ScriptError for files that cannot be used, before anything runs, and with TurnError without a model.
 */
export async function runScript(
  script: EditScript,
  name: string,
  ports: RunPorts,
  signal: AbortSignal,
): Promise<Run> {
  const files = await readFiles(script, ports);
  const { engine, now, newId } = ports;
  const editor = createEditor({
    engine,
    repository: unkept,
    now,
    newId,
    randomSeed: () => 0,
    loadFfmpeg: () => Promise.reject(new Error('No video is made here.')),
  });
  const { state, actions } = editor;
  await actions.loadModel();
  const { model } = state.getState();
  if (model.status === 'failed') {
    const { code, happened, safe, detail } = model.failure;
    throw new TurnError(code, `${happened} ${safe}`, detail);
  }
  if (model.status !== 'ready') throw new TurnError('cancelled', 'The model was not loaded.');
  ports.onModel(model.info);
  checkSizes(files, model.info.manifest);

  const title = script.name ?? name;
  const start = script.picture === undefined ? undefined : files.pictures.get(script.picture);
  const pictureName = script.picture?.replace(/^.*\//, '') ?? '';
  await (start === undefined ? actions.newSession() : actions.openPicture(start, pictureName));
  actions.renameSession(title);

  let number = 0;
  state.subscribe(({ run, find }, before) => {
    const at = run.status === 'running' ? run : find.status === 'running' ? find : null;
    const progress = at?.progress ?? null;
    if (progress !== null && at !== before.run && at !== before.find) ports.onProgress(number, progress);
  });
  const stop = (): void => {
    actions.cancelFinding();
    actions.cancel();
  };
  signal.addEventListener('abort', stop);
  /** Each turn of the script as a place of the session; 0 is the start or what was made from words. */
  const places = new Map<number, NodeId>(start === undefined ? [] : [[0, null]]);
  const placeOf = ({ turn }: { readonly turn: number }): NodeId => places.get(turn) ?? null;
  let error: TurnError | undefined;
  try {
    await savePictures(editor, null, ports);
    for (const turn of script.turns) {
      ({ number } = turn);
      if (signal.aborted) throw new TurnError('cancelled', 'Stopped.');
      actions.dismissNotice();
      actions.branchFrom(turn.parent === null ? null : placeOf({ turn: turn.parent }));
      const made = await makeTurn(turn, {
        editor,
        pictureOf: (path) => given(files.pictures, path),
        maskOf: (path) => given(files.masks, path),
        placeOf,
      });
      places.set(number, made.id);
      await savePictures(editor, { number, made }, ports);
    }
  } catch (thrown) {
    if (!(thrown instanceof TurnError)) throw thrown;
    error = thrown;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  // What was set for the script's own turns is no choice of whoever opens the session.
  actions.setSeed(null);
  actions.setSteps(null);
  actions.setGuidance(null);
  await actions.settled();
  const { bytes } = actions.exportFile() ?? {};
  if (bytes === undefined) throw new Error('An open session can be saved.');
  return { document: documentOf(editor), file: bytes, pngOf: actions.pngOf, error };
}

interface Files {
  readonly pictures: ReadonlyMap<string, Pixels>;
  readonly masks: ReadonlyMap<string, MaskPixels>;
}

async function readFiles(
  { picture, turns }: EditScript,
  { readPicture, readMask }: Pick<RunPorts, 'readPicture' | 'readMask'>,
): Promise<Files> {
  const isPath = (value: unknown): value is string => typeof value === 'string' && value !== PREDICT;
  const pictures = [picture, ...turns.flatMap(({ references }) => references.map((one) => one.picture))];
  const masks = turns.flatMap(({ regions }) => [regions.drawn, regions.now, regions.next]);
  const all = async <File>(
    paths: readonly unknown[],
    read: (path: string) => Promise<File>,
  ): Promise<ReadonlyMap<string, File>> =>
    new Map(
      await Promise.all(
        [...new Set(paths.filter(isPath))].map(async (path) => [path, await read(path)] as const),
      ),
    );
  return { pictures: await all(pictures, readPicture), masks: await all(masks, readMask) };
}

function checkSizes(
  { pictures, masks }: Files,
  { frame, frames = [] }: Pick<ModelManifest, 'frame' | 'frames'>,
): void {
  const named = (size: { readonly width: number; readonly height: number }): string =>
    `${size.width} x ${size.height}`;
  const sizes = [frame, ...frames].map(named);
  const all = [...pictures, ...masks].map(([path, file]) => ({ path, size: named(file) }));
  for (const { path, size } of all) {
    if (!sizes.includes(size)) {
      throw new ScriptError(
        `${path} has ${size} pixels; this model takes ${sizes.join(' or ')}. Cut it to that size first.`,
      );
    }
    const [first] = all;
    if (first !== undefined && size !== first.size) {
      throw new ScriptError(
        `${path} has ${size} pixels and ${first.path} has ${first.size}; those of one session are alike. Cut one of them.`,
      );
    }
  }
}

function given<File>(files: ReadonlyMap<string, File>, path: string): File {
  const file = files.get(path);
  if (file === undefined) throw new Error(`${path} was read with the others.`);
  return file;
}

/** Regions and pictures of a turn, or with null the start picture. */
async function savePictures(
  editor: Editor,
  turn: { readonly number: number; readonly made: Turn } | null,
  { onPng }: Pick<RunPorts, 'onPng'>,
): Promise<void> {
  const { root } = documentOf(editor);
  const named: (readonly [string, { readonly hash: Parameters<Run['pngOf']>[0] }])[] = [];
  const file = String(turn?.number ?? 0).padStart(2, '0');
  if (turn === null && root.kind !== 'words') named.push([file, root.frame]);
  if (turn?.made.state.status === 'done') {
    const { drawn, now, next } = turn.made.regions;
    const { frame, clip = [] } = turn.made.state.result;
    if (drawn !== null) named.push([`${file}-drawn`, drawn]);
    if (now !== null) named.push([`${file}-now`, now.mask]);
    if (next !== null) named.push([`${file}-next`, next.mask]);
    clip.forEach((one, at) => named.push([`${file}-frame${at + 1}`, one.frame]));
    named.push([file, frame]);
  }
  for (const [name, { hash }] of named) {
    const png = editor.actions.pngOf(hash);
    if (png !== null) await onPng(name, png);
  }
}
