import { useState } from 'react';

import { frameAt, pathTo } from '../../session/document.ts';
import { selectDocument } from '../../session/selectors.ts';
import type { ExportedFile } from '../../session/state.ts';
import { saveSession } from '../keep.ts';
import { useActions, useEditor, usePage } from '../page.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { speak } from '../view.ts';
import { countOf, inBytes, inPercent } from '../words.ts';

type Format = 'frames' | 'video' | 'picture' | 'session';

const FORMATS: readonly {
  readonly value: Format;
  readonly name: string;
  readonly note: string;
  readonly act: string;
}[] = [
  {
    value: 'frames',
    name: 'Frames',
    note: 'PNG in a zip, with regions and recipes',
    act: 'Export the frames',
  },
  { value: 'video', name: 'MP4', note: 'video, H.264', act: 'Export MP4' },
  { value: 'picture', name: 'Picture', note: 'PNG of the turn in sight', act: 'Export PNG' },
  { value: 'session', name: 'Session', note: 'everything, opens here again', act: 'Save the session file' },
];

const SECONDS = [0.5, 1, 2, 3] as const;

export function ExportDialog() {
  const page = usePage();
  const { view, saveFile } = page;
  const actions = useActions();
  const document = useEditor(selectDocument);
  const video = useEditor((state) => state.video);
  const [format, setFormat] = useState<Format>('frames');
  const [seconds, setSeconds] = useState<number>(2);
  const [done, setDone] = useState<ExportedFile | null>(null);
  if (document === null) return null;
  const frames =
    pathTo(document, document.current).filter((turn) => turn.state.status === 'done').length +
    (document.root.kind === 'words' ? 0 : 1);
  const chosen = FORMATS.find((one) => one.value === format) ?? FORMATS[0];
  const size = frameAt(document, document.current);

  const close = (): void => view.setState({ dialog: null });
  const run = async (): Promise<void> => {
    setDone(null);
    const file = {
      frames: () => actions.exportFrames(),
      video: () => actions.exportVideo(seconds),
      picture: () => actions.exportPicture(document.current),
      session: () => saveSession(page),
    }[format]();
    const made = await file;
    if (made === null) return;
    if (format !== 'session') saveFile(made);
    setDone(made);
    speak(view, `${made.name} is saved, ${inBytes(made.bytes.byteLength)}.`);
  };
  const about =
    format === 'video'
      ? `${countOf(frames, 'picture', 'pictures')}, ${frames * seconds}\u00a0s`
      : format === 'frames'
        ? countOf(frames, 'picture', 'pictures')
        : format === 'picture'
          ? size === null
            ? 'no picture yet'
            : `${size.width}\u00a0×\u00a0${size.height}`
          : countOf(document.turns.length, 'turn', 'turns');
  return (
    <Dialog title="Export" onClose={close} isSide>
      <fieldset className="format-list">
        <legend className="quiet small">As</legend>
        {FORMATS.map(({ value, name, note }) => (
          <label key={value} className="choice">
            <input type="radio" name="format" checked={format === value} onChange={() => setFormat(value)} />
            <b>{name}</b>
            <span className="quiet">{note}</span>
          </label>
        ))}
      </fieldset>
      {format === 'video' && (
        <label className="field-line">
          Seconds for each picture
          <select
            className="text-input"
            value={seconds}
            onChange={(event) => setSeconds(Number(event.target.value))}
          >
            {SECONDS.map((value) => (
              <option key={value} value={value}>
                {value}
              </option>
            ))}
          </select>
        </label>
      )}
      {(format === 'frames' || format === 'video') && (
        <p className="quiet small">From the start to the turn you are at, along this branch.</p>
      )}
      {video.status === 'failed' && format === 'video' && (
        <p className="load-failed" role="alert">{`${video.failure.happened} ${video.failure.safe}`}</p>
      )}
      {done !== null && (
        <p className="sign-kept" role="status">{`Saved ${done.name}, ${inBytes(done.bytes.byteLength)}`}</p>
      )}
      <div className="dialog-actions">
        <p className="quiet small">
          {video.status === 'encoding' ? `Encoding, ${inPercent(video.fraction)}` : about}
        </p>
        {video.status === 'encoding' ? (
          <button type="button" className="word-button is-edged" onClick={() => actions.cancelVideo()}>
            Cancel
          </button>
        ) : (
          <button
            type="button"
            className="act"
            disabled={frames === 0 && format !== 'session'}
            onClick={() => void run()}
          >
            {chosen?.act}
          </button>
        )}
      </div>
    </Dialog>
  );
}
