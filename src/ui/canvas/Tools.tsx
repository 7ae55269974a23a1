import { canUseRegions, isRegionTool, toolBlock } from '../abilities.ts';
import { useEditor, usePage } from '../page.ts';
import { Icon, type IconName } from '../parts/Icon.tsx';
import { useTool } from '../useTool.ts';
import { chooseTool, toggleCompare, type ToolName } from '../view.ts';

const TOOLS: readonly {
  readonly name: ToolName;
  readonly icon: IconName;
  readonly label: string;
  readonly key: string;
}[] = [
  { name: 'brush', icon: 'brush', label: 'Brush', key: 'B' },
  { name: 'eraser', icon: 'eraser', label: 'Eraser', key: 'E' },
  { name: 'rectangle', icon: 'rect', label: 'Rectangle', key: 'M' },
  { name: 'hand', icon: 'hand', label: 'Hand', key: 'H' },
  { name: 'compare', icon: 'compare', label: 'Compare', key: 'C' },
];

/** The tools stand in the gutter between the script and the picture. */
export function Tools() {
  const { view, offer } = usePage();
  const tool = useTool();
  const blank = useEditor((state) => toolBlock(state, 'hand'));
  const compareBlock = useEditor((state) => toolBlock(state, 'compare'));
  const offered = TOOLS.filter(({ name }) => canUseRegions(offer) || !isRegionTool(name));
  return (
    <div className="tools" role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {offered.map(({ name, icon, label, key }, index) => {
        const block = name === 'compare' ? compareBlock : blank;
        return (
          <span key={name} style={{ display: 'contents' }}>
            {name === 'hand' && index > 0 && <hr />}
            <button
              type="button"
              className="icon-button tool"
              aria-label={label}
              aria-pressed={tool === name && block === null}
              title={block === null ? `${label} (${key})` : `${label}: ${block}`}
              disabled={block !== null}
              onClick={() => (name === 'compare' ? toggleCompare(view) : chooseTool(view, name))}
            >
              <Icon name={icon} />
              <span className="tool-key" aria-hidden="true">
                {key}
              </span>
            </button>
          </span>
        );
      })}
    </div>
  );
}
