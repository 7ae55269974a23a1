/** The keys of the page: one table that the help sheet shows and the keyboard follows. */

export type Command =
  | 'brush'
  | 'eraser'
  | 'rectangle'
  | 'hand'
  | 'compare'
  | 'swap-tool'
  | 'smaller'
  | 'larger'
  | 'invert'
  | 'clear'
  | 'toggle-region'
  | 'undo'
  | 'redo'
  | 'fit'
  | 'zoom-in'
  | 'zoom-out'
  | 'parent'
  | 'child'
  | 'sibling-before'
  | 'sibling-after'
  | 'swap-sides'
  | 'open'
  | 'save'
  | 'export'
  | 'help'
  | 'cancel'
  | 'write';

interface Shortcut {
  readonly command: Command;
  readonly group: 'Writing' | 'Region' | 'Looking' | 'Turns' | 'Files';
  readonly does: string;
  /** Key in lower case, as `event.key` gives it, or a `code` where layouts differ. */
  readonly key: string;
  readonly shown: string;
  readonly ctrl?: true;
  readonly shift?: true;
  readonly alt?: true;
  /** Works in a field too. */
  readonly inFields?: true;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { command: 'write', group: 'Writing', does: 'Go to the line being written', key: '/', shown: '/' },
  {
    command: 'cancel',
    group: 'Writing',
    does: 'Close, stop the stroke, cancel the edit',
    key: 'escape',
    shown: 'Esc',
    inFields: true,
  },
  { command: 'brush', group: 'Region', does: 'Brush', key: 'b', shown: 'B' },
  { command: 'eraser', group: 'Region', does: 'Eraser', key: 'e', shown: 'E' },
  { command: 'swap-tool', group: 'Region', does: 'Swap brush and eraser', key: 'x', shown: 'X' },
  { command: 'rectangle', group: 'Region', does: 'Rectangle', key: 'm', shown: 'M' },
  { command: 'smaller', group: 'Region', does: 'Smaller brush', key: 'BracketLeft', shown: '[' },
  { command: 'larger', group: 'Region', does: 'Larger brush', key: 'BracketRight', shown: ']' },
  {
    command: 'invert',
    group: 'Region',
    does: 'Invert the region',
    key: 'i',
    shown: 'I',
    ctrl: true,
    shift: true,
  },
  { command: 'clear', group: 'Region', does: 'Clear the region', key: 'c', shown: 'C', shift: true },
  { command: 'toggle-region', group: 'Region', does: 'Hide or show the region', key: 'q', shown: 'Q' },
  { command: 'hand', group: 'Looking', does: 'Hand; or hold Space', key: 'h', shown: 'H' },
  {
    command: 'compare',
    group: 'Looking',
    does: 'Compare; hold to see the picture before',
    key: 'c',
    shown: 'C',
  },
  {
    command: 'swap-sides',
    group: 'Looking',
    does: 'Swap the compared sides',
    key: 'KeyC',
    shown: 'C',
    alt: true,
  },
  { command: 'fit', group: 'Looking', does: 'Fit the picture', key: '0', shown: '0', ctrl: true },
  { command: 'zoom-in', group: 'Looking', does: 'Zoom in', key: '=', shown: '+', ctrl: true },
  { command: 'zoom-out', group: 'Looking', does: 'Zoom out', key: '-', shown: '−', ctrl: true },
  { command: 'parent', group: 'Turns', does: 'Turn before', key: 'arrowleft', shown: 'Left', alt: true },
  { command: 'child', group: 'Turns', does: 'Turn after', key: 'arrowright', shown: 'Right', alt: true },
  {
    command: 'sibling-before',
    group: 'Turns',
    does: 'Branch before',
    key: 'arrowup',
    shown: 'Up',
    alt: true,
  },
  {
    command: 'sibling-after',
    group: 'Turns',
    does: 'Branch after',
    key: 'arrowdown',
    shown: 'Down',
    alt: true,
  },
  { command: 'undo', group: 'Turns', does: 'Undo', key: 'z', shown: 'Z', ctrl: true },
  { command: 'redo', group: 'Turns', does: 'Redo', key: 'z', shown: 'Z', ctrl: true, shift: true },
  { command: 'redo', group: 'Turns', does: 'Redo', key: 'y', shown: 'Y', ctrl: true },
  {
    command: 'open',
    group: 'Files',
    does: 'Open a picture or a session file',
    key: 'o',
    shown: 'O',
    ctrl: true,
    inFields: true,
  },
  {
    command: 'save',
    group: 'Files',
    does: 'Save a session file',
    key: 's',
    shown: 'S',
    ctrl: true,
    inFields: true,
  },
  {
    command: 'export',
    group: 'Files',
    does: 'Export',
    key: 'e',
    shown: 'E',
    ctrl: true,
    shift: true,
    inFields: true,
  },
  { command: 'help', group: 'Files', does: 'Keys and help', key: '?', shown: '?' },
];

/** The parts of a keyboard event that count. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly isComposing: boolean;
  readonly keyCode: number;
}

/** True while an input method is composing; some browsers report only key code 229. */
export function isComposing(press: KeyPress): boolean {
  return press.isComposing || press.keyCode === 229;
}

/** The command of a key press, or null. Letters follow the layout, brackets and Alt their place. */
export function commandOf(press: KeyPress, isInField: boolean): Command | null {
  if (isComposing(press)) return null;
  const key = press.key.toLowerCase();
  const hasCtrl = press.ctrlKey || press.metaKey;
  const found = SHORTCUTS.find((shortcut) => {
    if (isInField && shortcut.inFields !== true) return false;
    if (shortcut.key !== key && shortcut.key !== press.code) return false;
    // A sign such as ? or / needs Shift on some layouts and not on others.
    const isSign = key.length === 1 && key.toUpperCase() === key && !hasCtrl;
    const isShiftRight = press.shiftKey === (shortcut.shift ?? false) || isSign;
    return isShiftRight && hasCtrl === (shortcut.ctrl ?? false) && press.altKey === (shortcut.alt ?? false);
  });
  if (found !== undefined) return found.command;
  return hasCtrl && key === '+' ? 'zoom-in' : null;
}

/** How a shortcut reads on this machine. */
export function shortcutText(shortcut: Shortcut, isMac: boolean): string {
  const parts = [
    shortcut.ctrl ? (isMac ? '⌘' : 'Ctrl') : '',
    shortcut.alt ? (isMac ? '⌥' : 'Alt') : '',
    shortcut.shift ? 'Shift' : '',
    shortcut.shown,
  ];
  return parts.filter((part) => part !== '').join(' ');
}
