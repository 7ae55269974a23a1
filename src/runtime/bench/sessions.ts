/** Sessions to measure: what is in their pictures costs nothing, so they hold noise. */
import { testValues } from '../../kernels/testValues.ts';
import type { EditRequest, HistoryItem, ModelManifest, Pixels } from '../contract.ts';

export const INSTRUCTION = 'add a cat on the left';

export function noisePicture({ width, height }: ModelManifest['frame']): Pixels {
  const data = Uint8ClampedArray.from(testValues(1, width * height * 4, 127), (value, index) =>
    index % 4 === 3 ? 255 : 128 + value,
  );
  return { width, height, data };
}

/** Turn `turn`, from 1: the start picture and the turns before, with latents, so that nothing is encoded. */
export function turnRequest(
  { frame }: ModelManifest,
  turn: number,
  recipe: Pick<EditRequest, 'seed' | 'steps' | 'guidance'>,
): EditRequest {
  const pixels = noisePicture(frame);
  const size = {
    channels: frame.latentChannels,
    height: frame.height / frame.latentDownsample,
    width: frame.width / frame.latentDownsample,
  };
  const image = (index: number): HistoryItem => ({
    kind: 'image',
    id: `image ${index}`,
    pixels,
    latent: { ...size, data: testValues(index + 2, size.channels * size.height * size.width) },
  });
  const text: HistoryItem = { kind: 'text', id: 'text', text: INSTRUCTION };
  const turns = Array.from({ length: turn - 1 }, (_, index) => [text, image(index + 1)]);
  return { history: [image(0), ...turns.flat()], instruction: INSTRUCTION, ...recipe };
}
