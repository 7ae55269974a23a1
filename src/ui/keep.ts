import type { ExportedFile, LeaveOptions } from '../session/actions.ts';
/** Getting the work out of the page before it is left. */
import { selectDocument } from '../session/selectors.ts';
import type { Page } from './page.ts';

/** Hands the session file to the person; null when there is none. */
export function saveSession({ editor, view, saveFile }: Page): ExportedFile | null {
  const file = editor.actions.exportFile();
  if (file === null) return null;
  saveFile(file);
  view.setState({ keptDocument: selectDocument(editor.state.getState()) });
  return file;
}

/** The store holds back from leaving work that it could not keep, unless a file holds all of it. */
export function leaveOptions({ editor, view }: Page): LeaveOptions {
  const document = selectDocument(editor.state.getState());
  return { discardUnsaved: document !== null && view.getState().keptDocument === document };
}
