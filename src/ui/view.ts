/** What the person is looking at and holding: the tool, the view, dialogs. Never part of the session. */
import { createStore, type StoreApi } from 'zustand/vanilla';

import type { NodeId, SessionDocument } from '../session/document.ts';
import type { Rectangle } from '../session/regions.ts';
import type { RegionStage } from '../session/stages.ts';
import { FITTED, zoomAt, type Point, type Viewport } from './canvas/viewport.ts';
import { readKeymap, type Keymap } from './keymap.ts';
import type { Messages } from './messages/en.ts';
import { chooseLanguage, type Language } from './messages/language.ts';
import {
  COMPARE_MODES,
  DEFAULT_SETTINGS,
  MAX_BRUSH,
  MIN_BRUSH,
  readSettings,
  settingsOf,
  type Settings,
  type ToolName,
} from './settings.ts';
import { STOPPED, type PlayerState } from './story/player.ts';

/** Two ways to look at one session: one picture to be edited, or the branch as a story. */
export type Mode = 'edit' | 'story';

type DialogName = 'export' | 'help' | 'about' | 'sessions' | 'palette';
export type Theme = 'system' | 'light' | 'dark';

interface Comparison {
  /** Undefined: the start, and the current place. */
  readonly before: NodeId | undefined;
  readonly after: NodeId | undefined;
  /** Where the line stands, 0 to 1 from the left; in show through, how much of the picture before shows. */
  readonly line: number;
}

