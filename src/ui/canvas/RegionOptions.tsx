import { invertRegion, refineRegion, type Refinement } from '../commands.ts';
import { useActions, usePage, useView } from '../page.ts';
import { OptionSlider } from '../parts/OptionSlider.tsx';
import { Popover } from '../parts/Popover.tsx';
import { Segments } from '../parts/Segments.tsx';
import {
  MAX_OPACITY,
  MAX_REFINE,
  OVERLAY_INKS,
  OVERLAY_PATTERNS,
  type OverlayInk,
  type OverlayPattern,
} from '../settings.ts';
import { useKeyTitle } from '../useKeyText.ts';
import { inPercent } from '../words.ts';
import { useRegion } from './useRegion.ts';

/** What every tool of the region has: changing all of it, and how it is shown. */
export function RegionOptions() {
  const page = usePage();
  const actions = useActions();
  const region = useRegion();
  const drawn = region?.drawn ?? null;
  const [invertTitle, clearTitle] = [
    useKeyTitle('Invert the region', 'invert'),
    useKeyTitle('Clear the region', 'clear'),
  ];
  return (
    <>
      <Refine isDisabled={drawn === null} />
      <button
        type="button"
        className="word-button"
        title={invertTitle}
        disabled={region === null}
        onClick={() => invertRegion(page)}
      >
        Invert
      </button>
      <button
        type="button"
        className="word-button"
        title={clearTitle}
        disabled={drawn === null}
        onClick={() => actions.setMask(null)}
      >
        Clear
      </button>
      <OverlayChoice />
    </>
  );
}

const REFINEMENTS: readonly (readonly [Refinement, string, string])[] = [
  ['grow', 'Grow', 'The region reaches further'],
  ['shrink', 'Shrink', 'The region reaches less far'],
  ['feather', 'Feather', 'The new picture gives way to the old one gradually'],
];

interface RefineProps {
  readonly isDisabled: boolean;
}

function Refine({ isDisabled }: RefineProps) {
  const page = usePage();
  const by = useView((state) => state.refineBy);
  return (
    <Popover label="Refine" title="Grow, shrink or feather the whole region">
      <OptionSlider
        label="By"
        min={1}
        max={MAX_REFINE}
        value={by}
        text={`${by}\u00a0px`}
        onChange={(refineBy) => page.view.setState({ refineBy })}
      />
      <div className="popover-row">
        {REFINEMENTS.map(([how, words, title]) => (
          <button
            key={how}
            type="button"
            className="word-button is-edged"
            title={title}
            disabled={isDisabled}
            onClick={() => refineRegion(page, how)}
          >
            {words}
          </button>
        ))}
      </div>
      <p className="quiet small">
        A soft edge blends the new picture into the old one. The model itself works inside the solid line.
      </p>
      <Pressure />
    </Popover>
  );
}

function Pressure() {
  const { view } = usePage();
  const hasPressure = useView((state) => state.hasPressure);
  return (
    <label className="choice">
      <input
        type="checkbox"
        checked={hasPressure}
        onChange={(event) => view.setState({ hasPressure: event.target.checked })}
      />
      <span>A pen draws thinner when pressed less</span>
    </label>
  );
}

const INK_WORDS: Readonly<Record<OverlayInk, string>> = {
  minium: 'Red',
  lapis: 'Blue',
  green: 'Green',
  grey: 'Grey',
};
const PATTERN_WORDS: Readonly<Record<OverlayPattern, string>> = {
  stripes: 'Stripes',
  fill: 'Fill',
  line: 'Line only',
};

/** How the region is shown on the picture; nothing of it is in the result. */
function OverlayChoice() {
  const { view } = usePage();
  const overlay = useView((state) => state.overlay);
  const isShown = useView((state) => state.isRegionShown);
  const title = useKeyTitle('Show the region', 'toggle-region');
  return (
    <Popover label="Overlay" title="How the region is shown on the picture">
      <label className="choice" title={title}>
        <input
          type="checkbox"
          checked={isShown}
          onChange={(event) => view.setState({ isRegionShown: event.target.checked })}
        />
        <span>Show the region</span>
      </label>
      <Segments
        label="Pattern"
        value={overlay.pattern}
        options={OVERLAY_PATTERNS.map((value) => ({ value, text: PATTERN_WORDS[value] }))}
        onChange={(pattern) => view.setState({ overlay: { ...overlay, pattern } })}
      />
      <Segments
        label="Colour"
        value={overlay.ink}
        options={OVERLAY_INKS.map((value) => ({ value, text: INK_WORDS[value] }))}
        onChange={(ink) => view.setState({ overlay: { ...overlay, ink } })}
      />
      <OptionSlider
        label="Opacity"
        min={0}
        max={MAX_OPACITY * 100}
        value={Math.round(overlay.opacity * 100)}
        text={inPercent(overlay.opacity)}
        onChange={(value) => view.setState({ overlay: { ...overlay, opacity: value / 100 } })}
      />
    </Popover>
  );
}
