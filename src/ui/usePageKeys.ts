import { useEffect } from 'react';
import { childrenOf, pathTo, siblingsOf, type NodeId } from '../session/document.ts';
import { selectComposer, selectDocument, selectShownFrame } from '../session/selectors.ts';
import { emptyMask, invertMask, isEmptyMask } from './canvas/maskTool.ts';
import { FITTED, zoomAt } from './canvas/viewport.ts';
import { usePage, type Page } from './page.ts';
import { useOpen, type Open } from './open.ts';
import { commandOf, type Command } from './shortcuts.ts';
import { chooseTool, setBrushSize, toggleCompare } from './view.ts';

/** A press of C shorter than this opens the comparison; a longer one only shows the picture before. */
const TAP_MS = 300;
const MIDDLE = { x: 0.5, y: 0.5 };

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input:not([type=range]):not([type=radio]):not([type=checkbox]), textarea, select') !== null;
}

/** Where the keyboard walks to; undefined when there is nothing there. */
function neighbour(page: Page, command: Command): NodeId | undefined {
  const document = selectDocument(page.editor.state.getState());
  if (document === null) return undefined;
  const { current } = document;
  if (command === 'child') return childrenOf(document, current).at(-1)?.id;
  if (current === null) return undefined;
  if (command === 'parent') return pathTo(document, current).at(-2)?.id ?? null;
  const siblings = siblingsOf(document, current);
  const at = siblings.findIndex((turn) => turn.id === current);
  return siblings[at + (command === 'sibling-before' ? -1 : 1)]?.id;
}

function invertRegion({ editor }: Page): void {
  const state = editor.state.getState();
  const frame = selectShownFrame(state);
  if (frame === null) return;
  const ref = selectComposer(state).mask;
  const drawn = ref === null ? null : editor.actions.maskOf(ref.hash);
  const inverted = invertMask(drawn ?? emptyMask(frame.width, frame.height));
  editor.actions.setMask(isEmptyMask(inverted) ? null : inverted);
}

/** Runs a command; false when it does nothing here, so that the key keeps its meaning for the browser. */
export function runCommand(page: Page, open: Open, command: Command): boolean {
  const { editor, view, saveFile } = page;
  const { actions } = editor;
  const state = view.getState();
  const hasSession = selectDocument(editor.state.getState()) !== null;
  switch (command) {
    case 'open':
      open.chooseFile('picture');
      return true;
    case 'help':
      view.setState({ dialog: 'help' });
      return true;
    default:
      if (!hasSession) return false;
  }
  switch (command) {
    case 'brush':
    case 'eraser':
    case 'rectangle':
    case 'hand':
      chooseTool(view, command);
      return true;
    case 'swap-tool':
      chooseTool(view, state.tool === 'brush' ? 'eraser' : 'brush');
      return true;
    case 'smaller':
      setBrushSize(view, state.brushSize - Math.max(1, Math.round(state.brushSize / 8)));
      return true;
    case 'larger':
      setBrushSize(view, state.brushSize + Math.max(1, Math.round(state.brushSize / 8)));
      return true;
    case 'invert':
      invertRegion(page);
      return true;
    case 'clear':
      actions.setMask(null);
      return true;
    case 'toggle-region':
      view.setState({ isRegionShown: !state.isRegionShown });
      return true;
    case 'undo':
      actions.undo();
      return true;
    case 'redo':
      actions.redo();
      return true;
    case 'fit':
      view.setState({ viewport: FITTED });
      return true;
    case 'zoom-in':
      view.setState({ viewport: zoomAt(state.viewport, 1.25, MIDDLE) });
      return true;
    case 'zoom-out':
      view.setState({ viewport: zoomAt(state.viewport, 0.8, MIDDLE) });
      return true;
    case 'swap-sides': {
      const { before, after, line } = state.comparison;
      const document = selectDocument(editor.state.getState());
      view.setState({
        comparison: { before: after === undefined ? (document?.current ?? null) : after, after: before ?? null, line },
      });
      return true;
    }
    case 'parent':
    case 'child':
    case 'sibling-before':
    case 'sibling-after': {
      const to = neighbour(page, command);
      if (to === undefined) return false;
      actions.goTo(to);
      return true;
    }
    case 'save': {
      const file = actions.exportFile();
      if (file !== null) saveFile(file);
      return true;
    }
    case 'export':
      view.setState({ dialog: 'export' });
      return true;
    case 'write':
      document.getElementById('words')?.focus();
      return true;
    case 'cancel':
      return cancelTopmost(page);
    default:
      return false;
  }
}

/** Esc takes the topmost thing away first; the running edit comes last. */
function cancelTopmost({ editor, view }: Page): boolean {
  const { isTreeOpen, tool, under } = view.getState();
  const { run, video } = editor.state.getState();
  if (isTreeOpen) view.setState({ isTreeOpen: false });
  else if (under !== null) view.setState({ under: null });
  else if (video.status === 'encoding') editor.actions.cancelVideo();
  else if (run.status === 'running') editor.actions.cancel();
  else if (tool === 'compare') toggleCompare(view);
  else return false;
  return true;
}

/** The keys of the whole page. A dialog keeps its keys to itself. */
export function usePageKeys(): void {
  const page = usePage();
  const open = useOpen();
  useEffect(() => {
    const { view } = page;
    let pressedAt: number | null = null;
    const onDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return;
      const command = commandOf(event, isField(event.target));
      if (command === null) return;
      if (command === 'compare') {
        if (!event.repeat) pressedAt = event.timeStamp;
        if (view.getState().tool !== 'compare') view.setState({ isPeeking: true });
        return;
      }
      if (runCommand(page, open, command)) event.preventDefault();
    };
    const onUp = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'c' || pressedAt === null) return;
      const isTap = event.timeStamp - pressedAt < TAP_MS;
      pressedAt = null;
      view.setState({ isPeeking: false });
      const turns = selectDocument(page.editor.state.getState())?.turns ?? [];
      if (isTap && turns.some((turn) => turn.state.status === 'done')) toggleCompare(view);
    };
    const onBlur = (): void => view.setState({ isPeeking: false });
    window.addEventListener('keydown', onDown);
    window.addEventListener('keyup', onUp);
    window.addEventListener('blur', onBlur);
    return () => {
      window.removeEventListener('keydown', onDown);
      window.removeEventListener('keyup', onUp);
      window.removeEventListener('blur', onBlur);
    };
  }, [page, open]);
}
