import { usePage } from '../page.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { SHORTCUTS, shortcutText } from '../shortcuts.ts';

const GROUPS = ['Writing', 'Region', 'Looking', 'Turns', 'Files'] as const;

const FIXED: Readonly<Record<(typeof GROUPS)[number], readonly (readonly [string, string])[]>> = {
  Writing: [
    ['Make the edit', 'Ctrl ↵'],
    ['Earlier words', 'Alt Up'],
    ['Newer words', 'Alt Down'],
  ],
  Region: [
    ['Straight line from the last stroke', 'Shift click'],
    ['Erase', 'Right button'],
    ['Move the rectangle 1 px, 10 px', 'Arrows, Shift'],
    ['Add the rectangle', 'Enter'],
  ],
  Looking: [
    ['Zoom', 'Ctrl wheel'],
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

export function HelpDialog() {
  const { view } = usePage();
  const isMac = /mac|iphone|ipad/i.test(navigator.userAgent);
  return (
    <Dialog title="Keys and help" onClose={() => view.setState({ dialog: null })}>
      <p className="dialog-lead">
        Write what should change and make the edit. Draw on the picture to change only a region: white stripes
        will change, everything else stays byte for byte. Go back to any turn and write again to begin a
        branch.
      </p>
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
                <div key={shortcutText(shortcut, isMac)}>
                  <dt>{shortcut.does}</dt>
                  <dd>
                    <kbd>{shortcutText(shortcut, isMac)}</kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p className="quiet small">Single letters work while no field has the focus.</p>
    </Dialog>
  );
}
