import { selectCanCompare } from '../session/selectors.ts';
import { useEditor, useView } from './page.ts';
import type { ToolName } from './settings.ts';

/** The tool in hand: a comparison rests where there is nothing to compare, and comes back with it. */
export function useTool(): ToolName {
  const tool = useView((state) => state.tool);
  const lastTool = useView((state) => state.lastTool);
  const canCompare = useEditor(selectCanCompare);
  return tool === 'compare' && !canCompare ? lastTool : tool;
}
