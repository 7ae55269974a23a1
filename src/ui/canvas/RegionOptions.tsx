import { invertRegion, refineRegion, type Refinement } from '../commands.ts';
import { useMessages } from '../messages/useMessages.ts';
import { usePage, useView } from '../page.ts';
import { OptionSlider } from '../parts/OptionSlider.tsx';
import { Popover } from '../parts/Popover.tsx';
import { Segments } from '../parts/Segments.tsx';
import { MAX_OPACITY, MAX_REFINE, OVERLAY_INKS, OVERLAY_PATTERNS } from '../settings.ts';
import { setEditedMask } from '../stage.ts';
import { useKeyTitle } from '../useKeyText.ts';
import { inPercent } from '../words.ts';
import { useRegion } from './useRegion.ts';

/** What every tool of the region has: changing all of it, and how it is shown. */
export function RegionOptions() {
  const page = usePage();
  const { desk, keys } = useMessages();
  const region = useRegion();
  const drawn = region?.drawn ?? null;
  const [invertTitle, clearTitle] = [
    useKeyTitle(keys.commands.invert, 'invert'),
    useKeyTitle(keys.commands.clear, 'clear'),
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
        {desk.invert}
      </button>
      <button
        type="button"
        className="word-button"
        title={clearTitle}
        disabled={drawn === null}
        onClick={() => setEditedMask(page, null)}
      >
        {desk.clear}
      </button>
      <OverlayChoice />
    </>
  );
}

const REFINEMENTS: readonly Refinement[] = ['grow', 'shrink', 'feather'];

interface RefineProps {
  readonly isDisabled: boolean;
}

function Refine({ isDisabled }: RefineProps) {
  const page = usePage();
  const { desk } = useMessages();
  const by = useView((state) => state.refineBy);
  return (
    <Popover label={desk.refine} title={desk.refineTitle}>
      <OptionSlider
        label={desk.refineBy}
        min={1}
        max={MAX_REFINE}
        value={by}
        text={`${by}\u00a0px`}
        onChange={(refineBy) => page.view.setState({ refineBy })}
      />
      <div className="popover-row">
        {REFINEMENTS.map((how) => (
          <button
            key={how}
            type="button"
            className="word-button is-edged"
            title={desk.refinements[how].title}
            disabled={isDisabled}
            onClick={() => refineRegion(page, how)}
          >
            {desk.refinements[how].name}
          </button>
        ))}
      </div>
      <p className="quiet small">{desk.softNote}</p>
      <Pressure />
    </Popover>
  );
}

function Pressure() {
  const { view } = usePage();
  const { desk } = useMessages();
  const hasPressure = useView((state) => state.hasPressure);
  return (
    <label className="choice">
      <input
        type="checkbox"
        checked={hasPressure}
        onChange={(event) => view.setState({ hasPressure: event.target.checked })}
      />
      <span>{desk.pressure}</span>
    </label>
  );
}

/** How the region is shown on the picture; nothing of it is in the result. */
function OverlayChoice() {
  const { view } = usePage();
  const { desk, keys } = useMessages();
  const overlay = useView((state) => state.overlay);
  const isShown = useView((state) => state.isRegionShown);
  const title = useKeyTitle(keys.commands['toggle-region'], 'toggle-region');
  return (
    <Popover label={desk.overlay} title={desk.overlayTitle}>
      <label className="choice" title={title}>
        <input
          type="checkbox"
          checked={isShown}
          onChange={(event) => view.setState({ isRegionShown: event.target.checked })}
        />
        <span>{desk.showRegion}</span>
      </label>
      <Segments
        label={desk.pattern}
        value={overlay.pattern}
        options={OVERLAY_PATTERNS.map((value) => ({ value, text: desk.patterns[value] }))}
        onChange={(pattern) => view.setState({ overlay: { ...overlay, pattern } })}
      />
      <Segments
        label={desk.ink}
        value={overlay.ink}
        options={OVERLAY_INKS.map((value) => ({ value, text: desk.inks[value] }))}
        onChange={(ink) => view.setState({ overlay: { ...overlay, ink } })}
      />
      <OptionSlider
        label={desk.opacity}
        min={0}
        max={MAX_OPACITY * 100}
        value={Math.round(overlay.opacity * 100)}
        text={inPercent(overlay.opacity)}
        onChange={(value) => view.setState({ overlay: { ...overlay, opacity: value / 100 } })}
      />
    </Popover>
  );
}
