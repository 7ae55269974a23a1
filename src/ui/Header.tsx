import { useEffect, useId, useRef, useState } from 'react';

import { canBeginFromWords } from './abilities.ts';
import { saveSession } from './keep.ts';
import { LANGUAGES } from './messages/language.ts';
import { useMessages } from './messages/useMessages.ts';
import { useOpen } from './open.ts';
import { useActions, useEditor, usePage, useView } from './page.ts';
import { Icon } from './parts/Icon.tsx';
import { Segments } from './parts/Segments.tsx';
import { showMode } from './story/film.ts';
import { useKeyTitle } from './useKeyText.ts';
import { THEMES, type Mode } from './view.ts';

const MODES: readonly Mode[] = ['edit', 'story'];

interface HeaderProps {
  readonly hasSession: boolean;
}

export function Header({ hasSession }: HeaderProps) {
  const { view } = usePage();
  const actions = useActions();
  const m = useMessages();
  const undo = useEditor((state) => state.undoLabel);
  const redo = useEditor((state) => state.redoLabel);
  return (
    <header className="header">
      <button
        type="button"
        className="brand"
        aria-label={m.header.brand}
        title={m.header.firstPage}
        onClick={() => view.setState({ isHome: true })}
      >
        <Icon name="mark" />
        <span className="brand-name">Palimpsest</span>
      </button>
      {hasSession && <ModeSwitch />}
      {hasSession && <SavedState />}
      <div className="header-right">
        <ModelState />
        {hasSession && (
          <>
            <span className="history-buttons">
              <button
                type="button"
                className="icon-button"
                aria-label={m.header.undo}
                title={`${undo === null ? m.header.undo : m.header.undoOf[undo]} (Ctrl Z)`}
                disabled={undo === null}
                onClick={() => actions.undo()}
              >
                <Icon name="undo" />
              </button>
              <button
                type="button"
                className="icon-button"
                aria-label={m.header.redo}
                title={`${redo === null ? m.header.redo : m.header.redoOf[redo]} (Ctrl Shift Z)`}
                disabled={redo === null}
                onClick={() => actions.redo()}
              >
                <Icon name="redo" />
              </button>
            </span>
            <button
              type="button"
              className="word-button is-edged export-button"
              title={`${m.header.export} (Ctrl Shift E)`}
              onClick={() => view.setState({ dialog: 'export' })}
            >
              <Icon name="export" />
              {m.header.export}
            </button>
          </>
        )}
        <button
          type="button"
          className="icon-button wide-only"
          aria-label={m.keysAndHelp}
          title={`${m.keysAndHelp} (?)`}
          onClick={() => view.setState({ dialog: 'help' })}
        >
          <Icon name="help" />
        </button>
        <MoreMenu hasSession={hasSession} />
      </div>
    </header>
  );
}

/** One picture to be edited, or the branch as a story. */
function ModeSwitch() {
  const page = usePage();
  const { story: m } = useMessages();
  const mode = useView((state) => state.mode);
  const title = useKeyTitle(m.view, 'story');
  return (
    <span className="mode-switch" title={title}>
      <Segments
        label={m.view}
        value={mode}
        options={MODES.map((value) => ({ value, text: m.views[value] }))}
        onChange={(value) => showMode(page, value)}
      />
    </span>
  );
}

function SavedState() {
  const saved = useEditor((state) => state.saved);
  const actions = useActions();
  const m = useMessages();
  if (saved.status === 'failed') {
    return (
      <span className="header-state">
        <button type="button" className="word-button sign-watch" onClick={() => void actions.saveAgain()}>
          <Icon name="warn" />
          {m.header.notStored}
        </button>
      </span>
    );
  }
  return (
    <span className="header-state is-stored">
      <span className="sign-kept">
        <Icon name={saved.status === 'stored' ? 'check' : 'disk'} />
        {saved.status === 'stored' ? m.header.stored : m.header.storing}
      </span>
    </span>
  );
}

function ModelState() {
  const { view } = usePage();
  const m = useMessages();
  const model = useEditor((state) => state.model);
  const isRunning = useEditor((state) => state.run.status === 'running');
  const where =
    model.status === 'ready' && model.info.backend === 'wasm' ? (
      <span className="wide-only">{m.header.onProcessor}</span>
    ) : null;
  const [lamp, words] = ((): readonly [string, string] => {
    switch (model.status) {
      case 'idle':
        return ['', m.header.noModel];
      case 'loading':
        return ['is-busy', model.isRestart ? m.header.startingAgain : m.header.loading];
      case 'failed':
        return ['is-stopped', m.header.stopped];
      case 'ready': {
        const { id } = model.info;
        return isRunning ? ['is-busy', m.header.working(id)] : ['is-ready', m.header.ready(id)];
      }
    }
  })();
  return (
    <button
      type="button"
      className="model-state"
      title={m.whatModelKnows}
      onClick={() => view.setState({ dialog: 'about' })}
    >
      <i className={`lamp ${lamp}`} />
      <span>
        {words}
        {where}
      </span>
    </button>
  );
}

/** A disclosure of plain buttons; it closes with Esc, a choice or a press elsewhere. */
function MoreMenu({ hasSession }: HeaderProps) {
  const page = usePage();
  const { view, offer } = page;
  const { chooseFile, openWords } = useOpen();
  const m = useMessages();
  const theme = useView((state) => state.theme);
  const language = useView((state) => state.language);
  const [isOpen, setIsOpen] = useState(false);
  const wrap = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const listId = useId();
  useEffect(() => {
    if (!isOpen) return;
    const onPress = (event: PointerEvent): void => {
      if (!wrap.current?.contains(event.target as Node)) setIsOpen(false);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      setIsOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', onPress);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', onPress);
      document.removeEventListener('keydown', onKey);
    };
  }, [isOpen]);
  const item = (words: string, does: () => void) => (
    <li>
      <button
        type="button"
        className="menu-item"
        onClick={() => {
          setIsOpen(false);
          does();
        }}
      >
        {words}
      </button>
    </li>
  );
  return (
    <div ref={wrap} className="menu-wrap">
      <button
        ref={button}
        type="button"
        className="icon-button"
        aria-label={m.header.more}
        title={m.header.more}
        aria-expanded={isOpen}
        aria-controls={listId}
        onClick={() => setIsOpen(!isOpen)}
      >
        <Icon name="more" />
      </button>
      <ul id={listId} className="menu" hidden={!isOpen}>
        {canBeginFromWords(offer) && item(m.header.startFromWords, () => void openWords())}
        {item(m.openPicture, () => chooseFile('picture'))}
        {item(m.openSessionFile, () => chooseFile('any'))}
        {hasSession && item(m.saveSessionFile, () => void saveSession(page))}
        {item(m.sessionsHere, () => view.setState({ dialog: 'sessions' }))}
        {item(m.whatModelKnows, () => view.setState({ dialog: 'about' }))}
        {item(m.keysAndHelp, () => view.setState({ dialog: 'help' }))}
        <li className="menu-theme">
          <span className="quiet small">{m.header.theme}</span>
          <Segments
            label={m.header.theme}
            value={theme}
            options={THEMES.map((value) => ({ value, text: m.header.themes[value] }))}
            onChange={(value) => view.setState({ theme: value })}
          />
        </li>
        <li className="menu-theme">
          <span className="quiet small">{m.header.language}</span>
          <Segments
            label={m.header.language}
            value={language}
            options={LANGUAGES}
            onChange={(value) => view.setState({ language: value })}
          />
        </li>
      </ul>
    </div>
  );
}
