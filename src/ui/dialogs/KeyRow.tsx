import { useState, type KeyboardEvent } from 'react';

import { keyOf, rebind, takenBy } from '../keymap.ts';
import { useMessages } from '../messages/useMessages.ts';
import { usePage } from '../page.ts';
import { keyText, type Key, type KeyPress, type Shortcut } from '../shortcuts.ts';
import { isMac } from '../useKeyText.ts';
import { speak } from '../view.ts';

interface KeyRowProps {
  readonly shortcut: Shortcut;
  readonly keys: readonly Key[];
}

type Asking =
  | { readonly kind: 'no' }
  | { readonly kind: 'press'; readonly isReserved: boolean }
  | { readonly kind: 'taken'; readonly by: Shortcut; readonly key: Key; readonly press: KeyPress };

const PRESS = { kind: 'press', isReserved: false } as const;

/** A command with its keys, which are changed by pressing on them and then the new one. */
export function KeyRow({ shortcut, keys }: KeyRowProps) {
  const { view } = usePage();
  const [asking, setAsking] = useState<Asking>({ kind: 'no' });
  const { keys: m } = useMessages();
  const { command } = shortcut;
  const does = m.commands[command];

  const give = (key: Key, press: KeyPress): void => {
    view.setState(({ keymap }) => ({ keymap: rebind(keymap, command, key, press) }));
    setAsking({ kind: 'no' });
    speak(view, m.isNow(does, keyText(key, isMac)));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (asking.kind !== 'press' || event.key === 'Tab') return;
    event.preventDefault();
    event.stopPropagation();
    const press = event.nativeEvent;
    const key = keyOf(press);
    if (event.key === 'Escape') setAsking({ kind: 'no' });
    else if (key === 'reserved') setAsking({ kind: 'press', isReserved: true });
    else if (key !== null) {
      const by = takenBy(press, view.getState().keymap, command);
      if (by === null) give(key, press);
      else setAsking({ kind: 'taken', by, key, press: pick(press) });
    }
  };
  const hint = asking.kind === 'press' ? (asking.isReserved ? m.isReserved : m.pressKey) : null;
  const shown = keys.map((key) => keyText(key, isMac)).join(', ');
  return (
    <div>
      <dt>{does}</dt>
      <dd>
        {asking.kind === 'taken' ? (
          <span className="key-taken" role="alert">
            {m.isTaken(keyText(asking.key, isMac), m.commands[asking.by.command])}
            <button type="button" className="word-button" onClick={() => give(asking.key, asking.press)}>
              {m.takeIt}
            </button>
            <button type="button" className="word-button" onClick={() => setAsking({ kind: 'no' })}>
              {m.leaveIt}
            </button>
          </span>
        ) : (
          <button
            type="button"
            className="key-button"
            aria-label={m.keysOf(does, hint ?? (shown || m.noKey))}
            title={m.changeKey}
            onClick={() => setAsking(PRESS)}
            onBlur={() => setAsking({ kind: 'no' })}
            onKeyDown={onKeyDown}
          >
            <kbd>{hint ?? (shown || m.none)}</kbd>
          </button>
        )}
      </dd>
    </div>
  );
}

/** The parts that count, for the browser may use the event again. */
function pick(press: KeyPress): KeyPress {
  const { key, code, ctrlKey, metaKey, shiftKey, altKey, isComposing, keyCode } = press;
  return { key, code, ctrlKey, metaKey, shiftKey, altKey, isComposing, keyCode };
}
