/** The icons of the page: a grid of 20, a pen of 1.5, cut ends. A dashed line stands for a region. */
import type { ReactElement } from 'react';

const SHAPES = {
  again: <path d="M16.5 9.5a6.5 6.5 0 10-1.7 4.9M16.8 4.5v5h-5" />,
  brush: (
    <path d="M16.8 3.2c-3.6 2-6.6 5-8.4 8l1.9 1.8c2.9-2 5.6-5.2 7-8.8.2-.7-.1-1.2-.5-1zM7.6 12.3c-1.7-.1-2.8.8-3.1 2.4-.2 1-.7 1.7-1.7 2.2 2.6.6 5.6.1 6.4-2.8" />
  ),
  check: <path d="M3.5 10.5l4.3 4.2L16.5 5.5" />,
  close: <path d="M5 5l10 10M15 5L5 15" />,
  compare: (
    <>
      <path d="M10 2v16M8 4.5H3v11h5M12 4.5h5v11h-5" />
      <path className="f" d="M12 4.5h5v11h-5z" />
    </>
  ),
  copy: <path d="M6.5 6.5h10v10h-10zM13.5 6.5v-3h-10v10h3" />,
  disk: (
    <path d="M3 5.5C3 4 6 3 10 3s7 1 7 2.5v9c0 1.5-3 2.5-7 2.5s-7-1-7-2.5zM3 5.5C3 7 6 8 10 8s7-1 7-2.5M3 10c0 1.5 3 2.5 7 2.5s7-1 7-2.5" />
  ),
  down: <path d="M5.5 8l4.5 4.5L14.5 8" />,
  earlier: <path d="M14.5 4.5L7 10l7.5 5.5zM5 4.5v11" />,
  eraser: <path d="M8.3 16.5l-5-5 8-8 5.2 5.2-7.8 7.8zM6.6 8.2l5.1 5.2M8.3 16.5h8.5" />,
  export: <path d="M10 13V2.8M6.3 6.3L10 2.6l3.7 3.7M3.5 12v5h13v-5" />,
  find: (
    <>
      <path strokeDasharray="2.6 2" d="M3 4h14v12H3z" />
      <path d="M6 8.5h8M6 11.5h5" />
    </>
  ),
  fork: <path d="M6 3v14M6 12c0-4 8-2.5 8-7M11.5 7L14 4.3 16.5 7" />,
  gpu: (
    <path d="M4.5 4.5h11v11h-11zM7.5 7.5h5v5h-5zM7 4.5v-2M10 4.5v-2M13 4.5v-2M7 17.5v-2M10 17.5v-2M13 17.5v-2M4.5 7h-2M4.5 10h-2M4.5 13h-2M17.5 7h-2M17.5 10h-2M17.5 13h-2" />
  ),
  hand: (
    <path d="M6.5 10.5V5a1.2 1.2 0 012.4 0v4M8.9 8.5V3.7a1.2 1.2 0 012.4 0V9M11.3 9V4.7a1.2 1.2 0 012.4 0v5M13.7 9.5V7a1.2 1.2 0 012.4 0v5.2c0 3.3-2 5.3-4.9 5.3-2.4 0-3.7-.9-4.9-3.2L4 10.8c-.6-1.2 1-2.1 1.8-1.1l1.7 2.1" />
  ),
  help: <path d="M7 7.2C7 5.4 8.3 4.3 10 4.3s3 1.1 3 2.7c0 2.2-3 2.3-3 4.7M10 14.2v1.8" />,
  image: (
    <>
      <path d="M2.5 3.5h15v13h-15zM2.5 13l4.5-4 4 3.5 2.5-2 4 3.5" />
      <circle cx="13" cy="7.5" r="1.3" />
    </>
  ),
  lasso: (
    <>
      <path d="M5.3 12.7C3.4 11.7 2.5 10.2 2.5 8.5 2.5 5.2 5.8 3 10 3s7.5 2.2 7.5 5.5S14.2 14 10 14c-.9 0-1.8-.1-2.6-.3" />
      <circle cx="6.3" cy="13.8" r="1.7" />
      <path d="M6.5 15.5c0 1-.5 1.7-1.5 2.3" />
    </>
  ),
  later: <path d="M5.5 4.5L13 10l-7.5 5.5zM15 4.5v11" />,
  lock: <path d="M4.5 9h11v8h-11zM7 9V6.2a3 3 0 016 0V9" />,
  loop: <path d="M3.5 9.5V6h12M12.5 3l3 3-3 3M16.5 10.5V14h-12M7.5 17l-3-3 3-3" />,
  mark: (
    <>
      <path className="u" d="M5 2v16M10 2v16M15 2v16" />
      <path className="o" d="M2.5 5.5h15M2.5 10h11M2.5 14.5h13.5" />
    </>
  ),
  minus: <path d="M4 10h12" />,
  more: <path className="d" d="M4 10h.01M10 10h.01M16 10h.01" />,
  move: <path d="M4 2.5l3.2 13.2 2.6-5.1 5.4-1.7z" />,
  pause: <path className="f2" d="M5.5 4h3v12h-3zM11.5 4h3v12h-3z" />,
  pen: <path d="M3 17l1-4L13.5 3.5l3 3L7 16zM11.5 5.5l3 3" />,
  pin: <path d="M7 3h6l-.8 5 2.8 3H5l2.8-3zM10 11v6" />,
  play: <path className="f2" d="M6 3.5l10.5 6.5L6 16.5z" />,
  plus: <path d="M10 4v12M4 10h12" />,
  rect: <path strokeDasharray="2.6 2" d="M3 4h14v12H3z" />,
  redo: <path d="M13 4l4 4-4 4M16.7 8H8a4.5 4.5 0 000 9h4" />,
  search: (
    <>
      <circle cx="8.8" cy="8.8" r="5" />
      <path d="M12.6 12.6L17 17" />
    </>
  ),
  seed: (
    <>
      <path d="M3.5 3.5h13v13h-13z" />
      <path className="d" d="M7 7h.01M13 7h.01M10 10h.01M7 13h.01M13 13h.01" />
    </>
  ),
  star: <path d="M10 2.8l2.2 4.7 5 .6-3.7 3.5 1 5-4.5-2.5-4.5 2.5 1-5L2.8 8.1l5-.6z" />,
  swap: <path d="M4 7h12M13 4l3 3-3 3M16 13H4M7 10l-3 3 3 3" />,
  theme: (
    <>
      <circle cx="10" cy="10" r="6.5" />
      <path className="f2" d="M10 3.5a6.5 6.5 0 010 13z" />
    </>
  ),
  up: <path d="M5.5 12L10 7.5l4.5 4.5" />,
  undo: <path d="M7 4L3 8l4 4M3.3 8H12a4.5 4.5 0 010 9H8" />,
  zoom: <path d="M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4M7.5 10h5M10 7.5v5" />,
  warn: <path d="M10 2.8L18 17H2zM10 8v4.2M10 14v1" />,
} satisfies Record<string, ReactElement>;

export type IconName = keyof typeof SHAPES;

interface IconProps {
  readonly name: IconName;
  readonly className?: string;
}

export function Icon({ name, className }: IconProps) {
  return (
    <svg
      className={className === undefined ? 'icon' : `icon ${className}`}
      viewBox="0 0 20 20"
      aria-hidden="true"
    >
      {SHAPES[name]}
    </svg>
  );
}
