/**
 * What the engine of the tests makes of a request: a colour that depends on everything it was given, inside the regions
 * only; a region that depends on it, inside the drawn one; a frame between two pictures, or an edited frame.
 */
import type {
  EditRequest,
  HistoryItem,
  MaskPixels,
  ModelRoles,
  Pixels,
  Reference,
} from '../../runtime/contract.ts';
import { sha256 } from '../sha256.ts';

export const paintSize = 8;

export const everyCapability = [
  'next-image',
  'text-to-image',
  'drawn-region',
  'region-now',
  'region-next',
  'dragged-region',
  'chain',
  'multi-concept',
  'demonstration',
  'story',
  'clip-between',
  'clip-edit',
];

export const paintRoles: ModelRoles = {
  regionNow: 'region now',
  regionNext: 'region next',
  pictures: ['picture one', 'picture two', 'picture three'],
  exampleBefore: 'example before',
  exampleAfter: 'example after',
  frame: 'frame {index} of {count}',
  numbers: ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'],
};

type ImageItem = Extract<HistoryItem, { readonly kind: 'image' }>;

function previousOf({ history, target }: EditRequest): ImageItem | undefined {
  const images = history.filter((item) => item.kind === 'image');
  if (typeof target !== 'object') return images.findLast((item) => item.isReference !== true);
  const named = images.filter((item) => item.id === target.previousId);
  return named.find((item) => item.t === target.index - 1) ?? named[0];
}

/** Refuses what the engine would refuse. */
export function checkRequest(request: EditRequest, capabilities: readonly string[]): void {
  const { history, instruction, references = [], regions, target = 'image' } = request;
  const previous = previousOf(request);
  const refuse = (code: string, message: string): never => {
    throw Object.assign(new Error(message), { name: 'EngineError', code });
  };
  const need = (...names: readonly string[]): void => {
    if (!names.some((name) => capabilities.includes(name)))
      refuse('unsupported', `No ${names.join(' or ')}.`);
  };
  if (typeof target === 'object') {
    if (previous === undefined) return refuse('bad-input', 'The frame to be edited is not in the history.');
    const isOfClip = (previous.t ?? 0) === target.index - 1;
    need(isOfClip ? 'clip-edit' : 'clip-between');
    const isSaid = history.some((item) => item.kind === 'text' && item.text === instruction);
    const isPlain = references.length === 0 && regions === undefined && (instruction === '' || isSaid);
    if (!isPlain) refuse('bad-input', 'All of a clip belongs into its history.');
    if (target.count < 4 || target.count > 8) refuse('bad-input', 'A clip has 4 to 8 frames.');
    return;
  }
  const { drawn, now, next } = regions ?? {};
  const hasRegion = drawn !== undefined || now !== undefined || next !== undefined;
  if (instruction.trim() === '' && !hasRegion) refuse('bad-input', 'Nothing is asked for.');
  if ((hasRegion || target !== 'image') && previous === undefined) refuse('bad-input', 'No picture.');
  if (target !== 'image') {
    need(target);
    if (next !== undefined || (target === 'region-now' && now !== undefined)) {
      refuse('bad-input', 'The region is there already.');
    }
  } else if (now !== undefined || next !== undefined) need('dragged-region', 'chain');
  if (references.some(({ role }) => role === 'picture')) need('multi-concept');
  if (references.some(({ role }) => role !== 'picture')) need('demonstration');
  if (references.filter(({ role }) => role === 'picture').length > 3)
    refuse('bad-input', 'Too many pictures.');
  if (drawn !== undefined) need('drawn-region');
  const isPlain = references.length === 0 && !hasRegion && target === 'image';
  if (isPlain) need(previous === undefined ? 'text-to-image' : 'next-image');
}

/** All that a turn puts into the history in front of what it makes, in the order of the sequence. */
export function laidOut({ references = [], instruction, regions = {} }: EditRequest): readonly unknown[] {
  const count = new Map<Reference['role'], number>();
  const text = (words: string): unknown => ({ kind: 'text', text: words });
  const region = (role: string | null, mask: MaskPixels | undefined): readonly unknown[] =>
    mask === undefined ? [] : [...(role === null ? [] : [text(role)]), { kind: 'mask', mask }];
  return [
    ...references.flatMap(({ role, ...image }) => {
      const at = count.get(role) ?? 0;
      count.set(role, at + 1);
      const words = role === 'picture' ? paintRoles.pictures[at] : paintRoles[role];
      return [text(words ?? ''), { kind: 'image', ...image, isReference: true }];
    }),
    ...(instruction === '' ? [] : [text(instruction)]),
    ...region(null, regions.drawn),
    ...region(paintRoles.regionNow, regions.now),
    ...region(paintRoles.regionNext, regions.next),
  ];
}

