/** Writes the newest document whenever it changed, one save at a time. A failed save keeps it in memory. */
import type { Bytes } from './blobs.ts';
import type { BlobHash, SessionDocument } from './document.ts';
import { storageFailure } from './messages.ts';
import type { Repository } from './repository.ts';
import type { SavedState } from './state.ts';
import type { History } from './undo.ts';

export interface SaverPorts {
  readonly repository: Repository;
  readonly now: () => number;
  readonly bytesOf: (hash: BlobHash) => Bytes | undefined;
  readonly onState: (state: SavedState) => void;
}

export interface Saver {
  /** Takes up another session: `stored` is what the repository holds of it, null when that must be written anew. */
  readonly adopt: (stored: SessionDocument | null, revision: number) => void;
  readonly changed: (document: SessionDocument, undo: History) => void;
  /** Resolves when no save is under way: true when everything is stored. */
  readonly finished: () => Promise<boolean>;
  /** Tries once more when something is not stored. */
  readonly again: () => Promise<boolean>;
}

export function createSaver({ repository, now, bytesOf, onState }: SaverPorts): Saver {
  let stored: SessionDocument | null = null;
  let storedUndo: History | null = null;
  let revision = 0;
  let wanted: { readonly document: SessionDocument; readonly undo: History } | null = null;
  let saving: Promise<boolean> | null = null;

  async function saveUntilStored(): Promise<boolean> {
    onState({ status: 'saving' });
    while (wanted !== null) {
      const { document, undo } = wanted;
      const saved = wanted;
      try {
        const modifiedAt = now();
        revision = await repository.save({
          document,
          stored,
          undo,
          storedUndo,
          revision,
          modifiedAt,
          bytesOf,
        });
      } catch (error) {
        saving = null;
        onState({ status: 'failed', failure: storageFailure(error) });
        return false;
      }
      stored = document;
      storedUndo = undo;
      if (wanted === saved) wanted = null;
    }
    // Before anyone hears of it, so that a change made on hearing it starts a save of its own.
    saving = null;
    onState({ status: 'stored' });
    return true;
  }

  function save(): Promise<boolean> {
    saving ??= saveUntilStored();
    return saving;
  }

  return {
    adopt(nextStored, nextRevision) {
      stored = nextStored;
      storedUndo = null;
      revision = nextRevision;
      wanted = null;
      onState({ status: 'stored' });
    },
    changed(document, undo) {
      wanted = { document, undo };
      void save();
    },
    async finished() {
      await saving;
      return wanted === null;
    },
    again: () => (wanted === null ? Promise.resolve(true) : save()),
  };
}
