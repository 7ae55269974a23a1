/** Opens a picture of any size and brings it to the frame of the model. */
import type { ModelManifest, Pixels } from '../../runtime/contract.ts';
import { WordedError } from '../messages/wordedError.ts';

export type FitMode = 'cut' | 'bars';

export interface Size {
  readonly width: number;
  readonly height: number;
}

interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

/** Which part of the picture goes where in the frame. `cut` fills the frame, `bars` shows all of it. */
export function placePicture(
  picture: Size,
  frame: Size,
  mode: FitMode,
): { readonly from: Box; readonly to: Box } {
  const across = frame.width / picture.width;
  const down = frame.height / picture.height;
  const scale = mode === 'cut' ? Math.max(across, down) : Math.min(across, down);
  const from = {
    width: Math.min(picture.width, frame.width / scale),
    height: Math.min(picture.height, frame.height / scale),
  };
  const to = { width: from.width * scale, height: from.height * scale };
  const centred = (inner: Size, outer: Size): Box => ({
    ...inner,
    x: (outer.width - inner.width) / 2,
    y: (outer.height - inner.height) / 2,
  });
  return { from: centred(from, picture), to: centred(to, frame) };
}

/** Of the sizes that a model works on, the one whose shape is nearest to the picture's; its own before others. */
export function nearestFrame(
  picture: Size,
  { frame, frames = [] }: Pick<ModelManifest, 'frame' | 'frames'>,
): Size {
  const distance = ({ width, height }: Size): number =>
    Math.abs(Math.log((picture.width * height) / (picture.height * width)));
  return frames.reduce<Size>((best, size) => (distance(size) < distance(best) ? size : best), frame);
}

/** True when nothing is lost either way, so there is nothing to choose. */
export function hasFrameShape(picture: Size, frame: Size): boolean {
  const ratio = (picture.width * frame.height) / (picture.height * frame.width);
  return Math.abs(Math.log(ratio)) < 0.01;
}

/** Rejects with a sentence for the person when the file is no picture that this browser reads. */
export async function decodePicture(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch (cause) {
    throw new WordedError(({ open }) => open.undecodable(file.type), { cause });
  }
}

/** Pixels of the frame's size. Halves the picture step by step first: one big jump would drop fine lines. */
export function fitPicture(bitmap: ImageBitmap, frame: Size, mode: FitMode): Pixels {
  const { from, to } = placePicture(bitmap, frame, mode);
  let source: CanvasImageSource = bitmap;
  let box = from;
  while (box.width > to.width * 2) {
    const half = new OffscreenCanvas(Math.ceil(box.width / 2), Math.ceil(box.height / 2));
    contextOf(half).drawImage(source, box.x, box.y, box.width, box.height, 0, 0, half.width, half.height);
    source = half;
    box = { x: 0, y: 0, width: half.width, height: half.height };
  }
  const canvas = new OffscreenCanvas(frame.width, frame.height);
  const context = contextOf(canvas);
  context.fillStyle = '#808080';
  context.fillRect(0, 0, frame.width, frame.height);
  context.drawImage(source, box.x, box.y, box.width, box.height, to.x, to.y, to.width, to.height);
  return context.getImageData(0, 0, frame.width, frame.height);
}

function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext('2d', { colorSpace: 'srgb' });
  if (context === null) throw new WordedError(({ open }) => open.noSurface);
  context.imageSmoothingQuality = 'high';
  return context;
}
