/** What the parts of the store share: the state, the open document with its undo, and the ports. */
import { type StoreApi, createStore } from 'zustand/vanilla';

import type { Engine } from '../runtime/contract.ts';
import { type BlobBag, createBlobBag } from './blobs.ts';
import type { SessionDocument } from './document.ts';
import type { LoadFfmpeg } from './export/video.ts';
import type { Repository } from './repository.ts';
import { type Saver, createSaver } from './saver.ts';
import type { EditorState, Failure, UndoLabel } from './state.ts';
import { type Change, type Changed, type History, emptyHistory, peek, perform, redo, undo } from './undo.ts';

export interface EditorPorts {
  readonly engine: Engine;
  readonly repository: Repository;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A fresh, unguessable id: 1 to 64 letters, digits, dashes or underscores. */
  readonly newId: () => string;
  /** Unsigned 32-bit. */
  readonly randomSeed: () => number;
  readonly loadFfmpeg: LoadFfmpeg;
}

/** What the repository holds of a session that is being opened. */
interface StoredAs {
  readonly document: SessionDocument | null;
  readonly revision: number;
}

/** A session as it is taken up. */
interface Opened {
  readonly document: SessionDocument;
  readonly blobs: BlobBag;
  readonly undo: History;
}

export interface Context {
  readonly ports: EditorPorts;
  readonly state: StoreApi<EditorState>;
  readonly saver: Saver;
  readonly set: (part: Partial<EditorState>) => void;
  readonly notify: (notice: Failure) => void;
  readonly document: () => SessionDocument | null;
  readonly blobs: () => BlobBag;
  readonly open: (opened: Opened, stored: StoredAs) => void;
  /** Stores the open document as it is. */
  readonly save: () => void;
  readonly close: (session: EditorState['session']) => void;
  /** Shows and saves a new state of the open document; not an undo step. */
  readonly commit: (document: SessionDocument) => void;
  /** Applies changes as one undo step. */
  readonly perform: (label: UndoLabel, changes: readonly Change[]) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  /** Lets `settled` wait for `work`, which must not reject. */
  readonly track: <T>(work: Promise<T>) => Promise<T>;
  readonly settled: () => Promise<void>;
  /** Runs after every change of the open document. */
  readonly onChange: (listener: () => void) => void;
}

export function createContext(ports: EditorPorts): Context {
  const state = createStore<EditorState>(() => ({
    model: { status: 'idle' },
    session: { status: 'none' },
    sessions: [],
    run: { status: 'idle' },
    find: { status: 'idle' },
    queue: [],
    saved: { status: 'stored' },
    pictureCheck: { status: 'unchecked' },
    wordsCheck: { status: 'unchecked' },
    textTokens: new Map(),
    video: { status: 'idle' },
    notice: null,
    undoLabel: null,
    redoLabel: null,
  }));
  const pending = new Set<Promise<unknown>>();
  const listeners: (() => void)[] = [];
  let blobs = createBlobBag();
  let history: History = emptyHistory;

  const set = (part: Partial<EditorState>): void => {
    state.setState(part);
  };
  const document = (): SessionDocument | null => {
    const { session } = state.getState();
    return session.status === 'open' ? session.document : null;
  };
  const saver = createSaver({
    repository: ports.repository,
    now: ports.now,
    bytesOf: (hash) => blobs.bytesOf(hash),
    onState: (saved) => {
      set({ saved });
    },
  });

  function show(next: SessionDocument): void {
    set({
      session: { status: 'open', document: next },
      undoLabel: peek(history.past, next),
      redoLabel: peek(history.future, next),
    });
    for (const listener of listeners) listener();
  }

  function commit(next: SessionDocument): void {
    if (next === document()) return;
    show(next);
    save();
  }

  function save(): void {
    const open = document();
    if (open === null) return;
    saver.changed(open, history);
    void track(saver.finished());
  }

  function step(change: (history: History, document: SessionDocument) => Changed): void {
    const before = document();
    if (before === null) return;
    const changed = change(history, before);
    history = changed.history;
    commit(changed.document);
  }

  function track<T>(work: Promise<T>): Promise<T> {
    const forget = (): void => void pending.delete(work);
    pending.add(work);
    work.then(forget, forget);
    return work;
  }

  return {
    ports,
    state,
    saver,
    set,
    notify: (notice) => {
      set({ notice });
    },
    document,
    blobs: () => blobs,
    open(opened, stored) {
      blobs = opened.blobs;
      history = opened.undo;
      saver.adopt(stored.document, stored.revision);
      show(opened.document);
    },
    save,
    close(session) {
      blobs = createBlobBag();
      history = emptyHistory;
      saver.adopt(null, 0);
      set({ session, undoLabel: null, redoLabel: null });
      for (const listener of listeners) listener();
    },
    commit,
    perform: (label, changes) => {
      step((at, before) => perform(at, before, label, changes));
    },
    undo: () => {
      step(undo);
    },
    redo: () => {
      step(redo);
    },
    track,
    async settled() {
      while (pending.size > 0) await Promise.all(pending);
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
