import { useMemo, useState } from 'react';

import { fitPicture, nearestFrame, type FitMode } from '../canvas/pictureFile.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useOpen } from '../open.ts';
import { usePage, useView } from '../page.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { PixelCanvas } from '../parts/PixelCanvas.tsx';
import { inSize } from '../words.ts';

const MODES: readonly FitMode[] = ['cut', 'bars'];

/** The picture has another shape than the model's frame: the person says what happens to it. */
export function FitDialog() {
  const { view, offer } = usePage();
  const { openUnfitted } = useOpen();
  const { fit: m } = useMessages();
  const unfitted = useView((state) => state.unfitted);
  const [mode, setMode] = useState<FitMode>('cut');
  const frame = useMemo(
    () => (typeof offer === 'string' || unfitted === null ? null : nearestFrame(unfitted.bitmap, offer)),
    [offer, unfitted],
  );
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
    <Dialog title={m.title} onClose={() => view.setState({ unfitted: null })}>
      <p className="quiet">{m.sizes(unfitted.name, inSize(unfitted.bitmap), inSize(frame))}</p>
      <fieldset className="fit-choices">
        <legend className="spoken-only">{m.how}</legend>
        {MODES.map((value) => (
          <label key={value} className="fit-choice">
            <PixelCanvas pixels={previews[value]} label="" />
            <span className="choice">
              <input type="radio" name="fit" checked={mode === value} onChange={() => setMode(value)} />
              <b>{m[value].name}</b>
            </span>
            <span className="quiet small">{m[value].note}</span>
          </label>
        ))}
      </fieldset>
      <div className="dialog-actions">
        <button type="button" className="act push" onClick={() => void openUnfitted(mode)}>
          {m.open}
        </button>
      </div>
    </Dialog>
  );
}
