import { selectComposer } from '../../session/selectors.ts';
import { useActions, useEditor } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { LEAST_SCALE, middleAfter, MOST_SCALE, settleMove } from './dragTool.ts';
import { useDragged } from './useDragTool.ts';

const FAR = 100_000;

/** The move of the region in numbers, for those who do not drag. */
export function MoveOptions() {
  const actions = useActions();
  const dragged = useDragged();
  const isMoved = useEditor((state) => selectComposer(state).regions.next !== null);
  if (dragged === null) return <span className="hint is-reason">Draw a region first, and then move it</span>;
  const { move } = dragged;
  const middle = middleAfter(move);
  const field = (
    label: string,
    value: number,
    min: number,
    max: number,
    take: (value: number) => Partial<typeof move>,
  ) => (
    <NumberField
      label={label}
      value={Math.round(value)}
      min={min}
      max={max}
      onChange={(typed) => {
        if (typed !== null) actions.moveRegion(settleMove({ ...move, ...take(typed) }));
      }}
    />
  );
  return (
    <>
      {field('X', middle.x, -FAR, FAR, (x) => ({ dx: x - move.about.x }))}
      {field('Y', middle.y, -FAR, FAR, (y) => ({ dy: y - move.about.y }))}
      {field('Scale %', move.scale * 100, LEAST_SCALE * 100, MOST_SCALE * 100, (scale) => ({
        scale: scale / 100,
      }))}
      {field('Turn °', move.angle, -360, 360, (angle) => ({ angle }))}
      <span className="divider" />
      <button
        type="button"
        className="word-button"
        disabled={!isMoved}
        onClick={() => actions.setRegion('next', null)}
      >
        <Icon name="undo" />
        Put back
      </button>
      <span className="hint fold">Arrow keys 1 px, Shift 10</span>
    </>
  );
}
