import { useMemo, type CSSProperties } from 'react';

import type { Pixels } from '../../runtime/contract.ts';
import type { SessionDocument } from '../../session/document.ts';
import { selectPreview, selectShownFrame } from '../../session/selectors.ts';
import { sizeOfPictures } from '../../session/tree.ts';
import type { Messages } from '../messages/en.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, useEditor, usePage, useView } from '../page.ts';
import { Frame } from '../parts/Frame.tsx';
import { Icon } from '../parts/Icon.tsx';
import { PixelCanvas } from '../parts/PixelCanvas.tsx';
import { useTool } from '../useTool.ts';
import { Compare } from './Compare.tsx';
import { Facts } from './Facts.tsx';
import { PictureWindow } from './PictureWindow.tsx';
import { Ply, type PlySheet } from './Ply.tsx';
import { Progress } from './Progress.tsx';
import { StartSize } from './StartSize.tsx';
import { comparedPlaces, lineTo, placeTitle, type Place } from './turnLine.ts';
import { useClip } from './useClip.ts';

interface DeskProps {
  readonly document: SessionDocument;
}

function named(messages: Messages, place: Place): string {
  return `${place.number} ${placeTitle(messages, place)}`;
}

/** Shape of the blank frame while nobody can tell that of the model. */
const SQUARE = { width: 256, height: 256 };

interface BlankFrameProps {
  readonly frame: { readonly width: number; readonly height: number };
  readonly isRunning: boolean;
  readonly preview: Pixels | null;
}

/** Where the first picture will stand when a session begins with words. */
function BlankFrame({ frame, isRunning, preview }: BlankFrameProps) {
  const { desk } = useMessages();
  return (
    <div className="blank-frame" style={{ aspectRatio: `${frame.width} / ${frame.height}` }}>
      {preview !== null ? (
        <PixelCanvas className="preview" pixels={preview} label={desk.firstPreview} />
      ) : (
        <p>{isRunning ? desk.willAppear : desk.nothingDrawn}</p>
      )}
    </div>
  );
}

/** The desk with the picture on it. */
export function Desk({ document }: DeskProps) {
  const { view, offer } = usePage();
  const m = useMessages();
  const actions = useActions();
  const shown = useEditor(selectShownFrame);
  const preview = useEditor(selectPreview);
  const run = useEditor((state) => state.run);
  const find = useEditor((state) => state.find);
  const tool = useTool();
  const under = useView((state) => state.under);
  const isPeeking = useView((state) => state.isPeeking);
  const comparison = useView((state) => state.comparison);

  const line = useMemo(() => lineTo(document, document.current), [document]);
  const sheets = line.flatMap((place): PlySheet[] => {
    const { number, picture } = place;
    return picture === null ? [] : [{ number, title: placeTitle(m, place), picture }];
  });
  const here = line.at(-1);
  const lookedUnder = under === null ? undefined : sheets.find((sheet) => sheet.number === under);
  const before = sheets.findLast((sheet) => sheet.number < (here?.number ?? 0));
  const other = lookedUnder ?? (isPeeking ? before : undefined);
  // While the picture before is held against it, the region of the present turn says where to look.
  const marked = lookedUnder === undefined ? here : line[lookedUnder.number];
  const isRunning = run.status === 'running' && run.turnId === document.current;
  const clip = useClip(document, document.current);
  // What is drawn and written goes on from the last frame, so no other one can be drawn on.
  const clipFrame =
    clip === null || clip.frame === clip.frames.length - 1 ? undefined : clip.frames[clip.frame];
  const picture = other?.picture ?? clipFrame ?? shown;
  const number = other?.number ?? here?.number ?? 0;
  const words = here === undefined ? '' : placeTitle(m, here);
  const title =
    clip === null ? words : `${words}${m.comma}${m.story.clipAt(clip.frame + 1, clip.frames.length)}`;
  const sides = comparedPlaces(document, comparison.before, comparison.after);
  const [left, right] = sides;

  const frame = picture ?? sizeOfPictures(document) ?? (typeof offer === 'string' ? SQUARE : offer.frame);
  const size = { '--frame-width': frame.width, '--frame-height': frame.height } as CSSProperties;
  return (
    <main className="desk" id="picture" aria-label={m.desk.picture}>
      {/* On narrow screens the tree with its heading is out of sight. */}
      <h1 className="spoken-only narrow-only">{document.name}</h1>
      <figure className="sheet" style={size}>
        {picture === null ? (
          <BlankFrame frame={frame} isRunning={isRunning} preview={preview} />
        ) : tool === 'compare' && left.picture !== null && right.picture !== null ? (
          <Compare
            before={{ title: named(m, left), picture: left.picture }}
            after={{ title: named(m, right), picture: right.picture }}
          />
        ) : (
          <PictureWindow
            frame={picture}
            marked={marked}
            canDraw={other === undefined && clipFrame === undefined}
            isRunning={isRunning}
            runningMask={here?.turn?.regions.drawn ?? null}
          >
            <Frame picture={picture} alt={other?.title ?? title} />
            {preview !== null && other === undefined && (
              <PixelCanvas className="preview" pixels={preview} label={m.desk.preview} />
            )}
          </PictureWindow>
        )}
        <Ply
          sheets={sheets}
          shown={other?.number ?? sheets.at(-1)?.number ?? 0}
          onLook={(to) => view.setState({ under: to })}
          onEnter={(to) => {
            const place = line[to];
            if (place !== undefined) actions.goTo(place.id);
          }}
        />
        {lookedUnder !== undefined ? (
          <figcaption className="facts">
            <span>{m.desk.lookingUnder(number)}</span>
            <button type="button" className="word-button push" onClick={() => view.setState({ under: null })}>
              {m.desk.backOnTop}
            </button>
            <button
              type="button"
              className="word-button is-edged"
              onClick={() => actions.branchFrom(line[number]?.id ?? null)}
            >
              <Icon name="fork" />
              {m.desk.branchHere}
            </button>
          </figcaption>
        ) : isRunning && run.status === 'running' ? (
          <Progress
            {...run}
            label={m.turn(here?.number ?? 0)}
            waiting={m.desk.waitingForModel}
            onCancel={() => actions.cancel()}
          />
        ) : find.status !== 'idle' ? (
          <Progress
            progress={find.status === 'running' ? find.progress : null}
            isCancelling={find.status === 'running' && find.isCancelling}
            label={m.side.stages[find.stage]}
            waiting={find.status === 'waiting' ? m.side.waitsToFind : m.desk.waitingForModel}
            onCancel={() => actions.cancelFinding()}
          />
        ) : picture === null ? (
          <figcaption className="facts">
            <span className="quiet">{document.name}</span>
            {typeof offer !== 'string' && <StartSize document={document} offer={offer} />}
          </figcaption>
        ) : (
          <Facts document={document} line={line} picture={picture} clip={tool === 'compare' ? null : clip} />
        )}
      </figure>
    </main>
  );
}
