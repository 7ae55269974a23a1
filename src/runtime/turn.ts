/** One turn as a plan: the checked request, laid out as segments with the keys under which they are cached. */
import type {
  ClipFrame,
  EditRequest,
  HistoryItem,
  MaskPixels,
  ModelManifest,
  ModelRoles,
  Pixels,
  Reference,
} from './contract.ts';
import { failure } from './failures.ts';
import { frameOfRequest, latentDimsOf, sizeName } from './frames.ts';
import type { Frame } from './frames.ts';
import { placeSegments } from './packing.ts';
import type { PlacedSegment } from './packing.ts';
import { boundingRegion, checkFrameSize } from './pixels.ts';
import type { RuntimePorts } from './ports.ts';
import { checkTasks, frameRole, isOfClip, referenceRoles } from './tasks.ts';
import type { ImageItem } from './tasks.ts';
import type { Tokenizer } from './tokenizer.ts';

type SegmentInput =
  | { readonly kind: 'text'; readonly ids: Int32Array }
  | { readonly kind: 'image'; readonly item: ImageItem }
  | { readonly kind: 'mask'; readonly mask: MaskPixels };

export interface ContextSegment {
  readonly key: string;
  readonly input: SegmentInput;
  readonly place: PlacedSegment;
}

export interface TurnPlan {
  /** Of all pictures of the turn. */
  readonly frame: Frame;
  /** History first, then what this turn puts in front of its target. */
  readonly context: readonly ContextSegment[];
  /** How many of `context` are history. */
  readonly historyLength: number;
  readonly target: PlacedSegment;
  /** The target is a mask, not a picture. */
  readonly isRegion: boolean;
  readonly instruction: { readonly start: number; readonly end: number } | undefined;
  /** The picture being edited; absent when a session begins with words. */
  readonly previous: ImageItem | undefined;
  /** Where the picture may change; absent when it may everywhere. */
  readonly bounds: MaskPixels | undefined;
}

const MAX_STEPS = 1000;

/** Throws 'bad-input' with what to change when the request cannot be run, 'unsupported' when the model was not trained for it. */
export async function planTurn(
  request: EditRequest,
  manifest: ModelManifest,
  tokenizer: Tokenizer,
  sha256: RuntimePorts['sha256'],
): Promise<TurnPlan> {
  const { history, instruction, references = [], regions = {}, target = 'image' } = request;
  const previous = previousOf(request);
  const frame = frameOfRequest(request, manifest);
  checkRequest(request, previous, frame);
  checkTasks(request, manifest, previous);
  const items = [...history, ...turnItems(request, manifest.roles)];
  const { maxTextTokens } = manifest.architecture;
  const inputs = items.map((item) => toInput(item, frame, maxTextTokens, tokenizer));
  const keys = await Promise.all(inputs.map((input) => keyOf(input, sha256)));
  const { tokens } = frame;
  const places = placeSegments([
    ...inputs.map((input) => {
      if (input.kind === 'text') return { kind: 'text', tokens: input.ids.length } as const;
      return { kind: 'vision', tokens, t: input.kind === 'image' ? (input.item.t ?? 0) : 0 } as const;
    }),
    { kind: 'vision', tokens, t: typeof target === 'object' ? target.index - 1 : 0 },
  ]);
  const context = inputs.flatMap((input, index) => {
    const [key, place] = [keys[index], places[index]];
    return key === undefined || place === undefined ? [] : [{ key, input, place }];
  });
  const placed = places.at(-1);
  if (placed === undefined) throw new Error('A turn always has a target.');
  const isInHistory = typeof target === 'object';
  const said = isInHistory ? saidAt(history, instruction) : history.length + 2 * references.length;
  const words = instruction.trim() === '' ? undefined : context[said]?.place;
  return {
    frame,
    context,
    historyLength: history.length,
    target: placed,
    isRegion: target === 'region-now' || target === 'region-next',
    instruction: words && { start: words.start, end: words.start + words.tokens },
    previous,
    bounds: target === 'image' ? boundingRegion(regions) : undefined,
  };
}

/**
 * What a turn puts into the history in front of what it makes: references, the instruction, regions and the name of what
 * is asked for, each after its role text. Words and masks are known by their content, so their ids say nothing.
 */
