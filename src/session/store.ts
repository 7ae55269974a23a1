/** The store that the page reads and calls; everything with an effect comes in through ports. */
import type { StoreApi } from 'zustand/vanilla';

import type { EditorActions } from './actions.ts';
import { createComposerActions } from './composerActions.ts';
import { type EditorPorts, createContext } from './context.ts';
import { createExportActions } from './exports.ts';
import { type ModelKeeper, createModelKeeper } from './modelKeeper.ts';
import { createRunner } from './runner.ts';
import { createSessionActions } from './sessions.ts';
import type { EditorState } from './state.ts';
import { createTreeActions } from './treeActions.ts';

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
      pauseModel: keeper.pauseModel,
      async restartModel() {
        // Whatever hangs gives its words back first.
        runner.interrupt();
        return keeper.restartModel();
      },
      waitOn: runner.waitOn,
      makeEdit: runner.makeEdit,
      cancel: runner.cancel,
      moveInQueue: runner.moveInQueue,
      clearQueue: runner.clearQueue,
      retryTurn: runner.retryTurn,
      findRegionNow: () => runner.findRegion('now'),
      findRegionNext: () => runner.findRegion('next'),
      cancelFinding: runner.cancelFinding,
      undo: () => {
        context.undo();
        runner.reconcile();
      },
      redo: () => {
        context.redo();
        runner.reconcile();
      },
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
