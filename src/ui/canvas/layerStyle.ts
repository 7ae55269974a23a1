import type { CSSProperties } from 'react';

import type { Viewport } from './viewport.ts';

/** From this many screen pixels per frame pixel on, pixels are shown as the squares they are. */
const SQUARES = 12;

/** Places a layer that is as large as the window as the viewport says. `scale`: screen pixels per frame pixel. */
export function layerStyle({ zoom, u, v }: Viewport, scale: number): CSSProperties {
  return {
    transform: `scale(${zoom}) translate(${-u * 100}%, ${-v * 100}%)`,
    imageRendering: scale >= SQUARES ? 'pixelated' : 'auto',
  };
}
