import type { PictureRef } from '../../session/document.ts';
import { usePage } from '../page.ts';

interface FrameProps {
  readonly picture: PictureRef;
  readonly alt: string;
  readonly className?: string;
}

/** A stored picture. */
export function Frame({ picture, alt, className }: FrameProps) {
  const url = usePage().pictureUrl(picture.hash);
  if (url === null) return <span className={className} role="img" aria-label={`${alt}, not found`} />;
  return (
    <img
      className={className}
      src={url}
      width={picture.width}
      height={picture.height}
      alt={alt}
      draggable={false}
    />
  );
}
