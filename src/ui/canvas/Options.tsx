import { useState } from 'react';

import type { SessionDocument } from '../../session/document.ts';
import { canUseRegions, isRegionTool, toolBlock } from '../abilities.ts';
import { setRegion } from '../commands.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useEditor, usePage, useView } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { OptionSlider } from '../parts/OptionSlider.tsx';
import { MAX_BRUSH, MIN_BRUSH, type ToolName } from '../settings.ts';
import { useKeyText } from '../useKeyText.ts';
import { useTool } from '../useTool.ts';
import { setBrushSize, setSoftness, speak } from '../view.ts';
import { inPercent } from '../words.ts';
import { CompareOptions } from './CompareOptions.tsx';
import { drawShape, middleRectangle, typeRectangle, type PaintMode } from './maskPixels.ts';
import { MoveOptions } from './MoveOptions.tsx';
import { RegionOptions } from './RegionOptions.tsx';
import { useRegion } from './useRegion.ts';
import { Zoom } from './Zoom.tsx';

interface OptionsProps {
  readonly document: SessionDocument;
}

export function Options({ document }: OptionsProps) {
  const tool = useTool();
  const { desk } = useMessages();
  const block = useEditor((state) => toolBlock(state, 'hand'));
  const { offer } = usePage();
  if (block !== null) {
    return (
      <div className="options" role="toolbar" aria-label={desk.options}>
        <span className="hint is-reason">
          {canUseRegions(offer) ? desk.regionsNeedPicture : desk.needsPicture}
        </span>
      </div>
    );
  }
  const hints: Partial<Readonly<Record<ToolName, string>>> = desk.hints;
  const hint = hints[tool];
  return (
    <div className="options" role="toolbar" aria-label={desk.optionsOf(desk.toolNames[tool])}>
      {(tool === 'brush' || tool === 'eraser') && <BrushOptions />}
      {tool === 'move' && <MoveOptions />}
      {tool === 'rectangle' && <RectangleOptions />}
      {tool === 'compare' && <CompareOptions document={document} />}
      {isRegionTool(tool) && tool !== 'move' && <RegionOptions />}
      {hint !== undefined && <span className="hint fold">{hint}</span>}
      <Zoom isFolded={tool !== 'hand' && tool !== 'zoom'} />
    </div>
  );
}

function BrushOptions() {
  const { view } = usePage();
  const size = useView((state) => state.brushSize);
  const softness = useView((state) => state.softness);
  const { desk } = useMessages();
  const [smaller, larger] = [useKeyText('smaller'), useKeyText('larger')];
  const [harder, softer] = [useKeyText('harder'), useKeyText('softer')];
  return (
    <>
      <OptionSlider
        label={desk.size}
        title={desk.sizeTitle(smaller, larger)}
        min={MIN_BRUSH}
        max={MAX_BRUSH}
        value={size}
        text={String(size)}
        onChange={(value) => setBrushSize(view, value)}
      />
      <OptionSlider
        label={desk.soft}
        title={desk.softTitle(harder, softer)}
        min={0}
        max={100}
        value={Math.round(softness * 100)}
        text={inPercent(softness)}
        onChange={(value) => setSoftness(view, value / 100)}
      />
      <span className="divider" />
    </>
  );
}

function RectangleOptions() {
  const page = usePage();
  const { view } = page;
  const { desk } = useMessages();
  const region = useRegion();
  const rectangle = useView((state) => state.rectangle);
  const [adjusted, setAdjusted] = useState<string | null>(null);
  if (region === null) return null;
  const { frame, mask } = region;
  const now = rectangle ?? middleRectangle(frame);
  const field = (key: keyof typeof now) => (
    <NumberField
      label={desk.sides[key]}
      value={now[key]}
      min={0}
      max={Number.MAX_SAFE_INTEGER}
      isMarked={adjusted === key}
      onChange={(value) => {
        const typed = typeRectangle(now, key, value ?? now[key], frame);
        view.setState({ rectangle: typed.rectangle });
        setAdjusted(typed.adjusted);
        if (typed.adjusted === null) return;
        const to = typed.rectangle[typed.adjusted];
        speak(view, desk.sideGaveWay(desk.sides[typed.adjusted], to));
      }}
    />
  );
  const draw = (mode: PaintMode): void =>
    setRegion(page, drawShape(mask, { kind: 'rectangle', mode, rectangle: now }));
  return (
    <>
      {field('x')}
      {field('y')}
      {field('width')}
      {field('height')}
      <button type="button" className="word-button" onClick={() => draw('paint')}>
        <Icon name="plus" />
        {desk.add}
      </button>
      <button type="button" className="word-button" onClick={() => draw('erase')}>
        <Icon name="minus" />
        {desk.takeAway}
      </button>
      <span className="divider" />
    </>
  );
}
