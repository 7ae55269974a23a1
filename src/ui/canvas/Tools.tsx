import { selectDocument } from '../../session/selectors.ts';
import { useEditor, usePage, useView } from '../page.ts';
import { Icon, type IconName } from '../parts/Icon.tsx';
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
  const { view } = usePage();
  const tool = useView((state) => state.tool);
  const canCompare = useEditor((state) =>
    (selectDocument(state)?.turns ?? []).some((turn) => turn.state.status === 'done'),
  );
  return (
    <div className="tools" role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {TOOLS.map(({ name, icon, label, key }) => (
        <span key={name} style={{ display: 'contents' }}>
          {name === 'hand' && <hr />}
          <button
            type="button"
            className="icon-button tool"
            aria-label={label}
            aria-pressed={tool === name}
            title={`${label} (${key})`}
            disabled={name === 'compare' && !canCompare}
            onClick={() => (name === 'compare' ? toggleCompare(view) : chooseTool(view, name))}
          >
            <Icon name={icon} />
            <span className="tool-key" aria-hidden="true">
              {key}
            </span>
          </button>
        </span>
      ))}
    </div>
  );
}
