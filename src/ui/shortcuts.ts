/** The commands of the page and their keys: one table that the keyboard, the help sheet and the palette follow. */

/** A command under this name alone may be written to disk, so names stay. */
export type Command =
  | 'move'
  | 'brush'
  | 'eraser'
  | 'lasso'
  | 'rectangle'
  | 'hand'
  | 'hold-hand'
  | 'zoom'
  | 'compare'
  | 'compare-mode'
  | 'swap-tool'
  | 'reset-tool'
  | 'smaller'
  | 'larger'
  | 'softer'
  | 'harder'
  | 'invert'
  | 'grow'
  | 'shrink'
  | 'feather'
  | 'clear'
  | 'toggle-region'
  | 'undo'
  | 'redo'
  | 'fit'
  | 'actual-size'
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
  | 'palette'
  | 'cancel'
  | 'write';

export interface Key {
  /** In lower case, as `event.key` gives it, or a `code` where layouts differ. */
  readonly key: string;
  readonly shown: string;
  readonly ctrl?: true;
  readonly shift?: true;
  readonly alt?: true;
}

export const GROUPS = ['Writing', 'Region', 'Looking', 'Turns', 'Files'] as const;

export interface Shortcut {
  readonly command: Command;
  readonly group: (typeof GROUPS)[number];
  readonly does: string;
  readonly keys: readonly Key[];
  /** Works in a field too. */
  readonly inFields?: true;
  /** Means this only while comparing; the key may mean something else elsewhere. */
  readonly whileComparing?: true;
}

const key = (shown: string, modifiers: Omit<Key, 'key' | 'shown'> = {}, name = shown.toLowerCase()): Key => ({
  key: name,
  shown,
  ...modifiers,
});

const CTRL = { ctrl: true } as const;
const ALT = { alt: true } as const;
const SHIFT = { shift: true } as const;

