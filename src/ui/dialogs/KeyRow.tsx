import { useState, type KeyboardEvent } from 'react';

import { keyOf, rebind, takenBy } from '../keymap.ts';
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
  | { readonly kind: 'press'; readonly hint: string }
  | { readonly kind: 'taken'; readonly by: Shortcut; readonly key: Key; readonly press: KeyPress };

const PRESS = { kind: 'press', hint: 'Press a key' } as const;

/** A command with its keys, which are changed by pressing on them and then the new one. */
export function KeyRow({ shortcut, keys }: KeyRowProps) {
  const { view } = usePage();
  const [asking, setAsking] = useState<Asking>({ kind: 'no' });
  const { command, does } = shortcut;

  const give = (key: Key, press: KeyPress): void => {
    view.setState(({ keymap }) => ({ keymap: rebind(keymap, command, key, press) }));
    setAsking({ kind: 'no' });
    speak(view, `${does}: ${keyText(key, isMac)}.`);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (asking.kind !== 'press' || event.key === 'Tab') return;
    event.preventDefault();
    event.stopPropagation();
    const press = event.nativeEvent;
    const key = keyOf(press);
    if (event.key === 'Escape') setAsking({ kind: 'no' });
    else if (key === 'reserved') setAsking({ kind: 'press', hint: 'This key has a fixed meaning' });
    else if (key !== null) {
      const by = takenBy(press, view.getState().keymap, command);
      if (by === null) give(key, press);
      else setAsking({ kind: 'taken', by, key, press: pick(press) });
    }
  };
  const shown = keys.map((key) => keyText(key, isMac)).join(', ');
  return (
    <div>
      <dt>{does}</dt>
      <dd>
        {asking.kind === 'taken' ? (
          <span className="key-taken" role="alert">
            {`${keyText(asking.key, isMac)} is “${asking.by.does}”. `}
            <button type="button" className="word-button" onClick={() => give(asking.key, asking.press)}>
              Take it
            </button>
            <button type="button" className="word-button" onClick={() => setAsking({ kind: 'no' })}>
              Leave it
            </button>
          </span>
        ) : (
          <button
            type="button"
            className="key-button"
            aria-label={`${does}: ${asking.kind === 'press' ? asking.hint : shown || 'no key'}`}
            title="Change the key"
            onClick={() => setAsking(PRESS)}
            onBlur={() => setAsking({ kind: 'no' })}
            onKeyDown={onKeyDown}
          >
            <kbd>{asking.kind === 'press' ? asking.hint : shown || 'none'}</kbd>
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
