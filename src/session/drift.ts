/** How far a picture has moved where nothing was to change. */
import type { MaskPixels, Pixels } from '../runtime/contract.ts';
import type { Drift } from './document.ts';

/** Levels of 255 in the channel that changed most: encoding alone moves nearly all pixels by less. */
export const visibleLevels = 16;

/** Largest difference of the three channels of the pixel that begins at byte `at`, 0 to 255. */
export function largestAt(a: Pixels['data'], b: Pixels['data'], at: number): number {
  const red = Math.abs((a[at] ?? 0) - (b[at] ?? 0));
  const green = Math.abs((a[at + 1] ?? 0) - (b[at + 1] ?? 0));
  const blue = Math.abs((a[at + 2] ?? 0) - (b[at + 2] ?? 0));
  return Math.max(red, green, blue);
}

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
    const at = pixel * 4;
    const most = largestAt(before.data, after.data, at);
    if (region === null && most >= visibleLevels) continue;
    outsidePixels += 1;
    if (most === 0) continue;
    changedPixels += 1;
    for (let channel = at; channel < at + 3; channel += 1) {
      const level = Math.abs((after.data[channel] ?? 0) - (before.data[channel] ?? 0));
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