/** Three bytes that stand for everything that was asked. */
function colourOf(request: EditRequest): readonly [number, number, number] {
  const { history, references = [], instruction, regions = {}, target, seed, steps, guidance } = request;
  const masks = [regions.drawn, regions.now, regions.next].map((mask) => mask && Array.from(mask.data));
  const ids = [history, references].map((list) => list.map(({ id }) => id));
  const asked = JSON.stringify([ids, instruction, masks, target, seed, steps, guidance]);
  const hash = sha256(new TextEncoder().encode(asked));
  const byte = (at: number): number => Number.parseInt(hash.slice(at, at + 2), 16);
  return [byte(0), byte(2), byte(4)];
}

export function paint(request: EditRequest): Pixels {
  const { target = 'image', history } = request;
  const before = previousOf(request)?.pixels ?? blank();
  if (target === 'region-now' || target === 'region-next') return pictureOf(regionFor(request, before));
  if (typeof target === 'object') {
    const isOfClip = (previousOf(request)?.t ?? 0) === target.index - 1;
    const images = history.filter((item) => item.kind === 'image');
    // The two ends are all the pictures that stand at place 0 of a clip that is being made.
    const end = images.findLast((item) => (item.t ?? 0) === 0)?.pixels ?? before;
    return isOfClip ? edited(request, before) : mixed(before, end, (target.index - 1) / (target.count - 1));
  }
  return edited(request, before);
}

function blank(): Pixels {
  const data = new Uint8ClampedArray(paintSize * paintSize * 4);
  return { width: paintSize, height: paintSize, data };
}

function edited(request: EditRequest, before: Pixels): Pixels {
  const { drawn, now, next } = request.regions ?? {};
  const colour = colourOf(request);
  const data = before.data.slice();
  const isIn = (mask: MaskPixels | undefined, pixel: number): boolean => (mask?.data[pixel] ?? 0) > 127;
  const size = before.width * before.height;
  const inStages = Array.from({ length: size }, (_, i) => isIn(now, i) || isIn(next, i));
  const both = inStages.map((inStage, i) => inStage && (drawn === undefined || isIn(drawn, i)));
  for (let i = 0; i < size; i += 1) {
    const mayChange = both.includes(true) ? both[i] === true : drawn === undefined || isIn(drawn, i);
    if (mayChange) data.set([...colour, 255], i * 4);
  }
  return { width: before.width, height: before.height, data };
}

function mixed(a: Pixels, b: Pixels, share: number): Pixels {
  const data = a.data.map((value, i) => Math.round(value + ((b.data[i] ?? 0) - value) * share));
  return { width: a.width, height: a.height, data };
}

/** A bar as high as the frame, two pixels wide, at a column by what was asked; one further than the region now. */
function regionFor(request: EditRequest, { width, height }: Pixels): MaskPixels {
  const { drawn, now } = request.regions ?? {};
  const data = new Uint8Array(width * height);
  const column = colourOf(request)[0] % (width - 1);
  for (let i = 0; i < data.length; i += 1) {
    const x = i % width;
    const isBar = x === column || x === column + 1;
    const isMoved = x > 0 && now !== undefined && (now.data[i - 1] ?? 0) > 127;
    const isInside = now === undefined ? isBar : isMoved;
    if (isInside && (drawn === undefined || (drawn.data[i] ?? 0) > 127)) data[i] = 255;
  }
  return { width, height, data };
}

function pictureOf({ width, height, data }: MaskPixels): Pixels {
  const pixels = Uint8ClampedArray.from({ length: data.length * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : (data[i >> 2] ?? 0),
  );
  return { width, height, data: pixels };
}

export function maskOf({ width, height, data }: Pixels): MaskPixels {
  return { width, height, data: Uint8Array.from({ length: width * height }, (_, i) => data[i * 4] ?? 0) };
}
