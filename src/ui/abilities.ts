/** What the page offers follows from what the model was trained for and from the pictures there are. */
import type { ModelManifest } from '../runtime/contract.ts';
import { selectCanCompare, selectShownFrame, textToImage } from '../session/selectors.ts';
import type { EditorState } from '../session/state.ts';
import type { ToolName } from './settings.ts';

/** As the page has it: the manifest, or why there is none. */
type Offer = ModelManifest | string;

const drawnRegion = 'drawn-region';

export function canBeginFromWords(offer: Offer): boolean {
  return typeof offer !== 'string' && offer.capabilities.includes(textToImage);
}

/** A model that could not be read says nothing against drawing. */
export function canUseRegions(offer: Offer): boolean {
  return typeof offer === 'string' || offer.capabilities.includes(drawnRegion);
}

/** How many other pictures words can speak of; none where the model takes nothing over from them. */
export function mostReferences(offer: Offer): number {
  if (typeof offer === 'string' || !offer.capabilities.includes('multi-concept')) return 0;
  return offer.roles?.pictures.length ?? 0;
}

/** Moving a region makes sense only where the model follows it. */
function canDragRegions(offer: Offer): boolean {
  return typeof offer !== 'string' && offer.capabilities.includes('dragged-region');
}

/** A model without role texts knows `region-now` as the older name of a drawn region. */
export function canFindRegions(offer: Offer): boolean {
  return typeof offer !== 'string' && offer.roles !== undefined && offer.capabilities.includes('region-now');
}

const CAPABILITIES = { scene: 'story', 'clip-between': 'clip-between', 'clip-edit': 'clip-edit' } as const;

/** Whether the model was trained for that task; a clip also needs the role texts of its frames. */
export function canMake(offer: Offer, task: keyof typeof CAPABILITIES): boolean {
  if (typeof offer === 'string' || !offer.capabilities.includes(CAPABILITIES[task])) return false;
  return task === 'scene' || offer.roles !== undefined;
}

/** Whether the tool stands among the others at all. */
export function isOffered(offer: Offer, tool: ToolName): boolean {
  if (tool === 'move') return canDragRegions(offer);
  return canUseRegions(offer) || !isRegionTool(tool);
}

export function isRegionTool(tool: ToolName): boolean {
  return tool !== 'hand' && tool !== 'zoom' && tool !== 'compare';
}

/** Why this tool can do nothing now; null when it can. */
export function toolBlock(state: EditorState, tool: ToolName): 'no-picture' | 'no-second' | null {
  if (selectShownFrame(state) === null) return 'no-picture';
  if (tool === 'compare' && !selectCanCompare(state)) return 'no-second';
  return null;
}
