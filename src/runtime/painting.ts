/** From a latent to the picture that is shown: its decoded bytes, and the earlier picture where an edit did not reach. */
import type { Pixels } from './contract.ts';
import { NotNumbersError } from './failures.ts';
import type { Frame } from './frames.ts';
import type { Backdrop, Checkpoint, Painter } from './model.ts';
import { changeWeights, pasteBack } from './pasteBack.ts';
import { fromPlanar, pasteRegion } from './pixels.ts';

function paintOver(made: Pixels, backdrop: Backdrop | undefined): Pixels {
  if (backdrop === undefined) return made;
  const { earlier, change, bounds } = backdrop;
  const kept =
    change === undefined
      ? made
      : pasteBack(earlier, made, changeWeights(change.unedited, made, change.limits));
  return bounds === undefined ? kept : pasteRegion(kept, earlier, bounds);
}

/** Paints on the processor what `decode` makes: `[3, height, width]` in -1..1. */
export function createPainter<L>(
  { width, height }: Pick<Frame, 'width' | 'height'>,
  decode: (latent: L, checkpoint: Checkpoint) => Promise<Float32Array>,
  backdrop: Backdrop | undefined,
): Painter<L> {
  return {
    async paint(latent, checkpoint) {
      const made = fromPlanar(requireNumbers(await decode(latent, checkpoint)), width, height);
      return { made, shown: paintOver(made, backdrop) };
    },
    release: () => undefined,
  };
}

/** A picture of NaN would be shown as black. */
export function requireNumbers(values: Float32Array): Float32Array {
  if (values.every(Number.isFinite)) return values;
  throw new NotNumbersError();
}