export interface ViewState extends Settings {
  readonly mode: Mode;
  /** Where the film of the story stands. */
  readonly player: PlayerState;
  /** What the next line makes in the story where nothing else was chosen. */
  readonly storyTask: 'scene' | 'image';
  readonly tool: ToolName;
  /** The rectangle that arrow keys and number fields move; null until one is begun. */
  readonly rectangle: Rectangle | null;
  /** A picture of another shape that waits for the choice between cutting and bars. */
  readonly unfitted: { readonly bitmap: ImageBitmap; readonly name: string } | null;
  /** Trouble with a file before any session knows of it; null when there is none. */
  readonly trouble: ((messages: Messages) => string) | null;
  /** Ends this page and opens the newer build of it that waits; null while there is none. */
  readonly loadNewVersion: (() => void) | null;
  /** A session is about to open; until it does, a second press is half of a double click. */
  readonly isOpening: boolean;
  readonly isRegionShown: boolean;
  /** The stage that is looked at alone and drawn on; null for the drawn region. */
  readonly stage: RegionStage | null;
  readonly viewport: Viewport;
  /** CSS pixels for one frame pixel while the picture is fitted; 0 before it is laid out. */
  readonly fittedScale: number;
  readonly comparison: Comparison;
  /** C is held: the picture before this turn shows. */
  readonly isPeeking: boolean;
  /** Space is held: the hand. */
  readonly isPanning: boolean;
  /** An earlier picture of this branch, by its number, looked at under the current one. */
  readonly under: number | null;
  readonly dialog: DialogName | null;
  /** What the last session file holds: once it is the present document, nothing is lost by leaving. */
  readonly keptDocument: SessionDocument | null;
  /** The first page is shown although a session is open. */
  readonly isHome: boolean;
  /** The turn whose followers are made anew together with its new words. */
  readonly replaying: NodeId;
  /** What is searched in the turns; null while nothing is. */
  readonly query: string | null;
  /** Below 720 px the tree is a sheet of its own. */
  readonly isTreeOpen: boolean;
  readonly theme: Theme;
  readonly language: Language;
  readonly keymap: Keymap;
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

const COMPARE_DEFAULT: Comparison = { before: undefined, after: undefined, line: 0.5 };

/** `languages` are those the person reads, the best first, as BCP 47 tags. */
export function createViewStore(preferences: Preferences, languages: readonly string[] = []): ViewStore {
  const theme = preferences.read('theme');
  const settings = readSettings(preferences.read('tools'));
  const store = createStore<ViewState>(() => ({
    ...settings,
    mode: 'edit',
    player: STOPPED,
    storyTask: 'scene',
    tool: settings.lastTool,
    rectangle: null,
    unfitted: null,
    trouble: null,
    loadNewVersion: null,
    isOpening: false,
    isRegionShown: true,
    stage: null,
    viewport: FITTED,
    fittedScale: 0,
    comparison: COMPARE_DEFAULT,
    isPeeking: false,
    isPanning: false,
    under: null,
    dialog: null,
    keptDocument: null,
    isHome: false,
    replaying: null,
    query: null,
    isTreeOpen: false,
    theme: THEMES.find((one) => one === theme) ?? 'system',
    language: chooseLanguage(preferences.read('language'), languages),
    keymap: readKeymap(preferences.read('keys')),
    count: 1,
    spoken: { text: '' },
  }));
  let kept = JSON.stringify(settings);
  store.subscribe((now, before) => {
    if (now.language !== before.language) preferences.write('language', now.language);
    if (now.theme !== before.theme) preferences.write('theme', now.theme);
    if (now.keymap !== before.keymap) preferences.write('keys', JSON.stringify(now.keymap));
    const tools = JSON.stringify(settingsOf(now));
    if (tools !== kept) preferences.write('tools', tools);
    kept = tools;
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

export function nextCompareMode(view: ViewStore): void {
  const at = COMPARE_MODES.indexOf(view.getState().compareMode);
  view.setState({ compareMode: COMPARE_MODES[(at + 1) % COMPARE_MODES.length] ?? 'slider' });
}

export function setBrushSize(view: ViewStore, size: number): void {
  view.setState({ brushSize: Math.min(Math.max(Math.round(size), MIN_BRUSH), MAX_BRUSH) });
}

/** In steps of a hundredth, so that what is shown is what is used. */
export function setSoftness(view: ViewStore, softness: number): void {
  view.setState({ softness: Math.min(Math.max(Math.round(softness * 100) / 100, 0), 1) });
}

/** Paint with the standard brush and overlay. */
export function resetTool(view: ViewStore): void {
  const { brushSize, softness, overlay } = DEFAULT_SETTINGS;
  view.setState({ brushSize, softness, overlay, isRegionShown: true });
  chooseTool(view, 'brush');
}

const MIDDLE: Point = { x: 0.5, y: 0.5 };

/** Screen pixels for one frame pixel; never 0, also before anything was drawn. */
export function screenScale({ viewport, fittedScale }: ViewState): number {
  return Math.max(viewport.zoom * fittedScale, 1e-3);
}

/** The smallest zoom: the fitted picture, or its own size where that is smaller. */
export function leastZoom({ fittedScale }: ViewState): number {
  return fittedScale > 1 ? 1 / fittedScale : 1;
}

export function zoomBy(view: ViewStore, factor: number, anchor: Point = MIDDLE): void {
  view.setState((state) => ({ viewport: zoomAt(state.viewport, factor, anchor, leastZoom(state)) }));
}

/** One frame pixel on one CSS pixel. */
export function zoomToActualSize(view: ViewStore): void {
  const { viewport, fittedScale } = view.getState();
  if (fittedScale > 0) zoomBy(view, 1 / (fittedScale * viewport.zoom));
}

/** Another place or another session: nothing of the old view may stay over the new picture. */
export function resetPlace(view: ViewStore): void {
  view.setState({ under: null, isPeeking: false, stage: null, comparison: COMPARE_DEFAULT });
}

/** The film is where nobody stood yet, and stands still until it is asked to play; see `showMode` for where it opens. */
export function chooseMode(view: ViewStore, mode: Mode): void {
  view.setState(({ player }) => ({ mode, player: { ...STOPPED, isLooping: player.isLooping } }));
}

export function speak(view: ViewStore, text: string): void {
  view.setState({ spoken: { text } });
}
