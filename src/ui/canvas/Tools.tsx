import { isOffered, toolBlock } from '../abilities.ts';
import { useEditor, usePage } from '../page.ts';
import { Icon, type IconName } from '../parts/Icon.tsx';
import type { ToolName } from '../settings.ts';
import { useKeyText } from '../useKeyText.ts';
import { useTool } from '../useTool.ts';
import { chooseTool, toggleCompare } from '../view.ts';

interface ToolItem {
  readonly name: ToolName;
  readonly icon: IconName;
  readonly label: string;
}

const TOOLS: readonly ToolItem[] = [
  { name: 'move', icon: 'move', label: 'Move the region' },
  { name: 'brush', icon: 'brush', label: 'Brush' },
  { name: 'eraser', icon: 'eraser', label: 'Eraser' },
  { name: 'lasso', icon: 'lasso', label: 'Lasso' },
  { name: 'rectangle', icon: 'rect', label: 'Rectangle' },
  { name: 'hand', icon: 'hand', label: 'Hand' },
  { name: 'zoom', icon: 'zoom', label: 'Zoom' },
  { name: 'compare', icon: 'compare', label: 'Compare' },
];

/** The tools stand in the gutter between the script and the picture. */
export function Tools() {
  const { offer } = usePage();
  const offered = TOOLS.filter(({ name }) => isOffered(offer, name));
  return (
    <div className="tools" role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {offered.map((item, index) => (
        <span key={item.name} style={{ display: 'contents' }}>
          {item.name === 'hand' && index > 0 && <hr />}
          <ToolButton {...item} />
        </span>
      ))}
    </div>
  );
}

function ToolButton({ name, icon, label }: ToolItem) {
  const { view } = usePage();
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
      title={block === null ? title : `${label}: ${block}`}
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
