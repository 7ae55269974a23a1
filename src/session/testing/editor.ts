/** An editor over the painting engine and a database of its own, with a clock and ids that count. */
import type { MaskPixels, Pixels } from '../../runtime/contract.ts';
import type { SessionDocument, TurnId } from '../document.ts';
import type { Ffmpeg, LoadFfmpeg } from '../export/video.ts';
import type { Repository } from '../repository.ts';
import { selectDocument } from '../selectors.ts';
import { type Editor, createEditor } from '../store.ts';
import { must } from './must.ts';
import { everyCapability, paintSize } from './paint.ts';
import { type PaintEngine, createPaintEngine } from './paintEngine.ts';
import { freshRepository } from './storage.ts';

export interface Rig extends Editor {
  readonly engine: PaintEngine;
  readonly repository: Repository;
  readonly database: string;
  /** The open document; fails the test when there is none. */
  readonly document: () => SessionDocument;
  /** The same person after a reload: a new editor over the same storage. */
  readonly reload: () => Rig;
}

const noVideo: LoadFfmpeg = (): Promise<Ffmpeg> => Promise.reject(new Error('There is no ffmpeg here.'));

export function createRig(storage = freshRepository(), prefix = 'id', loadFfmpeg = noVideo): Rig {
  const engine = createPaintEngine();
  let counter = 0;
  const count = (): number => {
    counter += 1;
    return counter;
  };
  const editor = createEditor({
    engine,
    repository: storage.repository,
    now: () => 1_760_000_000_000 + count(),
    newId: () => `${prefix}-${count()}`,
    randomSeed: () => count() * 7919,
    loadFfmpeg,
  });
  return {
    ...editor,
    engine,
    repository: storage.repository,
    database: storage.name,
    document: () => {
      const document = selectDocument(editor.state.getState());
      if (document === null) throw new Error('No session is open.');
      return document;
    },
    reload: () => createRig(storage, `${prefix}-again`, loadFfmpeg),
  };
}

/** The same with a model that knows every task. */
export function ableRig(loadFfmpeg?: LoadFfmpeg): Promise<Rig> {
  return readyRig(loadFfmpeg, everyCapability);
}

/** A rig with the model loaded and a picture open. */
export async function readyRig(loadFfmpeg?: LoadFfmpeg, capabilities?: readonly string[]): Promise<Rig> {
  const rig = createRig(undefined, undefined, loadFfmpeg);
  if (capabilities !== undefined) rig.engine.capabilities = capabilities;
  await rig.actions.loadModel();
  await rig.actions.openPicture(flatPicture(90), 'bay');
  return rig;
}

/** Writes `words`, makes them, and waits until all is made; the id of the new turn. */
export async function makeTurn(rig: Rig, words: string): Promise<TurnId> {
  rig.actions.setInstruction(words);
  const [id] = rig.actions.makeEdit();
  await rig.actions.settled();
  return must(id);
}

export function flatPicture(value: number): Pixels {
  const data = new Uint8ClampedArray(paintSize * paintSize * 4).fill(value);
  return { width: paintSize, height: paintSize, data };
}

/** The left `columns` columns may change. */
export function leftMask(columns: number): MaskPixels {
  const data = Uint8Array.from({ length: paintSize * paintSize }, (_, i) =>
    i % paintSize < columns ? 255 : 0,
  );
  return { width: paintSize, height: paintSize, data };
}

/** A promise with its resolver, to hold the engine at a step. */
export function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}
