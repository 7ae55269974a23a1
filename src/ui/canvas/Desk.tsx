import { useMemo, type CSSProperties } from 'react';

import { frameAt, type NodeId, type SessionDocument } from '../../session/document.ts';
import { selectPreview, selectShownFrame } from '../../session/selectors.ts';
import { useActions, useEditor, usePage, useView } from '../page.ts';
import { Frame } from '../parts/Frame.tsx';
import { Icon } from '../parts/Icon.tsx';
import { PixelCanvas } from '../parts/PixelCanvas.tsx';
import { Compare } from './Compare.tsx';
import { Facts } from './Facts.tsx';
import { PictureWindow } from './PictureWindow.tsx';
import { Ply, type PlySheet } from './Ply.tsx';
import { Progress } from './Progress.tsx';
import { lineTo, type Place } from './turnLine.ts';

interface DeskProps {
  readonly document: SessionDocument;
}

function named(place: Place | undefined): string {
  return place === undefined ? '' : `${place.number} ${place.title}`;
}

/** The two sides of a comparison; undefined ids stand for the start and the current place. */
export function comparedPlaces(
  document: SessionDocument,
  before: NodeId | undefined,
  after: NodeId | undefined,
): readonly [Place, Place] {
  const pick = (id: NodeId): Place => {
    const place = lineTo(document, id).at(-1) as Place;
    return { ...place, picture: frameAt(document, id) };
  };
  return [pick(before ?? null), pick(after === undefined ? document.current : after)];
}

/** The desk with the picture on it. */
export function Desk({ document }: DeskProps) {
  const { view } = usePage();
  const actions = useActions();
  const shown = useEditor(selectShownFrame);
  const preview = useEditor(selectPreview);
  const run = useEditor((state) => state.run);
  const tool = useView((state) => state.tool);
  const under = useView((state) => state.under);
  const isPeeking = useView((state) => state.isPeeking);
  const comparison = useView((state) => state.comparison);

  const line = useMemo(() => lineTo(document, document.current), [document]);
  const sheets = line.flatMap(({ number, title, picture }): PlySheet[] =>
    picture === null ? [] : [{ number, title, picture }],
  );
  const here = line.at(-1);
  const lookedUnder = under === null ? undefined : sheets.find((sheet) => sheet.number === under);
  const before = sheets.findLast((sheet) => sheet.number < (here?.number ?? 0));
  const other = lookedUnder ?? (isPeeking ? before : undefined);
  const isRunning = run.status === 'running' && run.turnId === document.current;
  const picture = other?.picture ?? shown;
  const number = other?.number ?? here?.number ?? 0;
  const sides = comparedPlaces(document, comparison.before, comparison.after);
  const [left, right] = sides;

  if (picture === null) {
    return (
      <main className="desk" id="picture" aria-label="Picture">
        <p className="desk-empty">Nothing is drawn yet. Write what the first picture should show.</p>
      </main>
    );
  }
  const size = { '--frame-width': picture.width, '--frame-height': picture.height } as CSSProperties;
  return (
    <main className="desk" id="picture" aria-label="Picture">
      <figure className="sheet" style={size}>
        {tool === 'compare' && left.picture !== null && right.picture !== null ? (
          <Compare
            before={{ title: named(left), picture: left.picture }}
            after={{ title: named(right), picture: right.picture }}
          />
        ) : (
          <PictureWindow
            frame={picture}
            canDraw={other === undefined}
            isRunning={isRunning}
            runningMask={here?.turn?.mask ?? null}
          >
            <Frame picture={picture} alt={other?.title ?? here?.title ?? ''} />
            {preview !== null && other === undefined && (
              <PixelCanvas className="preview" pixels={preview} label="Preview of the edit" />
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
            <span>{`Looking under: turn ${number}`}</span>
            <button type="button" className="word-button push" onClick={() => view.setState({ under: null })}>
              Back on top
            </button>
            <button
              type="button"
              className="word-button is-edged"
              onClick={() => actions.branchFrom(line[number]?.id ?? null)}
            >
              <Icon name="fork" />
              Branch from here
            </button>
          </figcaption>
        ) : isRunning && run.status === 'running' ? (
          <Progress run={run} number={here?.number ?? 0} />
        ) : (
          <Facts document={document} line={line} picture={picture} />
        )}
      </figure>
    </main>
  );
}
