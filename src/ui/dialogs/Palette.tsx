import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';

import { isCommandOffered, runCommand } from '../commands.ts';
import { keysOf } from '../keymap.ts';
import { en, type Messages } from '../messages/en.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useOpen } from '../open.ts';
import { usePage, useView, type Page } from '../page.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { isComposing, keyText, SHORTCUTS, type Command, type Shortcut } from '../shortcuts.ts';
import { isMac } from '../useKeyText.ts';
import { speak } from '../view.ts';

/** These are keys of their own and nothing to choose. */
const HIDDEN: ReadonlySet<Command> = new Set<Command>(['palette', 'cancel', 'hold-hand']);

/** Commands whose names hold every word that is being typed, in the language of the page or in English. */
function findCommands(words: string, keys: Messages['keys'], page: Page): readonly Shortcut[] {
  const parts = words.toLowerCase().split(/\s+/);
  return SHORTCUTS.filter(({ command }) => {
    if (HIDDEN.has(command) || !isCommandOffered(page, command)) return false;
    const name = [keys, en.keys].map(({ commands }) => commands[command].toLowerCase()).join(' ');
    return parts.every((part) => name.includes(part));
  });
}

/** All commands by name, for those who do not know the key. */
export function Palette() {
  const page = usePage();
  const open = useOpen();
  const { view } = page;
  const { keys: m } = useMessages();
  const keymap = useView((state) => state.keymap);
  const [words, setWords] = useState('');
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const field = useRef<HTMLInputElement>(null);
  // The dialog puts the focus on its first button when it opens.
  useEffect(() => field.current?.focus(), []);
  const found = useMemo(() => findCommands(words, m, page), [words, m, page]);
  const at = Math.min(chosen, found.length - 1);
  const close = (): void => view.setState({ dialog: null });
  const run = (shortcut: Shortcut | undefined): void => {
    if (shortcut === undefined) return;
    close();
    if (!runCommand(page, open, shortcut.command)) speak(view, m.nothingToDo(m.commands[shortcut.command]));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isComposing(event.nativeEvent)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setChosen((at + step + found.length) % Math.max(found.length, 1));
    else if (event.key === 'Enter') run(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={m.commands.palette} onClose={close}>
      <input
        ref={field}
        className="text-input palette-words"
        type="text"
        role="combobox"
        aria-label={m.command}
        aria-expanded="true"
        aria-autocomplete="list"
        aria-controls={listId}
        aria-activedescendant={found.length > 0 ? `${listId}-${at}` : undefined}
        placeholder={m.typeCommand}
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={listId} className="palette-list" role="listbox" aria-label={m.allCommands}>
        {found.map((shortcut, index) => {
          const [key] = keysOf(keymap, shortcut);
          return (
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the field above takes the keys
            <div
              key={shortcut.command}
              id={`${listId}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              ref={(item) => {
                if (index === at) item?.scrollIntoView?.({ block: 'nearest' });
              }}
              onClick={() => run(shortcut)}
            >
              <span>{m.commands[shortcut.command]}</span>
              {key !== undefined && <kbd>{keyText(key, isMac)}</kbd>}
            </div>
          );
        })}
      </div>
      {found.length === 0 && <p className="quiet">{m.noCommand(words)}</p>}
    </Dialog>
  );
}
