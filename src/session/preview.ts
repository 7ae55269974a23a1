/** What is shown of the progress of a run. */
import type { EditProgress } from '../runtime/contract.ts';

/** Not every step comes with a preview: until a newer one comes, the last one stays in sight. */
export function withPreview(progress: EditProgress, before: EditProgress | null): EditProgress {
  const preview = progress.preview ?? before?.preview;
  return preview === undefined ? progress : { ...progress, preview };
}

/** The same progress of a model that is not said to be silent. */
export function heard(progress: EditProgress | null): EditProgress | null {
  if (progress === null) return null;
  const { silentForMs: _, ...rest } = progress;
  return rest;
}
