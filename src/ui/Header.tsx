import { useEffect, useId, useRef, useState } from 'react';

import { canBeginFromWords } from './abilities.ts';
import { saveSession } from './keep.ts';
import { useOpen } from './open.ts';
import { useActions, useEditor, usePage, useView } from './page.ts';
import { Icon } from './parts/Icon.tsx';
import { Segments } from './parts/Segments.tsx';
import type { Theme } from './view.ts';
import { undoTitle } from './words.ts';

const THEMES: readonly { readonly value: Theme; readonly text: string }[] = [
  { value: 'system', text: 'System' },
  { value: 'light', text: 'Light' },
  { value: 'dark', text: 'Dark' },
];

interface HeaderProps {
  readonly hasSession: boolean;
}

export function Header({ hasSession }: HeaderProps) {
  const { view } = usePage();
  const actions = useActions();
  const undo = useEditor((state) => state.undoLabel);
  const redo = useEditor((state) => state.redoLabel);
  return (
    <header className="header">
      <button
        type="button"
        className="brand"
        aria-label="Palimpsest, first page"
        title="First page"
        onClick={() => view.setState({ isHome: true })}
      >
        <Icon name="mark" />
        <span className="brand-name">Palimpsest</span>
      </button>
      {hasSession && <SavedState />}
      <div className="header-right">
        <ModelState />
        {hasSession && (
          <>
            <span className="history-buttons">
              <button
                type="button"
                className="icon-button"
                aria-label="Undo"
                title={`${undoTitle('Undo', undo)} (Ctrl Z)`}
                disabled={undo === null}
                onClick={() => actions.undo()}
              >
                <Icon name="undo" />
              </button>
              <button
                type="button"
                className="icon-button"
                aria-label="Redo"
                title={`${undoTitle('Redo', redo)} (Ctrl Shift Z)`}
                disabled={redo === null}
                onClick={() => actions.redo()}
              >
                <Icon name="redo" />
              </button>
            </span>
            <button
              type="button"
              className="word-button is-edged export-button"
              title="Export (Ctrl Shift E)"
              onClick={() => view.setState({ dialog: 'export' })}
            >
              <Icon name="export" />
              Export
            </button>
          </>
        )}
        <button
          type="button"
          className="icon-button wide-only"
          aria-label="Keys and help"
          title="Keys and help (?)"
          onClick={() => view.setState({ dialog: 'help' })}
        >
          <Icon name="help" />
        </button>
        <MoreMenu hasSession={hasSession} />
      </div>
    </header>
  );
}

function SavedState() {
  const saved = useEditor((state) => state.saved);
  const actions = useActions();
  if (saved.status === 'failed') {
    return (
      <span className="header-state">
        <button type="button" className="word-button sign-watch" onClick={() => void actions.saveAgain()}>
          <Icon name="warn" />
          Not stored; try again
        </button>
      </span>
    );
  }
  return (
    <span className="header-state is-stored">
      <span className="sign-kept">
        <Icon name={saved.status === 'stored' ? 'check' : 'disk'} />
        {saved.status === 'stored' ? 'Stored on this device' : 'Storing'}
      </span>
    </span>
  );
}

function ModelState() {
  const { view } = usePage();
  const model = useEditor((state) => state.model);
  const isRunning = useEditor((state) => state.run.status === 'running');
  const where =
    model.status === 'ready' && model.info.backend === 'wasm' ? (
      <span className="wide-only"> on the processor</span>
    ) : null;
  const [lamp, words] = ((): readonly [string, string] => {
    switch (model.status) {
      case 'idle':
        return ['', 'No model yet'];
      case 'loading':
        return ['is-busy', model.isRestart ? 'Starting again' : 'Loading the model'];
      case 'failed':
        return ['is-stopped', 'Model stopped'];
      case 'ready': {
        const { id } = model.info;
        return isRunning ? ['is-busy', `${id}, working`] : ['is-ready', `${id}, ready`];
      }
    }
  })();
  return (
    <button
      type="button"
      className="model-state"
      title="What the model knows"
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
  const theme = useView((state) => state.theme);
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
        aria-label="More"
        title="More"
        aria-expanded={isOpen}
        aria-controls={listId}
        onClick={() => setIsOpen(!isOpen)}
      >
        <Icon name="more" />
      </button>
      <ul id={listId} className="menu" hidden={!isOpen}>
        {canBeginFromWords(offer) && item('Start from words', () => void openWords())}
        {item('Open a picture', () => chooseFile('picture'))}
        {item('Open a session file', () => chooseFile('any'))}
        {hasSession && item('Save a session file', () => void saveSession(page))}
        {item('Sessions on this device', () => view.setState({ dialog: 'sessions' }))}
        {item('What the model knows', () => view.setState({ dialog: 'about' }))}
        {item('Keys and help', () => view.setState({ dialog: 'help' }))}
        <li className="menu-theme">
          <span className="quiet small">Theme</span>
          <Segments
            label="Theme"
            value={theme}
            options={THEMES}
            onChange={(value) => view.setState({ theme: value })}
          />
        </li>
      </ul>
    </div>
  );
}
