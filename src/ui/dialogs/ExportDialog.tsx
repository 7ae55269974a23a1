import { useState } from 'react';

import type { ExportedFile, PictureAlong } from '../../session/actions.ts';
import { videoFormats, type VideoFormat } from '../../session/export/video.ts';
import { selectDocument } from '../../session/selectors.ts';
import { playedShots, storyOf, usualSeconds } from '../../session/story.ts';
import { frameAt } from '../../session/tree.ts';
import { saveSession } from '../keep.ts';
import { messagesOf, useMessages } from '../messages/useMessages.ts';
import { useActions, useEditor, usePage } from '../page.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { speak } from '../view.ts';
import { inBytes, inPercent, inSize } from '../words.ts';

const FORMATS = ['frames', 'mp4', 'gif', 'apng', 'picture', 'layers', 'session'] as const;
type Format = (typeof FORMATS)[number];

const ALONG: readonly PictureAlong[] = ['nothing', 'recipe', 'session'];

/** The kinds that play. */
function isFilm(format: Format): format is VideoFormat {
  return format in videoFormats;
}

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
  const [seconds, setSeconds] = useState<number>(usualSeconds);
  const [along, setAlong] = useState<PictureAlong>('recipe');
  const [done, setDone] = useState<ExportedFile | null>(null);
  if (document === null) return null;
  const shots = storyOf(document, document.current, seconds);
  const played = playedShots(shots);
  const frames = played.reduce((sum, shot) => sum + shot.frames.length, 0);
  const length = played.reduce((sum, shot) => sum + shot.seconds, 0);
  const leftOut = shots.filter(({ isLeftOut }) => isLeftOut).length;
  const hasOwnTimes = document.shots?.some((shot) => shot.seconds !== null) === true;
  const size = frameAt(document, document.current);

  const close = (): void => view.setState({ dialog: null });
  const run = async (): Promise<void> => {
    setDone(null);
    const exporters = {
      frames: () => actions.exportFrames(),
      picture: () => actions.exportPicture(document.current, along),
      layers: () => actions.exportOpenRaster(document.current),
      session: () => saveSession(page),
    };
    const made = await (isFilm(format) ? actions.exportVideo(format, seconds) : exporters[format]());
    if (made === null) return;
    if (format !== 'session') saveFile(made);
    setDone(made);
    speak(view, messagesOf(view).spoken.saved(made.name, inBytes(made.bytes.byteLength)));
  };
  const about = isFilm(format)
    ? m.video(frames, Math.round(length * 10) / 10)
    : format === 'frames'
      ? all.pictures(frames)
      : format === 'picture' || format === 'layers'
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
      {isFilm(format) && (
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
      {format === 'picture' && (
        <>
          <label className="field-line">
            {m.along}
            <select
              className="text-input"
              value={along}
              onChange={(event) => setAlong(ALONG[event.target.selectedIndex] ?? 'recipe')}
            >
              {ALONG.map((value) => (
                <option key={value} value={value}>
                  {m.alongs[value]}
                </option>
              ))}
            </select>
          </label>
          {document.current !== null && <p className="quiet small">{m.marked}</p>}
        </>
      )}
      {(format === 'frames' || isFilm(format)) && (
        <p className="quiet small">
          {m.way}
          {leftOut > 0 && ` ${all.story.notInExport(leftOut)}`}
          {isFilm(format) && hasOwnTimes && ` ${all.story.ownTimes}`}
        </p>
      )}
      {video.status === 'failed' && isFilm(format) && (
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
            disabled={
              format === 'picture' || format === 'layers'
                ? size === null
                : format !== 'session' && frames === 0
            }
            onClick={() => void run()}
          >
            {m.formats[format].act}
          </button>
        )}
      </div>
    </Dialog>
  );
}
