import { isCommandOffered } from '../commands.ts';
import { keysOf, STANDARD_KEYS } from '../keymap.ts';
import { useMessages } from '../messages/useMessages.ts';
import { usePage, useView } from '../page.ts';
import { CopyReport } from '../parts/CopyReport.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { Segments } from '../parts/Segments.tsx';
import { WHEEL_DEVICES } from '../settings.ts';
import { GROUPS, SHORTCUTS } from '../shortcuts.ts';
import { isMac } from '../useKeyText.ts';
import { KeyRow } from './KeyRow.tsx';

export function HelpDialog() {
  const page = usePage();
  const { view } = page;
  const { keysAndHelp, keys: m } = useMessages();
  const keymap = useView((state) => state.keymap);
  const offered = SHORTCUTS.filter(({ command }) => isCommandOffered(page, command));
  return (
    <Dialog title={keysAndHelp} onClose={() => view.setState({ dialog: null })}>
      <p className="dialog-lead">{m.lead}</p>
      <Input />
      <div className="help-groups">
        {GROUPS.map((group) => (
          <section key={group} aria-label={m.groups[group]}>
            <h3>{m.groups[group]}</h3>
            <dl className="help-keys">
              {Object.values(m.fixed[group]).map(([does, keys]) => (
                <div key={does}>
                  <dt>{does}</dt>
                  <dd>
                    <kbd>{isMac ? keys.replace('Ctrl', '⌘').replace('Alt', '⌥') : keys}</kbd>
                  </dd>
                </div>
              ))}
              {offered
                .filter((shortcut) => shortcut.group === group)
                .map((shortcut) => (
                  <KeyRow key={shortcut.command} shortcut={shortcut} keys={keysOf(keymap, shortcut)} />
                ))}
            </dl>
          </section>
        ))}
      </div>
      <CopyReport failure={null} />
    </Dialog>
  );
}

/** How this person points and types. */
function Input() {
  const { view } = usePage();
  const { keys: m } = useMessages();
  const wheel = useView((state) => state.wheel);
  const keymap = useView((state) => state.keymap);
  const isStandard = Object.keys(keymap.changed).length === 0;
  return (
    <div className="help-input">
      <div className="field-line" title={m.wheelTitle}>
        <span aria-hidden="true">{m.wheel}</span>
        <Segments
          label={m.wheel}
          value={wheel}
          options={WHEEL_DEVICES.map((value) => ({ value, text: m.wheels[value] }))}
          onChange={(value) => view.setState({ wheel: value })}
        />
      </div>
      <label className="choice">
        <input
          type="checkbox"
          checked={keymap.hasSingleKeys}
          onChange={(event) => view.setState({ keymap: { ...keymap, hasSingleKeys: event.target.checked } })}
        />
        <span>{m.singleKeys}</span>
      </label>
      <button
        type="button"
        className="word-button is-edged"
        disabled={isStandard}
        onClick={() => view.setState({ keymap: { ...keymap, changed: STANDARD_KEYS.changed } })}
      >
        {m.standardKeys}
      </button>
    </div>
  );
}
