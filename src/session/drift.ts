/** How far a picture has moved where nothing was to change. */
import type { MaskPixels, Pixels } from '../runtime/contract.ts';
import type { Drift } from './document.ts';

/** Levels of 255 in the channel that changed most: encoding alone moves nearly all pixels by less. */
const visibleLevels = 16;

/**
 * Differences outside `region`, where it is 0; where the whole picture was in force (null), of the pixels that did not visibly
 * change. Pixels are compared by their colour channels. @throws RangeError when the sizes differ
 */
export function measureDrift(before: Pixels, after: Pixels, region: MaskPixels | null): Drift {
  const size = before.width * before.height;
  if (before.width !== after.width || before.height !== after.height) {
    throw new RangeError('Drift is measured between pictures of one size.');
  }
  let [changedPixels, outsidePixels, sum, squares] = [0, 0, 0, 0];
  for (let pixel = 0; pixel < size; pixel += 1) {
    if ((region?.data[pixel] ?? 0) > 0) continue;
    const change = [0, 1, 2].map((channel) =>
      Math.abs((after.data[pixel * 4 + channel] ?? 0) - (before.data[pixel * 4 + channel] ?? 0)),
    );
    const most = Math.max(...change);
    if (region === null && most >= visibleLevels) continue;
    outsidePixels += 1;
    if (most > 0) changedPixels += 1;
    for (const level of change) {
      sum += level;
      squares += level ** 2;
    }
  }
  const values = outsidePixels * 3;
  return {
    changedPixels,
    outsidePixels,
    meanOutside: values === 0 ? 0 : sum / (values * 255),
    psnrDb: squares === 0 ? null : 10 * Math.log10((255 ** 2 * values) / squares),
  };
}
