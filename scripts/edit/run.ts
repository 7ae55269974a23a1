/** Runs the turns of a script on an engine as a session document, the same as the page would keep it. */
import type { EditProgress, Engine, HistoryItem, ModelInfo } from '../../src/runtime/contract.ts';
import { EngineError } from '../../src/runtime/contract.ts';
import { type BlobBag, createBlobBag } from '../../src/session/blobs.ts';
import {
  type NodeId,
  type PictureRef,
  type SessionDocument,
  type SessionId,
  type TurnId,
  addTurn,
  createDocument,
  goTo,
  noRegions,
  plainRecipe,
  setTurnState,
} from '../../src/session/document.ts';
import { modelHash } from '../../src/session/modelKeeper.ts';
import type { EditScript, ScriptTurn } from './script.ts';
import { type Reading, makeTurn, readTurn } from './turn.ts';

export interface RunPorts extends Reading {
  readonly engine: Engine;
  readonly info: ModelInfo;
  readonly now: () => number;
  readonly newId: () => string;
  readonly onProgress: (turn: number, progress: EditProgress) => void;
  /** Called with every picture and region as it is finished: `00` is the start, `02-now` a region of the second turn. */
  readonly onPng: (name: string, png: Uint8Array) => Promise<void>;
}

export interface Run {
  readonly document: SessionDocument;
  readonly blobs: BlobBag;
  /** What ended the run early; the document holds all that was made before. */
  readonly error: EngineError | undefined;
  /** False when turns were asked for of which the document holds the words and the last picture only. */
  readonly isWhole: boolean;
}

/** Rejects only for pictures and masks that cannot be read: those are looked at before anything runs. */
export async function runScript(
  script: EditScript,
  name: string,
  ports: RunPorts,
  signal: AbortSignal,
): Promise<Run> {
  const { engine, info, now } = ports;
  const { sampler, files, roles } = info.manifest;
  let made = 0;
  const blobs = createBlobBag();
  const hasWords = 'words' in script.start;
  const turns: readonly ScriptTurn[] =
    'words' in script.start ? [turnFromWords(script.start.words), ...script.turns] : script.turns;
  const ready = await Promise.all(turns.map((turn) => readTurn(turn, ports)));
  const start = 'picture' in script.start ? await ports.readPicture(script.start.picture) : undefined;
  let document = createDocument(
    ports.newId() as SessionId,
    name,
    start === undefined ? { kind: 'words' } : { kind: 'opened', frame: blobs.putPicture(start), name },
    now(),
  );
  const save = (file: string, { hash }: PictureRef): Promise<void> =>
    ports.onPng(file, blobs.bytesOf(hash) ?? new Uint8Array());
  if (start !== undefined) await save('00', blobs.putPicture(start));

  /** Each turn of the script as a place to go on from; place 0 is the start or what was made from words. */
  const places: Place[] =
    start === undefined ? [] : [{ node: null, history: [{ kind: 'image', id: 'start', pixels: start }] }];
  const isWhole = turns.every(isStored);
  for (const [index, turn] of turns.entries()) {
    const number = hasWords ? index : index + 1;
    const id = ports.newId() as TurnId;
    const parent = places[turn.parent] ?? { node: null, history: [] };
    const planned = ready[index];
    if (planned === undefined) throw new Error('Every turn was read.');
    const recipe = {
      seed: turn.seed,
      steps: turn.steps ?? sampler.steps,
      guidance: turn.guidance ?? sampler.guidance,
    };
    document = addTurn(document, {
      id,
      parentId: parent.node,
      instruction: turn.instruction,
      ...plainRecipe,
      regions: { ...noRegions, drawn: planned.drawn === undefined ? null : blobs.putMask(planned.drawn) },
      ...recipe,
      model: { id: info.id, hash: modelHash({ files }) },
      createdAt: now(),
    });
    document = goTo(setTurnState(document, id, { status: 'running', startedAt: now() }), id);
    try {
      const file = String(number).padStart(2, '0');
      const fileOf = (part: string): string => (part === '' ? file : `${file}-${part}`);
      const { history, result } = await makeTurn(planned, parent.history, {
        edit: (request) => engine.edit(request, (progress) => ports.onProgress(number, progress), signal),
        roles,
        recipe,
        newId: () => `made ${++made}`,
        onFrame: (pixels, part) => save(fileOf(part), blobs.putPicture(pixels)),
        onRegion: (mask, part) => save(fileOf(part), blobs.putMask(mask)),
      });
      const { pixels, latent, timingsMs, cachedTokens, computedTokens } = result;
      document = setTurnState(document, id, {
        status: 'done',
        result: {
          timingsMs,
          cachedTokens,
          computedTokens,
          frame: blobs.putPicture(pixels),
          latent: blobs.putLatent(latent),
          backend: info.backend,
          finishedAt: now(),
        },
      });
      places.push({ node: id, history });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      const { code, message } = error;
      const state =
        code === 'cancelled'
          ? ({ status: 'cancelled' } as const)
          : ({ status: 'failed', failure: { code, message } } as const);
      return { document: setTurnState(document, id, state), blobs, error, isWhole };
    }
  }
  return { document, blobs, error: undefined, isWhole };
}

interface Place {
  readonly node: NodeId;
  readonly history: readonly HistoryItem[];
}

function turnFromWords(instruction: string): ScriptTurn {
  return {
    instruction,
    regions: {},
    references: [],
    clip: undefined,
    seed: 0,
    steps: undefined,
    guidance: undefined,
    parent: 0,
  };
}

/** Whether a document can hold everything of this turn. */
function isStored({ regions, references, clip }: ScriptTurn): boolean {
  const { now, next } = regions;
  return now === undefined && next === undefined && references.length === 0 && clip === undefined;
}
