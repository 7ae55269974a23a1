/** Opens, begins, lists and removes sessions; leaving one never loses what is not stored. */
import type { Pixels } from '../runtime/contract.ts';
import type { EditorActions, LeaveOptions } from './actions.ts';
import { isEmptyRequest } from './adding.ts';
import { type BlobBag, createBlobBag } from './blobs.ts';
import type { Context } from './context.ts';
import {
  type Root,
  type SessionDocument,
  type SessionId,
  createDocument,
  unnamedSession,
} from './document.ts';
import { sessionIn } from './export/pictureSession.ts';
import { type ImportedSession, readSessionFile } from './export/sessionFile.ts';
import {
  fileFailure,
  newerSession,
  pictureFailure,
  storageUnreachable,
  unreadableSession,
  unsavedWork,
} from './messages.ts';
import type { Runner } from './runner.ts';
import { isBlank, isSizeOpen } from './tree.ts';
import { emptyHistory } from './undo.ts';

type SessionActions = Pick<
  EditorActions,
  | 'start'
  | 'openPicture'
  | 'startScene'
  | 'newSession'
  | 'setStartSize'
  | 'listSessions'
  | 'openSession'
  | 'deleteSession'
  | 'deleteEverything'
  | 'importFile'
>;

export function createSessionActions(context: Context, runner: Runner): SessionActions {
  const { repository, newId, now } = context.ports;
  let last: Promise<unknown> = Promise.resolve();

  /** Two clicks in a row must not open two sessions at once. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return context.track(result);
  }

  /** Runs `work` on the storage; false when the storage is out of reach. */
  async function reach(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      context.notify(storageUnreachable(error));
      return false;
    }
  }

  function listSessions(): Promise<boolean> {
    return reach(async () => {
      context.set({ sessions: await repository.list() });
    });
  }

  async function leave({ discardUnsaved = false }: LeaveOptions): Promise<boolean> {
    await runner.stopAll();
    await context.saver.again();
    const { saved } = context.state.getState();
    if (saved.status !== 'failed' || discardUnsaved) return true;
    context.notify(unsavedWork(saved.failure));
    return false;
  }

  async function remember(id: SessionId): Promise<void> {
    await context.saver.finished();
    // Not knowing the last session at the next start is no trouble worth a notice.
    await repository.setLastOpened(id).catch(() => undefined);
    await listSessions();
  }

  async function begin(name: string, start: Start, options: LeaveOptions): Promise<boolean> {
    const bag = createBlobBag();
    const open = context.document();
    // A session without pictures takes the first one, so that no empty ones pile up in the list.
    const isTaken = open !== null && isBlank(open);
    let root: Root;
    try {
      root = rootOf(start, name, isTaken ? context.blobs() : bag);
    } catch (error) {
      context.notify(pictureFailure(error));
      return false;
    }
    if (isTaken && root.kind !== 'words') {
      context.commit({ ...open, name, root });
      await remember(open.id);
      return true;
    }
    if (isTaken && isEmptyRequest(open.composer)) return true;
    if (!(await leave(options))) return false;
    await openNew(createDocument(newId() as SessionId, name, root, now()), bag);
    return true;
  }

  async function openNew(document: SessionDocument, blobs: BlobBag): Promise<void> {
    context.open({ document, blobs, undo: emptyHistory }, { document: null, revision: 0 });
    context.set({ notice: null });
    context.save();
    await remember(document.id);
  }

  async function load(id: SessionId): Promise<boolean> {
    const before = context.state.getState().session;
    context.set({ session: { status: 'opening' } });
    let isOpen = false;
    const isReached = await reach(async () => {
      const loaded = await repository.load(id);
      if (loaded.state === 'empty') {
        context.close({ status: 'none' });
      } else if (loaded.state === 'newer') {
        context.close({ status: 'refused', id, failure: newerSession(loaded.version), raw: loaded.raw });
      } else if (loaded.state === 'unreadable') {
        context.close({ status: 'refused', id, failure: unreadableSession(loaded.reason), raw: loaded.raw });
      } else {
        const stored = loaded.state === 'current' ? loaded.document : null;
        const { document, undo, revision } = loaded;
        const opened = { document, undo, blobs: createBlobBag(loaded.blobs) };
        context.open(opened, { document: stored, revision });
        isOpen = true;
      }
    });
    if (!isReached) context.set({ session: before });
    return isOpen;
  }

  async function openStored(id: SessionId, options: LeaveOptions): Promise<boolean> {
    if (!(await leave(options))) return false;
    const isOpen = await load(id);
    if (isOpen) await remember(id);
    else await listSessions();
    return isOpen;
  }

  async function start(): Promise<void> {
    const isReached = await reach(async () => {
      const id = await repository.lastOpened();
      const isOpen = id !== null && (await load(id));
      // Never after trouble: whoever could not read a session must not decide what it needs.
      if (isOpen || context.state.getState().session.status === 'none') await repository.collectGarbage();
    });
    if (isReached) await listSessions();
  }

  async function remove(isOpenOne: boolean, work: () => Promise<void>): Promise<boolean> {
    if (isOpenOne) {
      await runner.stopAll();
      await context.saver.finished();
    }
    const isGone = await reach(work);
    if (isGone && isOpenOne) context.close({ status: 'none' });
    await listSessions();
    return isGone;
  }

  function openId(): SessionId | null {
    const { session } = context.state.getState();
    if (session.status === 'open') return session.document.id;
    return session.status === 'refused' ? session.id : null;
  }

  async function importFile(bytes: Uint8Array, options: LeaveOptions): Promise<boolean> {
    let imported: ImportedSession;
    try {
      imported = readSessionFile(sessionIn(bytes) ?? bytes);
    } catch (error) {
      context.notify(fileFailure(error));
      return false;
    }
    if (!(await leave(options))) return false;
    // Always a session of its own, so that no file can write over a stored one.
    await openNew({ ...imported.document, id: newId() as SessionId }, createBlobBag(imported.blobs));
    return true;
  }

  return {
    start: () => inTurn(start),
    openPicture: (pixels, name, options = {}) =>
      inTurn(() => begin(name, { kind: 'opened', pixels }, options)),
    startScene: (pixels, name, options = {}) =>
      inTurn(() => begin(name, { kind: 'starter', pixels }, options)),
    setStartSize(size) {
      const document = context.document();
      if (document === null || !isSizeOpen(document)) return false;
      context.commit({ ...document, root: { kind: 'words', size } });
      return true;
    },
    newSession: (options = {}) => inTurn(() => begin(unnamedSession, { kind: 'words' }, options)),
    listSessions: async () => {
      await context.track(listSessions());
    },
    openSession: (id, options = {}) => inTurn(() => openStored(id, options)),
    deleteSession: (id) => inTurn(() => remove(openId() === id, () => repository.remove(id))),
    deleteEverything: () => inTurn(() => remove(true, () => repository.clear())),
    importFile: (bytes, options = {}) => inTurn(() => importFile(bytes, options)),
  };
}

type Start = { readonly kind: 'opened' | 'starter'; readonly pixels: Pixels } | { readonly kind: 'words' };

/** @throws PngError when the pixels do not fill their size. */
function rootOf(start: Start, name: string, blobs: BlobBag): Root {
  return start.kind === 'words' ? start : { kind: start.kind, frame: blobs.putPicture(start.pixels), name };
}
