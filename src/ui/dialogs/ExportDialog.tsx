import { useState } from 'react';

import type { ExportedFile } from '../../session/actions.ts';
import { frameAt, pathTo } from '../../session/document.ts';
import { selectDocument } from '../../session/selectors.ts';
import { saveSession } from '../keep.ts';
import { messagesOf, useMessages } from '../messages/useMessages.ts';
import { useActions, useEditor, usePage } from '../page.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { speak } from '../view.ts';
import { inBytes, inPercent, inSize } from '../words.ts';

const FORMATS = ['frames', 'video', 'picture', 'session'] as const;
type Format = (typeof FORMATS)[number];

const SECONDS = [0.5, 1, 2, 3] as const;

export function ExportDialog() {
  const page = usePage();
  const { view, saveFile } = page;
  const actions = useActions();
  const all = useMessages();
  const m = all.export;
  const document = useEditor(selectDocument);
  const video = useEditor((state) => state.video);
  const [format, setFormat] = useState<Format>('frames');
  const [seconds, setSeconds] = useState<number>(2);
  const [done, setDone] = useState<ExportedFile | null>(null);
  if (document === null) return null;
  const frames =
    pathTo(document, document.current).filter((turn) => turn.state.status === 'done').length +
    (document.root.kind === 'words' ? 0 : 1);
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
    speak(view, messagesOf(view).spoken.saved(made.name, inBytes(made.bytes.byteLength)));
  };
  const about =
    format === 'video'
      ? m.video(frames, frames * seconds)
      : format === 'frames'
        ? all.pictures(frames)
        : format === 'picture'
          ? size === null
            ? m.noPicture
            : inSize(size)
          : all.turns(document.turns.length);
  return (
    <Dialog title={m.title} onClose={close} isSide>
      <fieldset className="format-list">
        <legend className="quiet small">{m.as}</legend>
        {FORMATS.map((value) => (
          <label key={value} className="choice">
            <input type="radio" name="format" checked={format === value} onChange={() => setFormat(value)} />
            <b>{m.formats[value].name}</b>
            <span className="quiet">{m.formats[value].note}</span>
          </label>
        ))}
      </fieldset>
      {format === 'video' && (
        <label className="field-line">
          {m.seconds}
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
      {(format === 'frames' || format === 'video') && <p className="quiet small">{m.along}</p>}
      {video.status === 'failed' && format === 'video' && (
        <p className="load-failed" role="alert">
          {all.failure(`${video.failure.happened} ${video.failure.safe}`)}
        </p>
      )}
      {done !== null && (
        <p className="sign-kept" role="status">
          {m.saved(done.name, inBytes(done.bytes.byteLength))}
        </p>
      )}
      <div className="dialog-actions">
        <p className="quiet small">
          {video.status === 'encoding' ? m.encoding(inPercent(video.fraction)) : about}
        </p>
        {video.status === 'encoding' ? (
          <button type="button" className="word-button is-edged" onClick={() => actions.cancelVideo()}>
            {all.cancel}
          </button>
        ) : (
          <button
            type="button"
            className="act"
            disabled={frames === 0 && format !== 'session'}
            onClick={() => void run()}
          >
            {m.formats[format].act}
          </button>
        )}
      </div>
    </Dialog>
  );
}
