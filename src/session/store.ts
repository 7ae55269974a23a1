/** The store that the page reads and calls; everything with an effect comes in through ports. */
import type { StoreApi } from 'zustand/vanilla';
import type { Engine } from '../runtime/contract.ts';
import type { EditorActions, EditorState } from './state.ts';
import type { Repository } from './repository.ts';
import type { LoadFfmpeg } from './export/video.ts';

export interface EditorPorts {
  readonly engine: Engine;
  readonly repository: Repository;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A fresh, unguessable id. */
  readonly newId: () => string;
  /** Unsigned 32-bit. */
  readonly randomSeed: () => number;
  readonly loadFfmpeg: LoadFfmpeg;
}

/** `store.state` is a vanilla zustand store; `store.actions` never changes. */
export interface Editor {
  readonly state: StoreApi<EditorState>;
  readonly actions: EditorActions;
}