export function turnItems(request: EditRequest, roles: ModelRoles | undefined): readonly HistoryItem[] {
  const { instruction, references = [], regions = {}, target = 'image' } = request;
  const text = (words: string): HistoryItem => ({ kind: 'text', id: '', text: words });
  const region = (role: string | undefined, mask: MaskPixels | undefined): readonly HistoryItem[] =>
    mask === undefined ? [] : [...(role === undefined ? [] : [text(role)]), { kind: 'mask', id: '', mask }];
  if (typeof target === 'object') return roles === undefined ? [] : [text(frameRole(target, roles))];
  const plain = [
    ...(instruction.trim() === '' ? [] : [text(instruction)]),
    ...region(undefined, regions.drawn),
  ];
  if (roles === undefined) return plain;
  const { regionNow, regionNext } = roles;
  return [
    ...referenceRoles(references, roles).flatMap((role, index) =>
      referenceItems(text(role), references[index]),
    ),
    ...plain,
    ...region(regionNow, regions.now),
    ...region(regionNext, regions.next),
    ...(target === 'image' ? [] : [text(target === 'region-now' ? regionNow : regionNext)]),
  ];
}

function referenceItems(role: HistoryItem, reference: Reference | undefined): readonly HistoryItem[] {
  if (reference === undefined) return [];
  const { role: _, ...image } = reference;
  return [role, { kind: 'image', ...image, isReference: true }];
}

function previousOf({ history, target }: EditRequest): ImageItem | undefined {
  const images = history.filter((item) => item.kind === 'image');
  if (typeof target !== 'object') return images.findLast((item) => item.isReference !== true);
  const named = images.filter((item) => item.id === target.previousId);
  // Frames of a clip that look the same have one id.
  return named.find((item) => item.t === target.index - 1) ?? named[0];
}

/** Where the words of a clip stand in its history, -1 when they do not. */
function saidAt(history: readonly HistoryItem[], instruction: string): number {
  return history.findLastIndex((item) => item.kind === 'text' && item.text === instruction);
}

function checkRequest(request: EditRequest, previous: ImageItem | undefined, frame: Frame): void {
  const { instruction, regions = {}, target = 'image', seed, steps, guidance } = request;
  const given = [regions.drawn, regions.now, regions.next].filter((region) => region !== undefined);
  if (typeof target === 'object') checkClip(request, target, previous);
  else if (instruction.trim() === '' && given.length === 0) throw failure('nothing-asked', {});
  if ((given.length > 0 || target === 'region-now' || target === 'region-next') && previous === undefined) {
    throw failure('region-without-picture', {});
  }
  if (
    (target === 'region-now' && (regions.now ?? regions.next)) ||
    (target === 'region-next' && regions.next)
  ) {
    throw failure('region-given', {});
  }
  for (const mask of given) checkFrameSize(mask, frame, 'mask');
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw failure('seed-invalid', { seed });
  }
  if (!Number.isInteger(steps) || steps < 1 || steps > MAX_STEPS) {
    throw failure('steps-invalid', { steps, most: MAX_STEPS });
  }
  if (!Number.isFinite(guidance) || guidance < 0) {
    throw failure('guidance-invalid', { guidance });
  }
}

function checkClip(request: EditRequest, target: ClipFrame, previous: ImageItem | undefined): void {
  const { history, instruction, references = [], regions } = request;
  if (previous === undefined) {
    throw failure('clip-without-picture', { image: target.previousId });
  }
  if (!isOfClip(previous, target) && (target.index === 1 || target.index === target.count)) {
    throw failure('clip-end', {});
  }
  const isSaid = instruction.trim() === '' || saidAt(history, instruction) !== -1;
  if (references.length > 0 || regions !== undefined || !isSaid) {
    throw failure('clip-outside-history', {});
  }
}

function toInput(item: HistoryItem, frame: Frame, maxTextTokens: number, tokenizer: Tokenizer): SegmentInput {
  switch (item.kind) {
    case 'text':
      return { kind: 'text', ids: tokenizer.encode(item.text, maxTextTokens) };
    case 'image':
      checkImage(item.pixels, item.latent, frame);
      return { kind: 'image', item };
    case 'mask':
      checkFrameSize(item.mask, frame, 'mask');
      return { kind: 'mask', mask: item.mask };
  }
}

function checkImage(pixels: Pixels, latent: ImageItem['latent'], frame: Frame): void {
  checkFrameSize(pixels, frame, 'picture');
  if (latent === undefined) return;
  const expected = latentDimsOf(frame).slice(1).join('x');
  const size = latent.channels * latent.height * latent.width;
  if ([latent.channels, latent.height, latent.width].join('x') !== expected || latent.data.length !== size) {
    throw failure('latent-foreign', { expected });
  }
}

/** Words and masks by content, because those of this turn get their id only once they are history. */
async function keyOf(input: SegmentInput, sha256: RuntimePorts['sha256']): Promise<string> {
  switch (input.kind) {
    case 'text':
      return `text ${input.ids.join(' ')}`;
    case 'image':
      return `image ${input.item.t ?? 0} ${input.item.id}`;
    case 'mask':
      return `mask ${sizeName(input.mask)} ${await sha256(new Uint8Array(input.mask.data))}`;
  }
}
