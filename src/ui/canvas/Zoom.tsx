import { useMessages } from '../messages/useMessages.ts';
import { usePage, useView } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { useKeyTitle } from '../useKeyText.ts';
import { leastZoom, zoomBy, zoomToActualSize } from '../view.ts';
import { FITTED, MAX_ZOOM } from './viewport.ts';

interface ZoomProps {
  /** What has a key is left out on narrow screens, where the options of the tool take its room. */
  readonly isFolded: boolean;
}

/** CSS pixels per frame pixel in percent, and the buttons that change it. */
export function Zoom({ isFolded }: ZoomProps) {
  const { view } = usePage();
  const {
    desk,
    keys: { commands },
  } = useMessages();
  const { zoom } = useView((state) => state.viewport);
  const least = useView(leastZoom);
  const fittedScale = useView((state) => state.fittedScale);
  const [outTitle, inTitle, fitTitle, actualTitle] = [
    useKeyTitle(commands['zoom-out'], 'zoom-out'),
    useKeyTitle(commands['zoom-in'], 'zoom-in'),
    useKeyTitle(commands.fit, 'fit'),
    useKeyTitle(commands['actual-size'], 'actual-size'),
  ];
  const percent = Math.round(fittedScale * zoom * 100);
  return (
    <div className={isFolded ? 'zoom fold' : 'zoom'} role="group" aria-label={desk.toolNames.zoom}>
      <button
        type="button"
        className="icon-button"
        aria-label={commands['zoom-out']}
        title={outTitle}
        disabled={zoom <= least}
        onClick={() => zoomBy(view, 0.8)}
      >
        <Icon name="minus" />
      </button>
      <button
        type="button"
        className="word-button zoom-value"
        aria-label={desk.zoomed(percent)}
        title={actualTitle}
        onClick={() => zoomToActualSize(view)}
      >
        {`${percent}\u00a0%`}
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={commands['zoom-in']}
        title={inTitle}
        disabled={zoom >= MAX_ZOOM}
        onClick={() => zoomBy(view, 1.25)}
      >
        <Icon name="plus" />
      </button>
      <button
        type="button"
        className="word-button"
        title={fitTitle}
        disabled={zoom === 1}
        onClick={() => view.setState({ viewport: FITTED })}
      >
        {desk.fit}
      </button>
    </div>
  );
}
