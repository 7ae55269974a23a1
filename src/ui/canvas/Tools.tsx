import { canFindRegions, isOffered, toolBlock } from '../abilities.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, useEditor, usePage } from '../page.ts';
import { Icon, type IconName } from '../parts/Icon.tsx';
import type { ToolName } from '../settings.ts';
import { useKeyText, useKeyTitle } from '../useKeyText.ts';
import { useTool } from '../useTool.ts';
import { chooseTool, toggleCompare } from '../view.ts';

interface ToolItem {
  readonly name: ToolName;
  readonly icon: IconName;
}

const TOOLS: readonly ToolItem[] = [
  { name: 'move', icon: 'move' },
  { name: 'brush', icon: 'brush' },
  { name: 'eraser', icon: 'eraser' },
  { name: 'lasso', icon: 'lasso' },
  { name: 'rectangle', icon: 'rect' },
  { name: 'hand', icon: 'hand' },
  { name: 'zoom', icon: 'zoom' },
  { name: 'compare', icon: 'compare' },
];

/** The tools stand in the gutter between the script and the picture. */
export function Tools() {
  const { offer } = usePage();
  const { desk } = useMessages();
  const offered = TOOLS.filter(({ name }) => isOffered(offer, name));
  return (
    <div className="tools" role="toolbar" aria-label={desk.tools} aria-orientation="vertical">
      {offered.map((item, index) => (
        <span key={item.name} style={{ display: 'contents' }}>
          {item.name === 'hand' && index > 0 && <hr />}
          <ToolButton {...item} />
          {item.name === 'rectangle' && canFindRegions(offer) && <FindButton />}
        </span>
      ))}
    </div>
  );
}

/** No tool to hold: it asks the model at once. */
function FindButton() {
  const actions = useActions();
  const { side } = useMessages();
  const block = useEditor((state) => toolBlock(state, 'hand'));
  const key = useKeyText('find');
  const title = useKeyTitle(side.findFromWords, 'find');
  return (
    <button
      type="button"
      className="icon-button tool"
      aria-label={side.findFromWords}
      title={title}
      disabled={block !== null}
      onClick={() => void actions.findRegionNow()}
    >
      <Icon name="find" />
      {key.length === 1 && (
        <span className="tool-key" aria-hidden="true">
          {key}
        </span>
      )}
    </button>
  );
}

function ToolButton({ name, icon }: ToolItem) {
  const { view } = usePage();
  const { desk } = useMessages();
  const label = desk.toolNames[name];
  const tool = useTool();
  const block = useEditor((state) => toolBlock(state, name));
  const key = useKeyText(name);
  const title = key === '' ? label : `${label} (${key})`;
  return (
    <button
      type="button"
      className="icon-button tool"
      aria-label={label}
      aria-pressed={tool === name && block === null}
      title={block === null ? title : desk.blocked(label, desk.blocks[block])}
      disabled={block !== null}
      onClick={() => (name === 'compare' ? toggleCompare(view) : chooseTool(view, name))}
    >
      <Icon name={icon} />
      {key.length === 1 && (
        <span className="tool-key" aria-hidden="true">
          {key}
        </span>
      )}
    </button>
  );
}
