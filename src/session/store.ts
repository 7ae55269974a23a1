/** The store that the page reads and calls; everything with an effect comes in through ports. */
import type { StoreApi } from 'zustand/vanilla';

import { type Context, type EditorPorts, createContext } from './context.ts';
import { type Composer, type NodeId, type TurnId, emptyComposer, findTurn, subtreeOf } from './document.ts';
import { createExportActions } from './exports.ts';
import { type ModelKeeper, createModelKeeper } from './modelKeeper.ts';
import { type Runner, createRunner } from './runner.ts';
import { createSessionActions } from './sessions.ts';
import type { EditorActions, EditorState } from './state.ts';

export type { EditorPorts } from './context.ts';

/** `state` is a vanilla zustand store; `actions` never changes. */
export interface Editor {
  readonly state: StoreApi<EditorState>;
  readonly actions: EditorActions;
}

export function createEditor(ports: EditorPorts): Editor {
  const context = createContext(ports);
  const runner = createRunner(context, () => keeper);
  const keeper: ModelKeeper = createModelKeeper(context, runner.pump);
  return {
    state: context.state,
    actions: {
      ...createSessionActions(context, runner),
      ...createExportActions(context),
      ...createComposerActions(context),
      ...createTreeActions(context, runner),
      loadModel: keeper.loadModel,
      restartModel: keeper.restartModel,
      makeEdit: runner.makeEdit,
      cancel: runner.cancel,
      retryTurn: runner.retryTurn,
      undo: context.undo,
      redo: context.redo,
      saveAgain: () => context.track(context.saver.again()),
      dismissNotice: () => {
        context.set({ notice: null });
      },
      pngOf: (hash) => context.blobs().bytesOf(hash) ?? null,
      pixelsOf: (hash) => context.blobs().pixelsOf(hash),
      maskOf: (hash) => context.blobs().maskOf(hash),
      settled: context.settled,
    },
  };
}

type ComposerActions = Pick<
  EditorActions,
  'setInstruction' | 'setMask' | 'setSeed' | 'setSteps' | 'setGuidance'
>;

function createComposerActions(context: Context): ComposerActions {
  /** Not an undo step: text fields have their own undo, and settings show their value. */
  function compose(part: Partial<Composer>): void {
    const document = context.document();
    if (document !== null) context.commit({ ...document, composer: { ...document.composer, ...part } });
  }
  return {
    setInstruction: (instruction) => {
      compose({ instruction });
    },
    setMask: (mask) => {
      // A region without a single pixel is no region.
      const ref = mask?.data.some((value) => value !== 0) ? context.blobs().putMask(mask) : null;
      context.perform('region', [{ kind: 'set-mask', mask: ref }]);
    },
    setSeed: (seed) => {
      compose({ seed: within(seed, 0, 2 ** 32 - 1, Math.round) });
    },
    setSteps: (steps) => {
      compose({ steps: within(steps, 1, 200, Math.round) });
    },
    setGuidance: (guidance) => {
      compose({ guidance: within(guidance, 0, 30, (value) => value) });
    },
  };
}

/** Keeps a setting inside its range; what is not a number counts as not set. */
function within(
  value: number | null,
  least: number,
  most: number,
  round: (value: number) => number,
): number | null {
  if (value === null || Number.isNaN(value)) return null;
  return round(Math.min(Math.max(value, least), most));
}

type TreeActions = Pick<
  EditorActions,
  'goTo' | 'branchFrom' | 'reviseTurn' | 'deleteTurn' | 'renameTurn' | 'renameSession'
>;

function createTreeActions(context: Context, runner: Runner): TreeActions {
  /** The page may still show a turn that has just gone; a click on it does nothing. */
  function has(place: NodeId): boolean {
    const document = context.document();
    return document !== null && (place === null || findTurn(document, place) !== undefined);
  }

  function clearedComposer(): Composer {
    return {
      ...(context.document()?.composer ?? emptyComposer),
      instruction: '',
      mask: null,
      revising: null,
    };
  }

  function reviseTurn(turnId: TurnId): void {
    const document = context.document();
    const turn = document === null ? undefined : findTurn(document, turnId);
    if (turn === undefined) return;
    const { instruction, mask, seed, steps, guidance, parentId } = turn;
    const composer = { instruction, mask, seed, steps, guidance, revising: turnId };
    context.perform('branch', [
      { kind: 'go-to', to: parentId },
      { kind: 'compose', composer },
    ]);
  }

  return {
    goTo: (place) => {
      if (has(place)) context.perform('go-to', [{ kind: 'go-to', to: place }]);
    },
    branchFrom: (place) => {
      if (!has(place)) return;
      context.perform('branch', [
        { kind: 'go-to', to: place },
        { kind: 'compose', composer: clearedComposer() },
      ]);
    },
    reviseTurn,
    deleteTurn: (turnId) => {
      const document = context.document();
      if (document === null || !has(turnId)) return;
      runner.abandon(new Set(subtreeOf(document, turnId).map(({ id }) => id)));
      context.perform('delete-turn', [{ kind: 'delete', turnId }]);
    },
    renameTurn: (turnId, name) => {
      if (has(turnId)) {
        context.perform('rename', [{ kind: 'rename-turn', turnId, name: name.trim() || undefined }]);
      }
    },
    renameSession: (name) => {
      const trimmed = name.trim();
      if (trimmed !== '') context.perform('rename', [{ kind: 'rename-session', name: trimmed }]);
    },
  };
}