export const SHORTCUTS: readonly Shortcut[] = [
  { command: 'write', group: 'Writing', does: 'Go to the line being written', keys: [key('/')] },
  {
    command: 'cancel',
    group: 'Writing',
    does: 'Close, stop the stroke, cancel the edit',
    keys: [key('Esc', {}, 'escape')],
    inFields: true,
  },
  { command: 'move', group: 'Region', does: 'Move the region', keys: [key('V')] },
  { command: 'brush', group: 'Region', does: 'Brush', keys: [key('B')] },
  { command: 'eraser', group: 'Region', does: 'Eraser', keys: [key('E')] },
  { command: 'swap-tool', group: 'Region', does: 'Swap brush and eraser', keys: [key('X')] },
  { command: 'lasso', group: 'Region', does: 'Lasso', keys: [key('L')] },
  { command: 'rectangle', group: 'Region', does: 'Rectangle', keys: [key('M')] },
  { command: 'reset-tool', group: 'Region', does: 'Standard brush and overlay', keys: [key('D')] },
  { command: 'smaller', group: 'Region', does: 'Smaller brush', keys: [key('[', {}, 'BracketLeft')] },
  { command: 'larger', group: 'Region', does: 'Larger brush', keys: [key(']', {}, 'BracketRight')] },
  { command: 'harder', group: 'Region', does: 'Harder edge', keys: [key('[', SHIFT, 'BracketLeft')] },
  { command: 'softer', group: 'Region', does: 'Softer edge', keys: [key(']', SHIFT, 'BracketRight')] },
  {
    command: 'invert',
    group: 'Region',
    does: 'Invert the region',
    keys: [key('I', { ctrl: true, shift: true })],
  },
  { command: 'grow', group: 'Region', does: 'Grow the region', keys: [] },
  { command: 'shrink', group: 'Region', does: 'Shrink the region', keys: [] },
  { command: 'feather', group: 'Region', does: 'Feather the region', keys: [] },
  {
    command: 'clear',
    group: 'Region',
    does: 'Clear the region',
    keys: [key('Del', {}, 'delete'), key('C', SHIFT)],
  },
  { command: 'toggle-region', group: 'Region', does: 'Hide or show the region', keys: [key('Q'), key('\\')] },
  { command: 'hand', group: 'Looking', does: 'Hand', keys: [key('H')] },
  { command: 'hold-hand', group: 'Looking', does: 'Hand while held', keys: [key('Space', {}, ' ')] },
  { command: 'zoom', group: 'Looking', does: 'Zoom; with Alt out', keys: [key('Z')] },
  { command: 'compare', group: 'Looking', does: 'Compare; hold to see the picture before', keys: [key('C')] },
  {
    command: 'compare-mode',
    group: 'Looking',
    does: 'Next way to compare, while comparing',
    keys: [key('M')],
    whileComparing: true,
  },
  { command: 'swap-sides', group: 'Looking', does: 'Swap the compared sides', keys: [key('C', ALT, 'KeyC')] },
  { command: 'fit', group: 'Looking', does: 'Fit the picture', keys: [key('0', CTRL)] },
  { command: 'actual-size', group: 'Looking', does: 'Picture at 100 %', keys: [key('1', CTRL)] },
  { command: 'zoom-in', group: 'Looking', does: 'Zoom in', keys: [key('+', CTRL), key('=', CTRL)] },
  { command: 'zoom-out', group: 'Looking', does: 'Zoom out', keys: [key('−', CTRL, '-')] },
  { command: 'parent', group: 'Turns', does: 'Turn before', keys: [key('Left', ALT, 'arrowleft')] },
  { command: 'child', group: 'Turns', does: 'Turn after', keys: [key('Right', ALT, 'arrowright')] },
  { command: 'sibling-before', group: 'Turns', does: 'Branch before', keys: [key('Up', ALT, 'arrowup')] },
  { command: 'sibling-after', group: 'Turns', does: 'Branch after', keys: [key('Down', ALT, 'arrowdown')] },
  { command: 'undo', group: 'Turns', does: 'Undo', keys: [key('Z', CTRL)] },
  {
    command: 'redo',
    group: 'Turns',
    does: 'Redo',
    keys: [key('Z', { ctrl: true, shift: true }), key('Y', CTRL)],
  },
  {
    command: 'open',
    group: 'Files',
    does: 'Open a picture or a session file',
    keys: [key('O', CTRL)],
    inFields: true,
  },
  { command: 'save', group: 'Files', does: 'Save a session file', keys: [key('S', CTRL)], inFields: true },
  {
    command: 'export',
    group: 'Files',
    does: 'Export',
    keys: [key('E', { ctrl: true, shift: true })],
    inFields: true,
  },
  { command: 'palette', group: 'Files', does: 'All commands', keys: [key('K', CTRL)], inFields: true },
  { command: 'help', group: 'Files', does: 'Keys and help', keys: [key('?')] },
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

/** Letters follow the layout, brackets and Alt their place. */
export function matches(press: KeyPress, { key: name, ctrl, shift, alt }: Key): boolean {
  const pressed = press.key.toLowerCase();
  if (name !== pressed && name !== press.code) return false;
  const hasCtrl = press.ctrlKey || press.metaKey;
  // A sign such as ? or / needs Shift on some layouts and not on others.
  const isSign = name === pressed && name.length === 1 && name.toUpperCase() === name && name !== ' ';
  const isShiftRight = press.shiftKey === (shift ?? false) || isSign;
  return isShiftRight && hasCtrl === (ctrl ?? false) && press.altKey === (alt ?? false);
}

/** How a key reads on this machine. */
export function keyText(at: Key, isMac: boolean): string {
  const parts = [
    at.ctrl ? (isMac ? '⌘' : 'Ctrl') : '',
    at.alt ? (isMac ? '⌥' : 'Alt') : '',
    at.shift ? 'Shift' : '',
    at.shown,
  ];
  return parts.filter((part) => part !== '').join(' ');
}
