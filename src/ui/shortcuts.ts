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
  | 'find'
  | 'whole'
  | 'invert'
  | 'grow'
  | 'shrink'
  | 'feather'
  | 'clear'
  | 'toggle-region'
  | 'turn-region'
  | 'search'
  | 'stop'
  | 'clear-queue'
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
  | 'story'
  | 'play'
  | 'step-back'
  | 'step-on'
  | 'first-shot'
  | 'last-shot'
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

export const GROUPS = ['writing', 'region', 'looking', 'story', 'turns', 'files'] as const;

export interface Shortcut {
  readonly command: Command;
  readonly group: (typeof GROUPS)[number];
  readonly keys: readonly Key[];
  /** Works in a field too. */
  readonly inFields?: true;
  /** Means this only while comparing; the key may mean something else elsewhere. */
  readonly whileComparing?: true;
  /** The same of the story. */
  readonly inStory?: true;
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
  { command: 'write', group: 'writing', keys: [key('/')] },
  {
    command: 'cancel',
    group: 'writing',

    keys: [key('Esc', {}, 'escape')],
    inFields: true,
  },
  { command: 'move', group: 'region', keys: [key('V')] },
  { command: 'brush', group: 'region', keys: [key('B')] },
  { command: 'eraser', group: 'region', keys: [key('E')] },
  { command: 'swap-tool', group: 'region', keys: [key('X')] },
  { command: 'lasso', group: 'region', keys: [key('L')] },
  { command: 'rectangle', group: 'region', keys: [key('M')] },
  { command: 'find', group: 'region', keys: [key('W')] },
  { command: 'reset-tool', group: 'region', keys: [key('D')] },
  { command: 'smaller', group: 'region', keys: [key('[', {}, 'BracketLeft')] },
  { command: 'larger', group: 'region', keys: [key(']', {}, 'BracketRight')] },
  { command: 'harder', group: 'region', keys: [key('[', SHIFT, 'BracketLeft')] },
  { command: 'softer', group: 'region', keys: [key(']', SHIFT, 'BracketRight')] },
  { command: 'whole', group: 'region', keys: [key('A', CTRL)] },
  {
    command: 'invert',
    group: 'region',
    keys: [key('I', { ctrl: true, shift: true }), key('V', SHIFT)],
  },
  { command: 'grow', group: 'region', keys: [] },
  { command: 'shrink', group: 'region', keys: [] },
  { command: 'feather', group: 'region', keys: [] },
  {
    command: 'clear',
    group: 'region',
    keys: [key('Del', {}, 'delete'), key('C', SHIFT), key('D', CTRL)],
  },
  { command: 'toggle-region', group: 'region', keys: [key('Q'), key('\\')] },
  { command: 'turn-region', group: 'looking', keys: [key('Q', SHIFT)] },
  { command: 'hand', group: 'looking', keys: [key('H')] },
  { command: 'hold-hand', group: 'looking', keys: [key('Space', {}, ' ')] },
  { command: 'zoom', group: 'looking', keys: [key('Z')] },
  { command: 'compare', group: 'looking', keys: [key('C')] },
  {
    command: 'compare-mode',
    group: 'looking',

    keys: [key('M')],
    whileComparing: true,
  },
  { command: 'swap-sides', group: 'looking', keys: [key('C', ALT, 'KeyC')] },
  { command: 'fit', group: 'looking', keys: [key('0', CTRL)] },
  { command: 'actual-size', group: 'looking', keys: [key('1', CTRL)] },
  { command: 'zoom-in', group: 'looking', keys: [key('+', CTRL), key('=', CTRL)] },
  { command: 'zoom-out', group: 'looking', keys: [key('−', CTRL, '-')] },
  { command: 'story', group: 'story', keys: [key('S')] },
  { command: 'play', group: 'story', keys: [key('Space', {}, ' ')], inStory: true },
  { command: 'step-back', group: 'story', keys: [key('Left', {}, 'arrowleft')], inStory: true },
  { command: 'step-on', group: 'story', keys: [key('Right', {}, 'arrowright')], inStory: true },
  { command: 'first-shot', group: 'story', keys: [key('Home')], inStory: true },
  { command: 'last-shot', group: 'story', keys: [key('End')], inStory: true },
  { command: 'parent', group: 'turns', keys: [key('Left', ALT, 'arrowleft')] },
  { command: 'child', group: 'turns', keys: [key('Right', ALT, 'arrowright')] },
  { command: 'sibling-before', group: 'turns', keys: [key('Up', ALT, 'arrowup')] },
  { command: 'sibling-after', group: 'turns', keys: [key('Down', ALT, 'arrowdown')] },
  { command: 'stop', group: 'turns', keys: [key('X', SHIFT)] },
  { command: 'clear-queue', group: 'turns', keys: [key('X', { ctrl: true, shift: true })] },
  { command: 'search', group: 'turns', keys: [key('F', CTRL)], inFields: true },
  { command: 'undo', group: 'turns', keys: [key('Z', CTRL)] },
  {
    command: 'redo',
    group: 'turns',

    keys: [key('Z', { ctrl: true, shift: true }), key('Y', CTRL)],
  },
  {
    command: 'open',
    group: 'files',

    keys: [key('O', CTRL)],
    inFields: true,
  },
  { command: 'save', group: 'files', keys: [key('S', CTRL)], inFields: true },
  {
    command: 'export',
    group: 'files',

    keys: [key('E', { ctrl: true, shift: true })],
    inFields: true,
  },
  { command: 'palette', group: 'files', keys: [key('K', CTRL)], inFields: true },
  { command: 'help', group: 'files', keys: [key('?')] },
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
