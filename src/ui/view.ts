/** What the person is looking at and holding: the tool, the view, dialogs. Never part of the session. */
import { createStore, type StoreApi } from 'zustand/vanilla';

import type { NodeId, SessionDocument } from '../session/document.ts';
import type { Rectangle } from './canvas/maskTool.ts';
import { FITTED, type Viewport } from './canvas/viewport.ts';
import type { Messages } from './messages/en.ts';
import { chooseLanguage, type Language } from './messages/language.ts';

export type ToolName = 'brush' | 'eraser' | 'rectangle' | 'hand' | 'compare';
type DialogName = 'export' | 'help' | 'about' | 'sessions';
export type Theme = 'system' | 'light' | 'dark';

interface Comparison {
  /** Undefined: the start, and the current place. */
  readonly before: NodeId | undefined;
  readonly after: NodeId | undefined;
  /** Where the line stands, 0 to 1 from the left. */
  readonly line: number;
}

export interface ViewState {
  readonly tool: ToolName;
  /** The tool to come back to when comparing ends. */
  readonly lastTool: Exclude<ToolName, 'compare'>;
  /** The rectangle that arrow keys and number fields move; null until one is begun. */
  readonly rectangle: Rectangle | null;
  /** A picture of another shape that waits for the choice between cutting and bars. */
  readonly unfitted: { readonly bitmap: ImageBitmap; readonly name: string } | null;
  /** Trouble with a file before any session knows of it; null when there is none. */
  readonly trouble: ((messages: Messages) => string) | null;
  /** A session is about to open; until it does, a second press is half of a double click. */
  readonly isOpening: boolean;
  /** Diameter of the brush in frame pixels. */
  readonly brushSize: number;
  readonly isRegionShown: boolean;
  readonly viewport: Viewport;
  readonly comparison: Comparison;
  /** C is held: the picture before this turn shows. */
  readonly isPeeking: boolean;
  /** An earlier picture of this branch, by its number, looked at under the current one. */
  readonly under: number | null;
  readonly dialog: DialogName | null;
  /** What the last session file holds: once it is the present document, nothing is lost by leaving. */
  readonly keptDocument: SessionDocument | null;
  /** The first page is shown although a session is open. */
  readonly isHome: boolean;
  /** Below 720 px the tree is a sheet of its own. */
  readonly isTreeOpen: boolean;
  readonly theme: Theme;
  readonly language: Language;
  /** Edits made at once. */
  readonly count: number;
  /** A sentence for screen readers, spoken politely; a new object is spoken again. */
  readonly spoken: { readonly text: string };
}

/** Where choices that outlive a visit are kept; may forget everything. */
export interface Preferences {
  read(key: string): string | null;
  write(key: string, value: string): void;
}

export type ViewStore = StoreApi<ViewState>;

export const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
export const MIN_BRUSH = 1;
export const MAX_BRUSH = 96;

const COMPARE_DEFAULT: Comparison = { before: undefined, after: undefined, line: 0.5 };

/** `languages` are those the person reads, the best first, as BCP 47 tags. */
export function createViewStore(preferences: Preferences, languages: readonly string[] = []): ViewStore {
  const stored = preferences.read('theme');
  const size = Number(preferences.read('brush-size') ?? Number.NaN);
  const store = createStore<ViewState>(() => ({
    tool: 'brush',
    lastTool: 'brush',
    brushSize: size >= MIN_BRUSH && size <= MAX_BRUSH ? size : 24,
    rectangle: null,
    unfitted: null,
    trouble: null,
    isOpening: false,
    isRegionShown: true,
    viewport: FITTED,
    comparison: COMPARE_DEFAULT,
    isPeeking: false,
    under: null,
    dialog: null,
    keptDocument: null,
    isHome: false,
    isTreeOpen: false,
    theme: THEMES.find((theme) => theme === stored) ?? 'system',
    language: chooseLanguage(preferences.read('language'), languages),
    count: 1,
    spoken: { text: '' },
  }));
  store.subscribe((now, before) => {
    if (now.language !== before.language) preferences.write('language', now.language);
    if (now.theme !== before.theme) preferences.write('theme', now.theme);
    if (now.brushSize !== before.brushSize) preferences.write('brush-size', String(now.brushSize));
  });
  return store;
}

export function chooseTool(view: ViewStore, tool: ToolName): void {
  view.setState(tool === 'compare' ? { tool, comparison: COMPARE_DEFAULT } : { tool, lastTool: tool });
}

/** Compare is a place one comes back from. */
export function toggleCompare(view: ViewStore): void {
  const { tool, lastTool } = view.getState();
  chooseTool(view, tool === 'compare' ? lastTool : 'compare');
}

export function setBrushSize(view: ViewStore, size: number): void {
  view.setState({ brushSize: Math.min(Math.max(Math.round(size), MIN_BRUSH), MAX_BRUSH) });
}

/** Another place or another session: nothing of the old view may stay over the new picture. */
export function resetPlace(view: ViewStore): void {
  view.setState({ under: null, isPeeking: false, comparison: COMPARE_DEFAULT });
}

export function speak(view: ViewStore, text: string): void {
  view.setState({ spoken: { text } });
}
