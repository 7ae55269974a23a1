import type { ExportedFile } from '../session/actions.ts';
import { selectDocument } from '../session/selectors.ts';
import type { Failure } from '../session/state.ts';
import { saveSession } from './keep.ts';
import { useOpen } from './open.ts';
import { usePage } from './page.ts';

/** Records that this version cannot read still belong to the person. */
function recordsFile(raw: unknown): ExportedFile {
  const bytes = new TextEncoder().encode(JSON.stringify(raw, null, 1));
  return { name: 'stored-session.json', type: 'application/json', bytes };
}

/** What the button of a failure does; null when there is nothing to press. */
export function useNextStep(failure: Failure | null): (() => void) | null {
  const page = usePage();
  const { view, editor, saveFile } = page;
  const { chooseFile } = useOpen();
  const { actions } = editor;
  const then = (does: () => void) => () => {
    actions.dismissNotice();
    does();
  };
  const { session } = editor.state.getState();
  const document = selectDocument(editor.state.getState());
  switch (failure?.next) {
    case 'load-model':
      return then(() => void actions.loadModel());
    case 'restart-model':
      return then(() => void actions.restartModel());
    case 'retry-turn':
      return then(() => {
        // The place goes back to the turn before a failed one, so the failed one is found by its state.
        const failed = document?.turns.findLast((turn) => turn.state.status === 'failed');
        if (failed !== undefined) actions.retryTurn(failed.id);
      });
    case 'choose-picture':
      return then(() => chooseFile('picture'));
    case 'choose-file':
      return then(() => chooseFile('any'));
    case 'save-session-file':
      return then(() => void saveSession(page));
    case 'save-stored-records':
      return session.status !== 'refused' ? null : then(() => saveFile(recordsFile(session.raw)));
    case 'update-page':
      return then(() => window.location.reload());
    case 'retry-video':
      return then(() => view.setState({ dialog: 'export' }));
    case 'none':
    case undefined:
      return null;
  }
}
