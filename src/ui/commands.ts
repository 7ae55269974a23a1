import type { MaskPixels } from '../runtime/contract.ts';
/** What each command of the keyboard does to the page. */
import type { NodeId } from '../session/document.ts';
import { selectCanCompare, selectDocument, selectShownFrame } from '../session/selectors.ts';
import { childrenOf, pathTo, siblingsOf } from '../session/tree.ts';
import { canUseRegions, isOffered, toolBlock } from './abilities.ts';
import { emptyMask, invertMask, isEmptyMask } from './canvas/maskPixels.ts';
import { featherMask, growMask, shrinkMask } from './canvas/refine.ts';
import { hasRegion, lineTo } from './canvas/turnLine.ts';
import { FITTED } from './canvas/viewport.ts';
import { saveSession } from './keep.ts';
import { messagesOf } from './messages/useMessages.ts';
import type { Open } from './open.ts';
import type { Page } from './page.ts';
import type { ToolName } from './settings.ts';
import { SHORTCUTS, type Command } from './shortcuts.ts';
import { editedMask, setEditedMask } from './stage.ts';
import { runPlayer, showMode } from './story/film.ts';
import type { PlayerAction } from './story/player.ts';
import {
  chooseTool,
  nextCompareMode,
  resetTool,
  setBrushSize,
  setSoftness,
  speak,
  toggleCompare,
  zoomBy,
  zoomToActualSize,
} from './view.ts';
import { inPercent } from './words.ts';

/** Returns false when there is nothing to do, so that the key keeps its meaning for the browser. */
type Run = (page: Page, open: Open) => boolean | void;

const pick =
  (tool: ToolName): Run =>
  ({ view, editor, offer }) => {
    if (toolBlock(editor.state.getState(), tool) !== null) return false;
    if (!isOffered(offer, tool)) return false;
    chooseTool(view, tool);
    const { desk } = messagesOf(view);
    speak(view, desk.chosen(desk.toolNames[tool]));
    return true;
  };

const resize =
  (direction: 1 | -1): Run =>
  ({ view }) => {
    const { brushSize } = view.getState();
    setBrushSize(view, brushSize + direction * Math.max(1, Math.round(brushSize / 8)));
    speak(view, messagesOf(view).desk.sizeIs(view.getState().brushSize));
  };

const soften =
  (by: number): Run =>
  ({ view }) => {
    setSoftness(view, view.getState().softness + by);
    speak(view, messagesOf(view).desk.softIs(inPercent(view.getState().softness)));
  };

const zoom =
  (factor: number): Run =>
  ({ view }) =>
    zoomBy(view, factor);

const player =
  (action: PlayerAction): Run =>
  (page) =>
    runPlayer(page, action);

/** `find` answers undefined when there is nothing in that direction. */
const walk =
  (find: (page: Page, current: NodeId) => NodeId | undefined): Run =>
  (page) => {
    const to = find(page, documentOf(page).current);
    if (to === undefined) return false;
    page.editor.actions.goTo(to);
    return true;
  };

const sibling = (step: 1 | -1): Run =>
  walk((page, current) => {
    if (current === null) return undefined;
    const all = siblingsOf(documentOf(page), current);
    return all[all.findIndex((turn) => turn.id === current) + step]?.id;
  });

function documentOf({ editor }: Page) {
  const document = selectDocument(editor.state.getState());
  if (document === null) throw new Error('This command needs an open session.');
  return document;
}

/** A region that the model would not see counts as none. */
export function setRegion(page: Page, mask: MaskPixels): void {
  setEditedMask(page, isEmptyMask(mask) ? null : mask);
}

/** Inverts the drawn region, or an empty one, which gives the whole picture; false where there are no regions. */
function setInverted(page: Page, of: (page: Page) => MaskPixels | null): boolean {
  const frame = selectShownFrame(page.editor.state.getState());
  if (frame === null || !canUseRegions(page.offer)) return false;
  setRegion(page, invertMask(of(page) ?? emptyMask(frame.width, frame.height)));
  return true;
}

/** What was kept will change, and the other way round. */
export function invertRegion(page: Page): boolean {
  return setInverted(page, editedMask);
}

const REFINEMENTS = { grow: growMask, shrink: shrinkMask, feather: featherMask } as const;

export type Refinement = keyof typeof REFINEMENTS;

/** Grows, shrinks or feathers the drawn region by the chosen distance; false when there is none. */
export function refineRegion(page: Page, how: Refinement): boolean {
  const mask = editedMask(page);
  if (mask === null) return false;
  setRegion(page, REFINEMENTS[how](mask, page.view.getState().refineBy));
  return true;
}

/** Where one writes: the place to be after what was being made has gone. */
export function goToWords(): void {
  document.getElementById('words')?.focus();
}

/** The search takes the focus; where it has it already, the key is left to the browser's own. */
function searchTurns({ view }: Page): boolean {
  const field = (): HTMLElement | null => document.getElementById('turn-search');
  if (field() !== null && field() === document.activeElement) return false;
  const isSheet = window.matchMedia?.('(max-width: 720px)').matches ?? false;
  view.setState(({ query }) => ({ query: query ?? '', isTreeOpen: isSheet }));
  // The field is drawn in the microtask before this one.
  queueMicrotask(() => field()?.focus());
  return true;
}

/** The words come back to the line being written, and the focus with them. */
export function cancelAndWrite(cancel: () => void): void {
  cancel();
  goToWords();
}

