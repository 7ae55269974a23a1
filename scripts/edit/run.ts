/** Runs the turns of a script on an engine as a session document, the same as the page would keep it. */
import type { EditProgress, Engine, MaskPixels, ModelInfo, Pixels } from '../../src/runtime/contract.ts';
import { EngineError } from '../../src/runtime/contract.ts';
import { type BlobBag, createBlobBag } from '../../src/session/blobs.ts';
import {
  type NodeId,
  type SessionDocument,
  type SessionId,
  type TurnId,
  addTurn,
  createDocument,
  goTo,
  setTurnState,
} from '../../src/session/document.ts';
import { editRequestOf } from '../../src/session/history.ts';
import { modelHash } from '../../src/session/modelKeeper.ts';
import type { EditScript, ScriptTurn } from './script.ts';

export interface RunPorts {
  readonly engine: Engine;
  readonly info: ModelInfo;
  readonly readPicture: (path: string) => Promise<Pixels>;
  readonly readMask: (path: string) => Promise<MaskPixels>;
  readonly now: () => number;
  readonly newId: () => string;
  readonly onProgress: (turn: number, progress: EditProgress) => void;
  /** Called with every picture as it is finished; number 0 is the start. */
  readonly onFrame: (turn: number, png: Uint8Array, mask: Uint8Array | undefined) => Promise<void>;
}

export interface Run {
  readonly document: SessionDocument;
  readonly blobs: BlobBag;
  /** What ended the run early; the document holds all that was made before. */
  readonly error: EngineError | undefined;
}

/** Rejects only for pictures and masks that cannot be read: those are looked at before anything runs. */
export async function runScript(
  script: EditScript,
  name: string,
  ports: RunPorts,
  signal: AbortSignal,
): Promise<Run> {
  const { engine, info, now } = ports;
  const { sampler, files } = info.manifest;
  const blobs = createBlobBag();
  const masks = await Promise.all(
    script.turns.map(async ({ mask }) =>
      mask === undefined ? null : blobs.putMask(await ports.readMask(mask)),
    ),
  );
  const startWords: ScriptTurn | undefined =
    'words' in script.start
      ? {
          instruction: script.start.words,
          mask: undefined,
          seed: 0,
          steps: undefined,
          guidance: undefined,
          parent: 0,
        }
      : undefined;
  let document = createDocument(
    ports.newId() as SessionId,
    name,
    'picture' in script.start
      ? { kind: 'opened', frame: blobs.putPicture(await ports.readPicture(script.start.picture)), name }
      : { kind: 'words' },
    now(),
  );
  const bytes = (hash: Parameters<BlobBag['bytesOf']>[0]): Uint8Array =>
    blobs.bytesOf(hash) ?? new Uint8Array();
  if (document.root.kind === 'opened') await ports.onFrame(0, bytes(document.root.frame.hash), undefined);

  /** Place of each turn of the script in the tree; place 0 is the start or what was made from words. */
  const places: NodeId[] = startWords === undefined ? [null] : [];
  const turns = startWords === undefined ? script.turns : [startWords, ...script.turns];
  for (const [index, turn] of turns.entries()) {
    const number = startWords === undefined ? index + 1 : index;
    const id = ports.newId() as TurnId;
    const mask = number === 0 ? null : (masks[number - 1] ?? null);
    document = addTurn(document, {
      id,
      parentId: places[turn.parent] ?? null,
      instruction: turn.instruction,
      mask,
      seed: turn.seed,
      steps: turn.steps ?? sampler.steps,
      guidance: turn.guidance ?? sampler.guidance,
      model: { id: info.id, hash: modelHash({ files }) },
      createdAt: now(),
    });
    document = goTo(setTurnState(document, id, { status: 'running', startedAt: now() }), id);
    try {
      const request = editRequestOf(document, id, blobs);
      const result = await engine.edit(request, (progress) => ports.onProgress(number, progress), signal);
      const { pixels, latent, ...measured } = result;
      const frame = blobs.putPicture(pixels);
      document = setTurnState(document, id, {
        status: 'done',
        result: {
          ...measured,
          frame,
          latent: blobs.putLatent(latent),
          backend: info.backend,
          finishedAt: now(),
        },
      });
      await ports.onFrame(number, bytes(frame.hash), mask === null ? undefined : bytes(mask.hash));
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      const { code, message } = error;
      const state =
        code === 'cancelled'
          ? ({ status: 'cancelled' } as const)
          : ({ status: 'failed', failure: { code, message } } as const);
      return { document: setTurnState(document, id, state), blobs, error };
    }
    places.push(id);
  }
  return { document, blobs, error: undefined };
}
