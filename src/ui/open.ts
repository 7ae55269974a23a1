/** Ways to bring a picture or a session in: files, pasted pictures, drops and starter scenes. */
import { useMemo } from 'react';

import type { Pixels } from '../runtime/contract.ts';
import { sessionIn } from '../session/export/pictureSession.ts';
import { selectDocument } from '../session/selectors.ts';
import { isBlank, sizeOfPictures } from '../session/tree.ts';
import {
  decodePicture,
  fitPicture,
  hasFrameShape,
  nearestFrame,
  type FitMode,
} from './canvas/pictureFile.ts';
import { FITTED } from './canvas/viewport.ts';
import { leaveOptions } from './keep.ts';
import { messagesOf } from './messages/useMessages.ts';
import { WordedError } from './messages/wordedError.ts';
import { usePage, type Example, type Page, type Starter } from './page.ts';
import { showMode } from './story/film.ts';
import { resetPlace, speak } from './view.ts';

const PICTURE_TYPES = 'image/png,image/jpeg,image/webp,image/gif,image/avif,image/bmp';

export interface Open {
  /** Opens the browser's file dialog. */
  readonly chooseFile: (kind: 'picture' | 'any') => void;
  /** Has the person choose a picture that the line being written takes something over from; then does `then`. */
  readonly chooseReference: (then: () => void) => void;
  /** The same with a picture that is there, as one that was pasted. */
  readonly takeReference: (file: File, then: () => void) => void;
  readonly openFile: (file: File) => Promise<void>;
  /** Files that come together: one is opened, more are refused, because a session begins with one. */
  readonly openFiles: (files: readonly File[]) => Promise<void>;
  readonly openStarter: (starter: Starter, prompt?: string) => Promise<void>;
  /** Copies the example into a session of its own, and shows it as what it is: a picture edited, or a story. */
  readonly openExample: (example: Example) => Promise<void>;
  /** A session without a picture; a description fills the box and does not run. */
  readonly openWords: (description?: string) => Promise<void>;
  /** Takes the waiting picture of another shape, in the way that was chosen. */
  readonly openUnfitted: (mode: FitMode) => Promise<void>;
}

/** A session file is a zip, and a picture never begins with its two bytes; a picture saved here may have a session in it. */
async function hasSession(file: Blob): Promise<boolean> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return (bytes[0] === 0x50 && bytes[1] === 0x4b) || sessionIn(bytes) !== null;
}

function ask(accept: string, take: (file: File) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = accept;
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file !== undefined) take(file);
  });
  input.click();
}

export function createOpen(page: Page): Open {
  const { editor, view, offer } = page;
  const enter = (): void => {
    // A blank session that takes a picture stays the same session, so nothing else leads away from the first page.
    view.setState({ viewport: FITTED, rectangle: null, unfitted: null, isHome: false });
    resetPlace(view);
  };
  const show = async (
    begin: 'openPicture' | 'startScene',
    pixels: Pixels,
    name: string,
  ): Promise<boolean> => {
    const isOpen = await editor.actions[begin](pixels, name, leaveOptions(page));
    if (!isOpen) return false;
    enter();
    speak(view, messagesOf(view).spoken.open(name));
    return true;
  };
  const trying = async (work: () => Promise<void>): Promise<void> => {
    // What an earlier try came to says nothing about this one.
    view.setState({ trouble: null });
    try {
      await work();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      view.setState({ trouble: error instanceof WordedError ? error.words : () => message });
    }
  };
  /** The second half of a double click does nothing. */
  const once = async (work: () => Promise<void>): Promise<void> => {
    if (view.getState().isOpening) return;
    view.setState({ isOpening: true });
    await trying(work);
    view.setState({ isOpening: false });
  };
  const openBitmap = async (
    begin: 'openPicture' | 'startScene',
    file: Blob,
    name: string,
  ): Promise<boolean> => {
    if (typeof offer === 'string') throw new WordedError(({ load }) => load.unreadable(offer));
    const bitmap = await decodePicture(file);
    const frame = nearestFrame(bitmap, offer);
    if (!hasFrameShape(bitmap, frame)) {
      view.setState({ unfitted: { bitmap, name } });
      return false;
    }
    return show(begin, fitPicture(bitmap, frame, 'cut'), name);
  };
  const openSession = async (file: Blob, name: string): Promise<boolean> => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (!(await editor.actions.importFile(bytes, leaveOptions(page)))) return false;
    enter();
    speak(view, messagesOf(view).spoken.open(name));
    return true;
  };
  const openFile = (file: File): Promise<void> =>
    trying(async () => {
      if (await hasSession(file)) {
        await openSession(file, file.name);
      } else {
        await openBitmap('openPicture', file, file.name === '' ? messagesOf(view).open.pasted : file.name);
      }
    });
  const takeReference = (file: File, then: () => void): void => {
    void trying(async () => {
      if (typeof offer === 'string') throw new WordedError(({ load }) => load.unreadable(offer));
      // Nothing of what the words speak of may be cut away.
      const document = selectDocument(editor.state.getState());
      const frame = (document === null ? null : sizeOfPictures(document)) ?? offer.frame;
      const pixels = fitPicture(await decodePicture(file), frame, 'bars');
      const name = file.name === '' ? messagesOf(view).open.pasted : file.name;
      if (editor.actions.addReference({ pixels, name })) then();
    });
  };
  return {
    openFile,
    openFiles: async (files) => {
      const [file] = files;
      if (files.length > 1) {
        view.setState({ trouble: ({ open }) => open.tooMany(files.length) });
      } else if (file !== undefined) await openFile(file);
    },
    chooseFile: (kind) => ask(kind === 'picture' ? PICTURE_TYPES : '', (file) => void openFile(file)),
    chooseReference: (then) => ask(PICTURE_TYPES, (file) => takeReference(file, then)),
    takeReference,
    openStarter: (starter, prompt) =>
      once(async () => {
        const picture = await page.fetchStarter(starter.url);
        const isOpen = await openBitmap('startScene', picture, starter.title);
        if (isOpen && prompt !== undefined) editor.actions.setInstruction(prompt);
      }),
    openExample: ({ url, title }) =>
      once(async () => {
        if (!(await openSession(await page.fetchStarter(url), title))) return;
        const turns = selectDocument(editor.state.getState())?.turns ?? [];
        showMode(page, turns.some(({ task }) => task.kind === 'scene') ? 'story' : 'edit');
      }),
    openWords: (description) =>
      once(async () => {
        const open = selectDocument(editor.state.getState());
        // A description begun earlier is gone on with instead of a second blank session.
        const isGoingOn = open !== null && isBlank(open) && description === undefined;
        if (!isGoingOn && !(await editor.actions.newSession(leaveOptions(page)))) return;
        enter();
        if (description !== undefined) editor.actions.setInstruction(description);
        document.getElementById('words')?.focus();
      }),
    openUnfitted: async (mode) => {
      const { unfitted } = view.getState();
      if (unfitted === null || typeof offer === 'string') return;
      const frame = nearestFrame(unfitted.bitmap, offer);
      await show('openPicture', fitPicture(unfitted.bitmap, frame, mode), unfitted.name);
    },
  };
}

export function useOpen(): Open {
  const page = usePage();
  return useMemo(() => createOpen(page), [page]);
}
