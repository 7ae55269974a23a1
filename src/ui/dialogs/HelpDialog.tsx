import type { WheelDevice } from '../canvas/wheel.ts';
import { keysOf, STANDARD_KEYS } from '../keymap.ts';
import { usePage, useView } from '../page.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Segments } from '../parts/Segments.tsx';
import { WHEEL_DEVICES } from '../settings.ts';
import { GROUPS, SHORTCUTS } from '../shortcuts.ts';
import { isMac } from '../useKeyText.ts';
import { KeyRow } from './KeyRow.tsx';

/** What is done with the pointer or by the part that has the focus, and so cannot be given another key. */
const FIXED: Readonly<Record<(typeof GROUPS)[number], readonly (readonly [string, string])[]>> = {
  Writing: [
    ['Make the edit', 'Ctrl ↵'],
    ['Earlier words', 'Alt Up'],
    ['Newer words', 'Alt Down'],
  ],
  Region: [
    ['Straight line from the last stroke', 'Shift click'],
    ['Erase', 'Right button, Alt'],
    ['Move the brush or rectangle 1 px, 10 px', 'Arrows, Shift'],
    ['Draw with it there; a straight line', 'Enter, Shift ↵'],
  ],
  Looking: [
    ['Pan and zoom by touch', 'Two fingers'],
    ['Earlier pictures, on the edges below', 'Up, Down'],
  ],
  Turns: [
    ['Walk, fold, unfold', 'Arrows'],
    ['Reword the turn', 'F2'],
    ['Delete the turn', 'Del'],
  ],
  Files: [['Paste a picture', 'Ctrl V']],
};

const WHEEL_WORDS: Readonly<Record<WheelDevice, string>> = {
  auto: 'Automatic',
  mouse: 'Mouse',
  trackpad: 'Trackpad',
};

export function HelpDialog() {
  const { view } = usePage();
  const keymap = useView((state) => state.keymap);
  return (
    <Dialog title="Keys and help" onClose={() => view.setState({ dialog: null })}>
      <p className="dialog-lead">
        Write what should change and make the edit. Draw on the picture to change only a region: what is
        striped will change, everything else stays byte for byte. Go back to any turn and write again to begin
        a branch.
      </p>
      <Input />
      <div className="help-groups">
        {GROUPS.map((group) => (
          <section key={group} aria-label={group}>
            <h3>{group}</h3>
            <dl className="help-keys">
              {FIXED[group].map(([does, keys]) => (
                <div key={does}>
                  <dt>{does}</dt>
                  <dd>
                    <kbd>{isMac ? keys.replace('Ctrl', '⌘').replace('Alt', '⌥') : keys}</kbd>
                  </dd>
                </div>
              ))}
              {SHORTCUTS.filter((shortcut) => shortcut.group === group).map((shortcut) => (
                <KeyRow key={shortcut.command} shortcut={shortcut} keys={keysOf(keymap, shortcut)} />
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

/** How this person points and types. */
function Input() {
  const { view } = usePage();
  const wheel = useView((state) => state.wheel);
  const keymap = useView((state) => state.keymap);
  const isStandard = Object.keys(keymap.changed).length === 0;
  return (
    <div className="help-input">
      <div className="field-line" title="A mouse zooms with its wheel; a trackpad pans and pinches">
        <span aria-hidden="true">Wheel</span>
        <Segments
          label="Wheel"
          value={wheel}
          options={WHEEL_DEVICES.map((value) => ({ value, text: WHEEL_WORDS[value] }))}
          onChange={(value) => view.setState({ wheel: value })}
        />
      </div>
      <label className="choice">
        <input
          type="checkbox"
          checked={keymap.hasSingleKeys}
          onChange={(event) => view.setState({ keymap: { ...keymap, hasSingleKeys: event.target.checked } })}
        />
        <span>Single keys, while no field has the focus</span>
      </label>
      <button
        type="button"
        className="word-button is-edged"
        disabled={isStandard}
        onClick={() => view.setState({ keymap: { ...keymap, changed: STANDARD_KEYS.changed } })}
      >
        Standard keys
      </button>
    </div>
  );
}
