import type { CSSProperties } from 'react';

import type { SessionDocument } from '../../session/document.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useEditor, usePage } from '../page.ts';
import { Frame } from '../parts/Frame.tsx';
import { PixelCanvas } from '../parts/PixelCanvas.tsx';
import { shotName, shotWords } from './film.ts';
import { Player } from './Player.tsx';
import { useFilm } from './useFilm.ts';

interface ScreenProps {
  readonly document: SessionDocument;
}

/** Shape of the blank screen while nobody can tell that of the model. */
const SQUARE = { width: 256, height: 256 };

/** The picture of the film at which the player stands, with its words, and the player below it. */
export function Screen({ document }: ScreenProps) {
  const { offer } = usePage();
  const m = useMessages();
  const { shots, shown, index, frame } = useFilm(document);
  const preview = useEditor(({ run }) =>
    run.status === 'running' && run.turnId === shown?.turn?.id ? (run.progress?.preview ?? null) : null,
  );
  const picture = shown?.frames[frame] ?? null;
  // Until a shot is there, the one before it shows through.
  const ghost = shots.slice(0, Math.max(index, 0)).findLast(({ frames }) => frames.length > 0);
  const behind = picture ?? ghost?.frames.at(-1) ?? null;
  const size = behind ?? (typeof offer === 'string' ? SQUARE : offer.frame);
  const style = { '--frame-width': size.width, '--frame-height': size.height } as CSSProperties;
  const words = shown === null ? '' : shotWords(m, shown);
  return (
    <main className="desk story-desk" id="picture" aria-label={m.desk.picture}>
      <h1 className="spoken-only narrow-only">{document.name}</h1>
      <figure className="sheet" style={style}>
        <div
          className={`story-screen${picture === null ? ' is-waiting' : ''}${shown?.isLeftOut === true ? ' is-out' : ''}`}
          style={{ aspectRatio: `${size.width} / ${size.height}` }}
          role="group"
          aria-label={m.story.film}
          tabIndex={-1}
        >
          {behind !== null && <Frame picture={behind} alt={picture === null ? '' : words} />}
          {preview !== null && <PixelCanvas className="preview" pixels={preview} label={m.story.preview} />}
          {picture === null && preview === null && (
            <p>{shown === null ? m.story.none : m.story.willAppear}</p>
          )}
          {shown?.turn != null && words !== '' && (
            <p className="shot-caption" lang="en" aria-hidden="true">
              {words}
            </p>
          )}
        </div>
        <Player document={document} name={shown === null ? '' : m.story.card(shotName(m, shown), words)} />
      </figure>
    </main>
  );
}
