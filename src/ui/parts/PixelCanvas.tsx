import { useEffect, useRef } from 'react';

import type { Pixels } from '../../runtime/contract.ts';

interface PixelCanvasProps {
  readonly pixels: Pixels;
  /** Names it for screen readers; empty for decoration. */
  readonly label: string;
  readonly className?: string;
}

/** Pixels that have no file: previews and difference maps. */
export function PixelCanvas({ pixels, label, className }: PixelCanvasProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = ref.current?.getContext('2d');
    if (!context) return;
    const image = context.createImageData(pixels.width, pixels.height);
    image.data.set(pixels.data);
    context.putImageData(image, 0, 0);
  }, [pixels]);
  return (
    <canvas
      ref={ref}
      className={className}
      width={pixels.width}
      height={pixels.height}
      {...(label === '' ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    />
  );
}
