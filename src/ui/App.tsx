import { useEffect, useState, type DragEvent } from 'react';

import { selectDocument } from '../session/selectors.ts';
import { announcementOf } from './announcements.ts';
import { Desk } from './canvas/Desk.tsx';
import { Options } from './canvas/Options.tsx';
import { Side } from './canvas/Side.tsx';
import { Tools } from './canvas/Tools.tsx';
import { AboutDialog } from './dialogs/AboutDialog.tsx';
import { ExportDialog } from './dialogs/ExportDialog.tsx';
import { FitDialog } from './dialogs/FitDialog.tsx';
import { HelpDialog } from './dialogs/HelpDialog.tsx';
import { Palette } from './dialogs/Palette.tsx';
import { SessionsDialog } from './dialogs/SessionsDialog.tsx';
import { FailureBoundary } from './FailureBoundary.tsx';
import { FirstPage } from './first/FirstPage.tsx';
import { Header } from './Header.tsx';
import { messagesOf, useMessages } from './messages/useMessages.ts';
import { Notices } from './Notices.tsx';
import { useOpen } from './open.ts';
import { PageContext, useEditor, usePage, useView, type Page } from './page.ts';
import { Composer } from './script/Composer.tsx';
import { TurnRibbon } from './script/TurnRibbon.tsx';
import { TurnTree } from './script/TurnTree.tsx';
import { runPlayer, shotKey } from './story/film.ts';
import { StoryView } from './story/StoryView.tsx';
import { useTabTitle } from './tabTitle.ts';
import { usePageKeys } from './usePageKeys.ts';
import { chooseMode, resetPlace, speak } from './view.ts';

import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/page.css';
import './styles/script.css';
import './styles/turns.css';
import './styles/composer.css';
import './styles/context.css';
import './styles/tools.css';
import './styles/desk.css';
import './styles/side.css';
import './styles/facts.css';
import './styles/story.css';
import './styles/strip.css';
import './styles/cards.css';
import './styles/first.css';
import './styles/dialogs.css';

interface AppProps {
  readonly page: Page;
}

export function App({ page }: AppProps) {
  return (
    <PageContext value={page}>
      <FailureBoundary>
        <Screen />
      </FailureBoundary>
    </PageContext>
  );
}

/** Things outside React that follow the stores: the theme, the language, the live region. */
function useFollowers(): void {
  const { editor, view } = usePage();
  const theme = useView((state) => state.theme);
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  const { tag } = useMessages();
  useEffect(() => {
    document.documentElement.lang = tag;
  }, [tag]);
  useEffect(() => {
    return editor.state.subscribe((now, before) => {
      const words = announcementOf(before, now, messagesOf(view));
      if (words !== null) speak(view, words);
      if (selectDocument(now)?.id !== selectDocument(before)?.id) {
        view.setState({ isHome: false });
        // Another session begins with its picture, whatever was looked at before.
        chooseMode(view, 'edit');
      }
      const current = selectDocument(now)?.current;
      if (current !== selectDocument(before)?.current) {
        resetPlace(view);
        if (current !== undefined) runPlayer({ editor, view }, { kind: 'show', shot: shotKey(current) });
      }
    });
  }, [editor, view]);
}

function Screen() {
  const opened = useEditor(selectDocument);
  const isHome = useView((state) => state.isHome);
  const isStory = useView((state) => state.mode === 'story');
  const document = isHome ? null : opened;
  const session = useEditor((state) => state.session);
  const dialog = useView((state) => state.dialog);
  const hasUnfitted = useView((state) => state.unfitted !== null);
  const spoken = useView((state) => state.spoken);
  const { openFiles } = useOpen();
  const [isDropping, setIsDropping] = useState(false);
  const m = useMessages();
  useFollowers();
  useTabTitle();
  usePageKeys();

  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setIsDropping(false);
    void openFiles([...event.dataTransfer.files]);
  };
  const onDragOver = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    setIsDropping(true);
  };
  // A change that could not be stored would go with the page, so the browser asks first.
  const isUnsaved = useEditor((state) => state.saved.status === 'failed');
  const isKept = useView((state) => state.keptDocument !== null && state.keptDocument === opened);
  useEffect(() => {
    if (!isUnsaved || isKept) return undefined;
    const onLeave = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', onLeave);
    return () => window.removeEventListener('beforeunload', onLeave);
  }, [isUnsaved, isKept]);
  // A paste belongs to the whole page, also when nothing has the focus.
  useEffect(() => {
    const onWindowPaste = (event: ClipboardEvent): void => {
      const files = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith('image/'));
      if (files.length === 0 || event.defaultPrevented) return;
      event.preventDefault();
      void openFiles(files);
    };
    window.addEventListener('paste', onWindowPaste);
    return () => window.removeEventListener('paste', onWindowPaste);
  }, [openFiles]);

  return (
    <div
      className={`page${document === null ? ' is-first' : isStory ? ' is-story' : ''}${isDropping ? ' is-dropping' : ''}`}
      data-drop={m.app.dropHere}
      onDrop={onDrop}
      onDragOver={onDragOver}
      onDragLeave={(event) => {
        if (event.relatedTarget === null) setIsDropping(false);
      }}
    >
      {document === null ? (
        <a className="skip" href="#picture">
          {m.app.skipToStart}
        </a>
      ) : (
        <a className="skip" href="#words">
          {m.app.skipToWords}
        </a>
      )}
      <Header hasSession={document !== null} />
      {document === null && session.status !== 'opening' && <FirstPage />}
      {document !== null && (
        <>
          <aside className="script" aria-label={m.app.script}>
            <TurnTree document={document} />
            <Composer document={document} />
          </aside>
          {isStory ? (
            <StoryView document={document} />
          ) : (
            <>
              <section className="bench" aria-label={m.app.bench}>
                <Tools />
                <Options document={document} />
              </section>
              <Desk document={document} />
              <Side document={document} />
              <TurnRibbon document={document} />
            </>
          )}
        </>
      )}
      <Notices />
      {dialog === 'export' && <ExportDialog />}
      {dialog === 'help' && <HelpDialog />}
      {dialog === 'palette' && <Palette />}
      {dialog === 'about' && <AboutDialog />}
      {dialog === 'sessions' && <SessionsDialog />}
      {hasUnfitted && <FitDialog />}
      <p className="spoken-only" role="status" aria-live="polite" aria-label={m.app.spoken}>
        {spoken.text}
      </p>
    </div>
  );
}
