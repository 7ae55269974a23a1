import type { EditProgress } from '../runtime/contract.ts';

/** Not every step comes with a preview: until a newer one comes, the last one stays in sight. */
export function withPreview(progress: EditProgress, before: EditProgress | null): EditProgress {
  const preview = progress.preview ?? before?.preview;
  return preview === undefined ? progress : { ...progress, preview };
}
