/** Runs one turn of a script: the regions that it asks for first, then its picture or its clip. */
import type {
  EditRequest,
  EditResult,
  HistoryItem,
  MaskPixels,
  ModelRoles,
  Pixels,
  Reference,
  Regions,
} from '../../src/runtime/contract.ts';
import { turnItems } from '../../src/runtime/turn.ts';
import { PREDICT, type ScriptTurn } from './script.ts';

/** A turn whose files have been read. */
export interface ReadyTurn {
  readonly instruction: string;
  readonly drawn: MaskPixels | undefined;
  readonly now: MaskPixels | typeof PREDICT | undefined;
  readonly next: MaskPixels | typeof PREDICT | undefined;
  readonly references: readonly Reference[];
  readonly clip:
    | { readonly count: number; readonly to: Pixels }
    | { readonly frames: readonly Pixels[] }
    | undefined;
}

export interface Reading {
  readonly readPicture: (path: string) => Promise<Pixels>;
  readonly readMask: (path: string) => Promise<MaskPixels>;
}

export interface Making {
  readonly edit: (request: EditRequest) => Promise<EditResult>;
  readonly roles: ModelRoles | undefined;
  readonly recipe: Pick<EditRequest, 'seed' | 'steps' | 'guidance'>;
  /** Names every image that is made in this run. */
  readonly newId: () => string;
  readonly onFrame: (pixels: Pixels, name: string) => Promise<void>;
  readonly onRegion: (mask: MaskPixels, name: string) => Promise<void>;
}

/** The history with all that the turn put into it, and what its last picture cost. */
export interface MadeTurn {
  readonly history: readonly HistoryItem[];
  readonly result: EditResult;
}

/** Rejects for files that cannot be read. */
export async function readTurn(turn: ScriptTurn, { readPicture, readMask }: Reading): Promise<ReadyTurn> {
  const { instruction, regions, references, clip } = turn;
  const region = async (path: string | undefined): Promise<MaskPixels | undefined> =>
    path === undefined ? undefined : readMask(path);
  const askedRegion = async (path: string | undefined): Promise<ReadyTurn['now']> =>
    path === PREDICT ? PREDICT : region(path);
  const read = async ({ role, picture }: (typeof references)[number]): Promise<Reference> => ({
    role,
    id: `reference ${picture}`,
    pixels: await readPicture(picture),
  });
  const pictures = (paths: readonly string[]): Promise<readonly Pixels[]> =>
    Promise.all(paths.map(readPicture));
  return {
    instruction,
    drawn: await region(regions.drawn),
    now: await askedRegion(regions.now),
    next: await askedRegion(regions.next),
    references: await Promise.all(references.map(read)),
    clip:
      clip &&
      ('to' in clip
        ? { count: clip.count, to: await readPicture(clip.to) }
        : { frames: await pictures(clip.frames) }),
  };
}

export function makeTurn(
  turn: ReadyTurn,
  history: readonly HistoryItem[],
  making: Making,
): Promise<MadeTurn> {
  return turn.clip === undefined
    ? makePicture(turn, history, making)
    : makeClip(turn.instruction, turn.clip, history, making);
}

async function makePicture(
  turn: ReadyTurn,
  history: readonly HistoryItem[],
  { edit, roles, recipe, newId, onFrame, onRegion }: Making,
): Promise<MadeTurn> {
  const { instruction, references, drawn, now, next } = turn;
  const asked = { ...recipe, history, instruction, ...(references.length > 0 && { references }) };
  const ask = async (regions: Regions, which: 'now' | 'next', given: typeof now): Promise<Regions> => {
    if (given === undefined) return regions;
    const target = which === 'now' ? 'region-now' : 'region-next';
    const mask = given === PREDICT ? (await edit({ ...asked, regions, target })).mask : given;
    if (mask === undefined) throw new Error('A region was asked for and none came.');
    await onRegion(mask, which);
    return { ...regions, [which]: mask };
  };
  if (drawn !== undefined) await onRegion(drawn, 'drawn');
  const regions = await ask(await ask(drawn ? { drawn } : {}, 'now', now), 'next', next);
  const request = { ...asked, regions };
  const result = await edit(request);
  const { pixels, latent } = result;
  await onFrame(pixels, '');
  const made: HistoryItem = { kind: 'image', id: newId(), pixels, latent };
  return { history: [...history, ...turnItems(request, roles), made], result };
}

async function makeClip(
  instruction: string,
  clip: NonNullable<ReadyTurn['clip']>,
  before: readonly HistoryItem[],
  { edit, roles, recipe, newId, onFrame }: Making,
): Promise<MadeTurn> {
  const image = (pixels: Pixels, t: number) => ({ kind: 'image', id: newId(), pixels, t }) as const;
  const words: HistoryItem = { kind: 'text', id: instruction, text: instruction };
  const given = 'frames' in clip ? clip.frames.map(image) : [];
  const from = before.findLast((item) => item.kind === 'image' && item.isReference !== true)?.id ?? '';
  const history: HistoryItem[] =
    'frames' in clip ? [...before, ...given, words] : [...before, words, image(clip.to, 0)];
  const count = 'frames' in clip ? clip.frames.length : clip.count;
  const targets =
    'frames' in clip
      ? given.map(({ id, t }) => ({ index: t + 1, count, previousId: id }))
      : Array.from({ length: count - 2 }, (_, at) => ({ index: at + 2, count, previousId: from }));
  let last: EditResult | undefined;
  for (const target of targets) {
    // Noise of its own for every frame.
    const request = {
      ...recipe,
      seed: recipe.seed + target.index,
      history: [...history],
      instruction,
      target,
    };
    last = await edit(request);
    const { pixels, latent } = last;
    await onFrame(pixels, `frame${target.index}`);
    history.push(...turnItems(request, roles), { ...image(pixels, target.index - 1), latent });
  }
  if (last === undefined) throw new Error('A clip has frames to make.');
  return { history, result: last };
}
