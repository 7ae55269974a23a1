import { leastScale, mostScale } from '../../session/regions.ts';
import { selectComposer } from '../../session/selectors.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, useEditor } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { middleAfter, settleMove } from './dragTool.ts';
import { useDragged } from './useDragTool.ts';

const FAR = 100_000;

/** The move of the region in numbers, for those who do not drag. */
export function MoveOptions() {
  const actions = useActions();
  const { desk } = useMessages();
  const dragged = useDragged();
  const isMoved = useEditor((state) => selectComposer(state).regions.next !== null);
  if (dragged === null) return <span className="hint is-reason">{desk.drawFirst}</span>;
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
      {field(desk.sides.x, middle.x, -FAR, FAR, (x) => ({ dx: x - move.about.x }))}
      {field(desk.sides.y, middle.y, -FAR, FAR, (y) => ({ dy: y - move.about.y }))}
      {field(desk.scale, move.scale * 100, leastScale * 100, mostScale * 100, (scale) => ({
        scale: scale / 100,
      }))}
      {field(desk.angle, move.angle, -360, 360, (angle) => ({ angle }))}
      <span className="divider" />
      <button
        type="button"
        className="word-button"
        disabled={!isMoved}
        onClick={() => actions.setRegion('next', null)}
      >
        <Icon name="undo" />
        {desk.putBack}
      </button>
      <span className="hint fold">{desk.moveHint}</span>
    </>
  );
}
