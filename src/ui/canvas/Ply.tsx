import type { CSSProperties, KeyboardEvent, PointerEvent } from 'react';

import type { PictureRef } from '../../session/document.ts';
import { useMessages } from '../messages/useMessages.ts';
import { usePage } from '../page.ts';

export interface PlySheet {
  /** Number of the turn on this branch; 0 is the start. */
  readonly number: number;
  readonly title: string;
  readonly picture: PictureRef;
}

interface PlyProps {
  /** Oldest first, the current one last. */
  readonly sheets: readonly PlySheet[];
  readonly shown: number;
  /** Null puts the current picture back on top. */
  readonly onLook: (number: number | null) => void;
  readonly onEnter: (number: number) => void;
}

/** More edges than this could not be told apart. */
const MOST_EDGES = 6;
const EDGE_HEIGHT = 6;

/** The edges of the earlier pictures under the current one: a slider through time. */
export function Ply({ sheets, shown, onLook, onEnter }: PlyProps) {
  const { pictureUrl } = usePage();
  const { desk } = useMessages();
  const last = sheets.length - 1;
  const place = Math.max(
    0,
    sheets.findIndex((sheet) => sheet.number === shown),
  );
  const edges = sheets.slice(0, last).toReversed().slice(0, MOST_EDGES);

  const look = (index: number): void => {
    const sheet = sheets[Math.min(Math.max(index, 0), last)];
    if (sheet !== undefined) onLook(sheet === sheets[last] ? null : sheet.number);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step: Readonly<Record<string, number>> = {
      ArrowUp: place + 1,
      ArrowRight: place + 1,
      ArrowDown: place - 1,
      ArrowLeft: place - 1,
      Home: 0,
      End: last,
    };
    const to = step[event.key];
    if (to !== undefined) look(to);
    else if (event.key === 'Enter') onEnter(sheets[place]?.number ?? 0);
    else if (event.key === 'Escape' && place !== last) onLook(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onPointer = (event: PointerEvent<HTMLElement>): void => {
    if (event.type === 'pointermove' && event.buttons === 0) return;
    event.currentTarget.setPointerCapture?.(event.pointerId);
    const depth = (event.clientY - event.currentTarget.getBoundingClientRect().top) / EDGE_HEIGHT;
    look(depth < 0 ? last : last - 1 - Math.min(Math.floor(depth), edges.length - 1));
  };

  if (last < 1) return <div className="ply" />;
  const sheet = sheets[place];
  return (
    <div
      className="ply on-picture"
      role="slider"
      tabIndex={0}
      aria-label={desk.ply}
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={place}
      aria-valuetext={(place === last ? desk.plyOnTop : desk.plyAt)(sheet?.number ?? 0, sheet?.title ?? '')}
      title={desk.plyTitle}
      onKeyDown={onKeyDown}
      onPointerDown={onPointer}
      onPointerMove={onPointer}
    >
      {edges.map((edge, index) => (
        <span
          key={edge.number}
          className={edge.number === shown ? 'is-shown' : undefined}
          style={
            {
              '--depth': index + 1,
              backgroundImage: `url("${pictureUrl(edge.picture.hash) ?? ''}")`,
            } as CSSProperties
          }
        />
      ))}
    </div>
  );
}
