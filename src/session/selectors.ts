/** Facts derived from the state; the page reads these through `useStore(editor.state, selector)`. */
import type { Pixels } from '../runtime/contract.ts';
import { type Line, linesOf } from './adding.ts';
import { type ContextCost, contextCost } from './contextCost.ts';
import {
  type Composer,
  type PictureRef,
  type SessionDocument,
  type Turn,
  emptyComposer,
} from './document.ts';
import type { EditorState } from './state.ts';
import { beginsFromWords, frameAt, isUnder, pathTo } from './tree.ts';

export function selectDocument(state: EditorState): SessionDocument | null {
  return state.session.status === 'open' ? state.session.document : null;
}

export function selectComposer(state: EditorState): Composer {
  return selectDocument(state)?.composer ?? emptyComposer;
}

export function selectCurrentTurn(state: EditorState): Turn | null {
  const document = selectDocument(state);
  return document?.turns.find((turn) => turn.id === document.current) ?? null;
}

/** Turns from the first to the current one; build the list in a memo, as it is new on each call. */
export function pathToCurrent(document: SessionDocument): readonly Turn[] {
  return pathTo(document, document.current);
}

/** The picture to show: that of the current place or the closest made one above it. */
export function selectShownFrame(state: EditorState): PictureRef | null {
  const document = selectDocument(state);
  return document === null ? null : frameAt(document, document.current);
}

/** The preview of the running turn while the person is looking at it, or at what waits for it. */
export function selectPreview(state: EditorState): Pixels | null {
  const { run } = state;
  const document = selectDocument(state);
  if (run.status !== 'running' || document === null || run.progress?.preview === undefined) return null;
  const isInSight = isUnder(document, document.current, run.turnId);
  return isInSight ? run.progress.preview : null;
}

/** Why `makeEdit` would refuse now, or null when it would go ahead. */
export type MakeBlock = 'no-session' | 'no-words' | 'no-model' | 'no-picture';

/** What a model must have learned to make a picture without one to begin with. */
export const textToImage = 'text-to-image';

export function selectMakeBlock(state: EditorState): MakeBlock | null {
  const document = selectDocument(state);
  if (document === null) return 'no-session';
  if (linesOf(document.composer).some(saysNothing)) return 'no-words';
  const { model } = state;
  if (model.status !== 'ready') return 'no-model';
  const canBegin = model.info.manifest.capabilities.includes(textToImage);
  return beginsFromWords(document) && !canBegin ? 'no-picture' : null;
}

/** A region that is only drawn says where, and not yet what. */
function saysNothing({ instruction, regions, task }: Line): boolean {
  const isShown = regions.now !== null || regions.next !== null;
  return instruction === '' && !isShown && task.kind !== 'clip-between';
}

/** What the line being written costs the model that is loaded, null without one; keep it in a memo. */
export function costOf(
  { model, textTokens }: Pick<EditorState, 'model' | 'textTokens'>,
  document: SessionDocument,
): ContextCost | null {
  if (model.status !== 'ready') return null;
  const { manifest, cache } = model.info;
  return contextCost(document, manifest, (text) => textTokens.get(text) ?? null, cache.precision);
}

/** Whether there are two pictures to hold against each other, one of them in sight. */
export function selectCanCompare(state: EditorState): boolean {
  const document = selectDocument(state);
  if (document === null || selectShownFrame(state) === null) return false;
  const made = document.turns.filter((turn) => turn.state.status === 'done').length;
  return made + (document.root.kind === 'words' ? 0 : 1) > 1;
}

export function selectCanUndo(state: EditorState): boolean {
  return state.undoLabel !== null;
}

export function selectCanRedo(state: EditorState): boolean {
  return state.redoLabel !== null;
}

/** Words of the composer that the model does not know; empty while they are being looked up. */
export function selectUnknownWords(state: EditorState): readonly string[] {
  const { wordsCheck } = state;
  if (wordsCheck.status !== 'checked' || wordsCheck.instruction !== selectComposer(state).instruction) {
    return none;
  }
  return wordsCheck.unknown;
}

// One array for all, so that a component that reads "no words" is not drawn again.
const none: readonly string[] = [];

/** Whether nothing but the person asks anything of the model. */
export function selectCanMeasure({ model, run, find, queue }: EditorState): boolean {
  return model.status === 'ready' && run.status === 'idle' && find.status === 'idle' && queue.length === 0;
}

/** Milliseconds without a sign of life of the model at work; null while it does well. */
export function selectSilence({ run, find }: EditorState): number | null {
  const progress = [run, find].map((at) => (at.status === 'running' ? at.progress : null));
  return progress.find((at) => at?.silentForMs !== undefined)?.silentForMs ?? null;
}
