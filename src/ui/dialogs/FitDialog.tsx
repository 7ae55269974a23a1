import { useMemo, useState } from 'react';

import { fitPicture, type FitMode } from '../canvas/pictureFile.ts';
import { useOpen } from '../open.ts';
import { usePage, useView } from '../page.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { PixelCanvas } from '../parts/PixelCanvas.tsx';
import { inSize } from '../words.ts';

const MODES: readonly { readonly value: FitMode; readonly name: string; readonly note: string }[] = [
  { value: 'cut', name: 'Cut to the middle', note: 'fills the frame, the ends are lost' },
  { value: 'bars', name: 'Show all of it', note: 'grey bars fill the rest' },
];

/** The picture has another shape than the model's frame: the person says what happens to it. */
export function FitDialog() {
  const { view, offer } = usePage();
  const { openUnfitted } = useOpen();
  const unfitted = useView((state) => state.unfitted);
  const [mode, setMode] = useState<FitMode>('cut');
  const frame = typeof offer === 'string' ? null : offer.frame;
  const previews = useMemo(
    () =>
      unfitted === null || frame === null
        ? null
        : {
            cut: fitPicture(unfitted.bitmap, frame, 'cut'),
            bars: fitPicture(unfitted.bitmap, frame, 'bars'),
          },
    [unfitted, frame],
  );
  if (unfitted === null || previews === null || frame === null) return null;
  return (
    <Dialog title="Fit the picture" onClose={() => view.setState({ unfitted: null })}>
      <p className="quiet">{`${unfitted.name} has ${inSize(unfitted.bitmap)} pixels; the model works on ${inSize(frame)}.`}</p>
      <fieldset className="fit-choices">
        <legend className="spoken-only">How to fit it</legend>
        {MODES.map(({ value, name, note }) => (
          <label key={value} className="fit-choice">
            <PixelCanvas pixels={previews[value]} label="" />
            <span className="choice">
              <input type="radio" name="fit" checked={mode === value} onChange={() => setMode(value)} />
              <b>{name}</b>
            </span>
            <span className="quiet small">{note}</span>
          </label>
        ))}
      </fieldset>
      <div className="dialog-actions">
        <button type="button" className="act push" onClick={() => void openUnfitted(mode)}>
          Open the picture
        </button>
      </div>
    </Dialog>
  );
}
