import { useRef, type KeyboardEvent, type PointerEvent } from 'react';

import type { PictureRef } from '../../session/document.ts';
import { usePage, useView } from '../page.ts';
import { Frame } from '../parts/Frame.tsx';
import { Icon } from '../parts/Icon.tsx';

interface CompareSide {
  readonly title: string;
  readonly picture: PictureRef;
}

interface CompareProps {
  readonly before: CompareSide;
  readonly after: CompareSide;
}

/** Two pictures over each other and a line to move between them. */
export function Compare({ before, after }: CompareProps) {
  const { view } = usePage();
  const ref = useRef<HTMLDivElement>(null);
  const line = useView((state) => state.comparison.line);
  const percent = Math.round(line * 100);

  const move = (to: number): void => {
    const { comparison } = view.getState();
    view.setState({ comparison: { ...comparison, line: Math.min(Math.max(to, 0), 1) } });
  };
  const onPointer = (event: PointerEvent<HTMLElement>): void => {
    if (event.type === 'pointermove' && event.buttons === 0) return;
    const box = ref.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return;
    event.currentTarget.setPointerCapture?.(event.pointerId);
    move((event.clientX - box.left) / box.width);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = event.shiftKey ? 0.1 : 0.01;
    const to: Readonly<Record<string, number>> = {
      ArrowLeft: line - step,
      ArrowDown: line - step,
      ArrowRight: line + step,
      ArrowUp: line + step,
      // Home shows all of the picture before, End all of the one after.
      Home: 1,
      End: 0,
    };
    const place = to[event.key];
    if (place === undefined) return;
    event.preventDefault();
    move(place);
  };

  return (
    <div
      ref={ref}
      className="compare on-picture"
      style={{ aspectRatio: `${after.picture.width} / ${after.picture.height}` }}
      onPointerDown={onPointer}
      onPointerMove={onPointer}
    >
      <Frame picture={after.picture} alt={after.title} />
      <div className="compare-before" style={{ clipPath: `inset(0 ${100 - line * 100}% 0 0)` }}>
        <Frame picture={before.picture} alt={before.title} />
      </div>
      <span className="compare-tag is-left" aria-hidden="true">
        {before.title}
      </span>
      <span className="compare-tag is-right" aria-hidden="true">
        {after.title}
      </span>
      <span className="compare-line" style={{ left: `${line * 100}%` }}>
        <span
          className="compare-knob"
          role="slider"
          tabIndex={0}
          aria-label="Before and after"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
          aria-valuetext={`${percent} % ${before.title}, the rest ${after.title}`}
          onKeyDown={onKeyDown}
        >
          <Icon name="swap" />
        </span>
      </span>
    </div>
  );
}
