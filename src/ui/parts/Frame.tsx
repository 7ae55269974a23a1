import type { PictureRef } from '../../session/document.ts';
import { useMessages } from '../messages/useMessages.ts';
import { usePage } from '../page.ts';

interface FrameProps {
  readonly picture: PictureRef;
  readonly alt: string;
  readonly className?: string;
}

/** A stored picture. */
export function Frame({ picture, alt, className }: FrameProps) {
  const { parts } = useMessages();
  const url = usePage().pictureUrl(picture.hash);
  if (url === null) return <span className={className} role="img" aria-label={parts.notFound(alt)} />;
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
