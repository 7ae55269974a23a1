/** One turn as a plan: the checked request, laid out as segments with the keys under which they are cached. */
import { EngineError } from './contract.ts';
import type { EditRequest, HistoryItem, MaskPixels, ModelManifest, Pixels } from './contract.ts';
import { placeSegments } from './packing.ts';
import type { PlacedSegment } from './packing.ts';
import { checkFrameSize } from './pixels.ts';
import type { RuntimePorts } from './ports.ts';
import type { Tokenizer } from './tokenizer.ts';

export type ImageItem = Extract<HistoryItem, { kind: 'image' }>;

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
  /** History first, then the instruction and the mask of this turn. */
  readonly context: readonly ContextSegment[];
  /** How many of `context` are history. */
  readonly historyLength: number;
  readonly target: PlacedSegment;
  readonly instruction: { readonly start: number; readonly end: number } | undefined;
  /** The picture being edited; absent when a session begins with words. */
  readonly previous: ImageItem | undefined;
}

const MAX_STEPS = 1000;

/** Throws 'bad-input' with what to change when the request cannot be run. */
export async function planTurn(
  request: EditRequest,
  manifest: ModelManifest,
  tokenizer: Tokenizer,
  sha256: RuntimePorts['sha256'],
): Promise<TurnPlan> {
  const previous = request.history.findLast((item) => item.kind === 'image');
  checkRequest(request, previous, manifest);
  const turn: HistoryItem[] = [];
  if (request.instruction.trim() !== '') turn.push({ kind: 'text', id: '', text: request.instruction });
  if (request.mask !== undefined) turn.push({ kind: 'mask', id: '', mask: request.mask });
  const inputs = [...request.history, ...turn].map((item) => toInput(item, manifest, tokenizer));
  const keys = await Promise.all(inputs.map((input) => keyOf(input, sha256)));
  const { tokens } = manifest.frame;
  const places = placeSegments([
    ...inputs.map((input) =>
      input.kind === 'text'
        ? ({ kind: 'text', tokens: input.ids.length } as const)
        : ({ kind: 'vision', tokens } as const),
    ),
    { kind: 'vision', tokens },
  ]);
  const context = inputs.flatMap((input, index) => {
    const [key, place] = [keys[index], places[index]];
    return key === undefined || place === undefined ? [] : [{ key, input, place }];
  });
  const target = places.at(-1);
  if (target === undefined) throw new Error('A turn always has a target.');
  const historyLength = request.history.length;
  const words = context[historyLength];
  const instruction =
    words?.input.kind === 'text'
      ? { start: words.place.start, end: words.place.start + words.place.tokens }
      : undefined;
  return { context, historyLength, target, instruction, previous };
}

function checkRequest(request: EditRequest, previous: ImageItem | undefined, { frame }: ModelManifest): void {
  const { instruction, mask, seed, steps, guidance } = request;
  if (instruction.trim() === '' && mask === undefined)
    throw badInput('Write what to change, or draw a region.');
  if (mask !== undefined && previous === undefined) {
    throw badInput('A drawn region needs a picture to keep the rest of. Open or make a picture first.');
  }
  if (mask !== undefined) checkFrameSize(mask, frame, 'mask');
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw badInput(`The seed ${seed} is not a whole number from 0 to 4294967295.`);
  }
  if (!Number.isInteger(steps) || steps < 1 || steps > MAX_STEPS) {
    throw badInput(`${steps} steps are not possible. Choose a whole number from 1 to ${MAX_STEPS}.`);
  }
  if (!Number.isFinite(guidance) || guidance < 0) {
    throw badInput(`Guidance ${guidance} is not possible. Choose a number from 0; 1 means none.`);
  }
}

function toInput(item: HistoryItem, manifest: ModelManifest, tokenizer: Tokenizer): SegmentInput {
  const { frame, architecture } = manifest;
  switch (item.kind) {
    case 'text':
      return { kind: 'text', ids: tokenizer.encode(item.text, architecture.maxTextTokens) };
    case 'image':
      checkImage(item.pixels, item.latent, frame);
      return { kind: 'image', item };
    case 'mask':
      checkFrameSize(item.mask, frame, 'mask');
      return { kind: 'mask', mask: item.mask };
  }
}

function checkImage(pixels: Pixels, latent: ImageItem['latent'], frame: ModelManifest['frame']): void {
  checkFrameSize(pixels, frame, 'picture');
  if (latent === undefined) return;
  const expected = [
    frame.latentChannels,
    frame.height / frame.latentDownsample,
    frame.width / frame.latentDownsample,
  ].join('x');
  const size = latent.channels * latent.height * latent.width;
  if ([latent.channels, latent.height, latent.width].join('x') !== expected || latent.data.length !== size) {
    throw badInput(
      `A picture's latent is not ${expected}: it was made by another model. Pass the picture without it.`,
    );
  }
}

/** Words and masks by content, because those of this turn get their id only once they are history. */
async function keyOf(input: SegmentInput, sha256: RuntimePorts['sha256']): Promise<string> {
  switch (input.kind) {
    case 'text':
      return `text ${input.ids.join(' ')}`;
    case 'image':
      return `image ${input.item.id}`;
    case 'mask':
      return `mask ${await sha256(new Uint8Array(input.mask.data))}`;
  }
}

function badInput(message: string): EngineError {
  return new EngineError({ code: 'bad-input', message });
}