/** Esc takes the topmost thing away first; the running edit comes before leaving a comparison. */
function cancelTopmost({ editor, view }: Page): boolean {
  const { isTreeOpen, tool, under, stage } = view.getState();
  const { run, find } = editor.state.getState();
  if (isTreeOpen) view.setState({ isTreeOpen: false });
  else if (under !== null) view.setState({ under: null });
  else if (stage !== null) view.setState({ stage: null });
  else if (find.status !== 'idle') cancelAndWrite(() => editor.actions.cancelFinding());
  else if (run.status === 'running') cancelAndWrite(() => editor.actions.cancel());
  else if (tool === 'compare') toggleCompare(view);
  else return false;
  return true;
}

const ANYWHERE: ReadonlySet<Command> = new Set(['open', 'help', 'palette']);

const RUN: Readonly<Record<Command, Run>> = {
  move: pick('move'),
  brush: pick('brush'),
  eraser: pick('eraser'),
  lasso: pick('lasso'),
  rectangle: pick('rectangle'),
  hand: pick('hand'),
  'hold-hand': ({ view }) => view.setState({ isPanning: true }),
  zoom: pick('zoom'),
  compare: ({ view, editor }) => {
    if (!selectCanCompare(editor.state.getState())) return false;
    toggleCompare(view);
    return true;
  },
  'compare-mode': ({ view }) => nextCompareMode(view),
  'swap-tool': (page, open) => pick(page.view.getState().tool === 'brush' ? 'eraser' : 'brush')(page, open),
  'reset-tool': ({ view }) => resetTool(view),
  smaller: resize(-1),
  larger: resize(1),
  harder: soften(-0.1),
  softer: soften(0.1),
  find: ({ editor }) => void editor.actions.findRegionNow(),
  whole: (page) => setInverted(page, () => null),
  invert: invertRegion,
  grow: (page) => refineRegion(page, 'grow'),
  shrink: (page) => refineRegion(page, 'shrink'),
  feather: (page) => refineRegion(page, 'feather'),
  clear: (page) => {
    if (editedMask(page) === null) return false;
    setEditedMask(page, null);
    return true;
  },
  'toggle-region': ({ view }) => {
    const isRegionShown = !view.getState().isRegionShown;
    view.setState({ isRegionShown });
    speak(view, messagesOf(view).desk.regionIs(isRegionShown));
  },
  stop: ({ editor }) => {
    if (editor.state.getState().run.status !== 'running') return false;
    cancelAndWrite(() => editor.actions.cancel());
    return true;
  },
  'clear-queue': ({ editor }) => {
    if (editor.state.getState().queue.length === 0) return false;
    editor.actions.clearQueue();
    return true;
  },
  search: searchTurns,
  'turn-region': (page) => {
    if (!hasRegion(lineTo(documentOf(page), documentOf(page).current).at(-1))) return false;
    const { view } = page;
    const hasTurnRegion = !view.getState().hasTurnRegion;
    view.setState({ hasTurnRegion });
    speak(view, messagesOf(view).desk.turnRegionIs(hasTurnRegion));
    return true;
  },
  undo: ({ editor }) => editor.actions.undo(),
  redo: ({ editor }) => editor.actions.redo(),
  fit: ({ view }) => view.setState({ viewport: FITTED }),
  'actual-size': ({ view }) => zoomToActualSize(view),
  'zoom-in': zoom(1.25),
  'zoom-out': zoom(0.8),
  'swap-sides': (page) => {
    const { current } = documentOf(page);
    page.view.setState(({ comparison: { before, after, line } }) => ({
      comparison: { before: after === undefined ? current : after, after: before ?? null, line },
    }));
  },
  parent: walk((page, current) =>
    current === null ? undefined : (pathTo(documentOf(page), current).at(-2)?.id ?? null),
  ),
  child: walk((page, current) => childrenOf(documentOf(page), current).at(-1)?.id),
  'sibling-before': sibling(-1),
  'sibling-after': sibling(1),
  open: (_page, open) => open.chooseFile('any'),
  story: ({ editor, view }) => {
    const mode = view.getState().mode === 'story' ? 'edit' : 'story';
    showMode({ editor, view }, mode);
    speak(view, messagesOf(view).story.nowIn[mode]);
  },
  play: player({ kind: 'play-or-pause' }),
  'step-back': player({ kind: 'step', by: -1 }),
  'step-on': player({ kind: 'step', by: 1 }),
  'first-shot': player({ kind: 'first' }),
  'last-shot': player({ kind: 'last' }),
  save: (page) => void saveSession(page),
  export: ({ view }) => view.setState({ dialog: 'export' }),
  help: ({ view }) => view.setState({ dialog: 'help' }),
  palette: ({ view }) => view.setState({ dialog: 'palette' }),
  write: goToWords,
  cancel: cancelTopmost,
};

/** What is done to the picture on the desk, which the story does not show. */
const BENCH: ReadonlySet<Command> = new Set(
  SHORTCUTS.filter(({ group }) => group === 'region' || group === 'looking').map(({ command }) => command),
);

const TOOLS: ReadonlySet<string> = new Set<ToolName>(['move', 'brush', 'eraser', 'lasso', 'rectangle']);

/** A tool that this model cannot follow has no command. */
export function isCommandOffered({ offer }: Page, command: Command): boolean {
  return !TOOLS.has(command) || isOffered(offer, command as ToolName);
}

/** False when the command does nothing here. */
export function runCommand(page: Page, open: Open, command: Command): boolean {
  const hasSession = selectDocument(page.editor.state.getState()) !== null && !page.view.getState().isHome;
  if (!hasSession && !ANYWHERE.has(command)) return false;
  if (page.view.getState().mode === 'story' && BENCH.has(command)) return false;
  return RUN[command](page, open) !== false;
}
