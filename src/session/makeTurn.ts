/** Has the engine make one turn: a picture in one call, a clip frame by frame. */
import type { ClipFrame, EditRequest, EditResult, HistoryItem, ModelRoles } from '../runtime/contract.ts';
import type { BlobBag } from './blobs.ts';
import {
  type FrameRef,
  type SessionDocument,
  type Turn,
  type TurnId,
  DocumentError,
  turnOf,
} from './document.ts';
import { editRequestOf, frameText, imageItem, textItem } from './history.ts';
import { nextTask } from './nextTask.ts';
import { isClip } from './recipe.ts';
import { placeFrame } from './tree.ts';

export interface MadeTurn {
  readonly picture: FrameRef;
  readonly clip?: readonly FrameRef[];
  /** Sums over the frames of a clip. */
  readonly cost: Pick<EditResult, 'timingsMs' | 'cachedTokens' | 'computedTokens'>;
}

/** Which frame of a clip is being made, counted from 1. */
export interface FrameCount {
  readonly index: number;
  readonly count: number;
}

export interface MakeTurn {
  readonly blobs: BlobBag;
  readonly roles: ModelRoles | undefined;
  readonly edit: (request: EditRequest, frame: FrameCount | null) => Promise<EditResult>;
}

/** Rejects as the engine does, or with MissingPictureError. */
export async function makeTurn(
  document: SessionDocument,
  turnId: TurnId,
  { blobs, roles, edit }: MakeTurn,
): Promise<MadeTurn> {
  const turn = turnOf(document, turnId);
  if (isClip(turn.task)) return makeClip(document, turn, { blobs, roles, edit });
  const result = await edit(editRequestOf(document, turnId, blobs, roles), null);
  return { picture: await keep(result, blobs), cost: result };
}

/** What is kept of a result is made in tasks of its own, so that neither they nor what follows hold up the page. */
async function keep({ pixels, latent }: EditResult, blobs: BlobBag): Promise<FrameRef> {
  const frame = await blobs.putPictureInTasks(pixels);
  await nextTask();
  return { frame, latent: blobs.putLatent(latent) };
}

/** What a clip is made from: its words and pictures alone, as models learn it, so that no choice of context matters. */
interface ClipPlan {
  readonly history: readonly HistoryItem[];
  readonly targets: readonly ClipFrame[];
  /** The frames that are there already, first to last; null for those to be made. */
  readonly frames: readonly (FrameRef | null)[];
}

function planClip(document: SessionDocument, turn: Turn, blobs: BlobBag): ClipPlan {
  const words = turn.instruction === '' ? [] : [textItem(turn.instruction)];
  if (turn.task.kind === 'clip-between') {
    const { to, count } = turn.task;
    const from = placeFrame(document, turn.parentId);
    if (from === null) throw new DocumentError(`Turn ${turn.id} has no picture to start its clip from.`);
    const first = imageItem(from, blobs);
    return {
      history: [first, ...words, imageItem(to, blobs)],
      targets: Array.from({ length: count - 2 }, (_, i) => ({ index: i + 2, count, previousId: first.id })),
      frames: [from, ...Array.from({ length: count - 2 }, () => null), to],
    };
  }
  const parent = turn.parentId === null ? undefined : turnOf(document, turn.parentId);
  const clip = parent?.state.status === 'done' ? parent.state.result.clip : undefined;
  if (clip === undefined) throw new DocumentError(`Turn ${turn.id} has no clip to edit.`);
  const frames = clip.map((frame, t) => ({ ...imageItem(frame, blobs), t }));
  return {
    history: [...frames, ...words],
    targets: frames.map(({ id, t }) => ({ index: t + 1, count: frames.length, previousId: id })),
    frames: clip.map(() => null),
  };
}

async function makeClip(
  document: SessionDocument,
  turn: Turn,
  { blobs, roles, edit }: MakeTurn,
): Promise<MadeTurn> {
  const plan = planClip(document, turn, blobs);
  const { instruction, seed, steps, guidance } = turn;
  const history = [...plan.history];
  const frames = [...plan.frames];
  let cost: MadeTurn['cost'] | null = null;
  for (const target of plan.targets) {
    const { index, count } = target;
    const request: EditRequest = {
      history: [...history],
      instruction,
      target,
      // Noise of its own for every frame.
      seed: (seed + index) >>> 0,
      steps,
      guidance,
    };
    const result = await edit(request, { index, count });
    const made = await keep(result, blobs);
    frames[index - 1] = made;
    history.push(...frameWords(target, roles), { ...imageItem(made, blobs), t: index - 1 });
    cost = cost === null ? result : sumOf(cost, result);
  }
  const clip = frames.filter((frame) => frame !== null);
  const picture = clip.at(-1);
  if (picture === undefined || cost === null)
    throw new DocumentError(`Turn ${turn.id} is a clip without frames.`);
  return { picture, clip, cost };
}

/** The role text that stands before a frame, as "frame two of five". */
function frameWords({ index, count }: ClipFrame, roles: ModelRoles | undefined): readonly HistoryItem[] {
  return roles === undefined ? [] : [textItem(frameText({ index, count }, roles))];
}

function sumOf(a: MadeTurn['cost'], b: MadeTurn['cost']): MadeTurn['cost'] {
  const ms = (stage: keyof EditResult['timingsMs']): number => a.timingsMs[stage] + b.timingsMs[stage];
  return {
    timingsMs: { text: ms('text'), history: ms('history'), denoise: ms('denoise'), decode: ms('decode') },
    cachedTokens: a.cachedTokens + b.cachedTokens,
    computedTokens: a.computedTokens + b.computedTokens,
  };
}
