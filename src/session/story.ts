/** The branch one stands on as a story: a shot for each picture or clip, in order, and how long each one stays. */
import {
  type NodeId,
  type PictureRef,
  type ReferenceRef,
  type SessionDocument,
  type ShotMarks,
  type Turn,
  type TurnId,
  findTurn,
} from './document.ts';
import { pathTo } from './tree.ts';

export interface Shot {
  readonly place: NodeId;
  /** Null for the start. */
  readonly turn: Turn | null;
  /** As the script counts, 0 for the start; a clip between two shots has the number of the first one. */
  readonly number: number;
  /** One picture, all frames of a clip, or none while it is still to be made. */
  readonly frames: readonly PictureRef[];
  /** How long all frames stay together. */
  readonly seconds: number;
  readonly isLeftOut: boolean;
  /** A clip that stands beside the branch and leads from the shot before it to the one after it. */
  readonly isBetween: boolean;
}

export const usualSeconds = 2;
/** The pace of a clip for which nothing was said. */
const secondsPerClipFrame = 0.25;
export const [leastSeconds, mostSeconds] = [0.5, 30];

const unmarked: ShotMarks = { seconds: null, isLeftOut: false };

export function shotMarks({ shots = [] }: SessionDocument, place: NodeId): ShotMarks {
  const found = shots.find((shot) => shot.place === place);
  return found === undefined ? unmarked : { seconds: found.seconds, isLeftOut: found.isLeftOut };
}

/** A shot of which nothing is said any more is not kept at all. `seconds` lie within what a shot can stay. */
export function markShot(
  document: SessionDocument,
  place: NodeId,
  change: Partial<ShotMarks>,
): SessionDocument {
  const marks = { ...shotMarks(document, place), ...change };
  const { shots = [], ...rest } = document;
  const others = shots.filter((shot) => shot.place !== place);
  const isMarked = marks.seconds !== null || marks.isLeftOut;
  const all = isMarked ? [...others, { place, ...marks }] : others;
  if (all.length === 0) return rest;
  // In an order of its own, so that the same marks are the same document however they came about.
  return { ...rest, shots: all.toSorted((a, b) => ((a.place ?? '') < (b.place ?? '') ? -1 : 1)) };
}

/** `seconds` as a shot can stay; null, the usual time, for what is no number. */
export function shotSeconds(seconds: number | null): number | null {
  if (seconds === null || Number.isNaN(seconds)) return null;
  return Math.min(Math.max(seconds, leastSeconds), mostSeconds);
}

/** All shots up to `end`, those left out too; turns that failed or were cancelled are none. */
export function storyOf(
  document: SessionDocument,
  end: NodeId = document.current,
  usual: number = usualSeconds,
): readonly Shot[] {
  const between = clipsBetween(document);
  const shot = (turn: Turn | null, number: number, isBetween: boolean): Shot => {
    const place = turn?.id ?? null;
    const { seconds, isLeftOut } = shotMarks(document, place);
    const clip = turn?.state.status === 'done' ? turn.state.result.clip : undefined;
    const frames = framesOf(document, turn);
    return {
      place,
      turn,
      number,
      frames,
      seconds:
        seconds ?? (clip === undefined ? usual : Math.max(leastSeconds, clip.length * secondsPerClipFrame)),
      isLeftOut,
      isBetween,
    };
  };
  const path = pathTo(document, end);
  const start = document.root.kind === 'words' ? [] : [shot(null, 0, false)];
  const turns = path.flatMap((turn, index) => {
    if (!isToCome(turn)) return [];
    const clip = between.get(joinKey(turn.parentId, turn.id));
    const here = shot(turn, index + 1, false);
    return clip === undefined ? [here] : [shot(clip, index, true), here];
  });
  return [...start, ...turns];
}

/** Whom a story is about: a picture, and where it came from. */
export interface CastMember {
  readonly frame: PictureRef;
  readonly source: ReferenceRef['source'];
}

/** The start picture and all pictures of which the turns up to `end` speak, each once. */
export function castOf(document: SessionDocument, end: NodeId = document.current): readonly CastMember[] {
  const { root } = document;
  const start: CastMember[] =
    root.kind === 'words' ? [] : [{ frame: root.frame, source: { kind: 'place', id: null } }];
  const spokenOf = pathTo(document, end).flatMap(({ references }) =>
    references.filter(({ role }) => role === 'picture'),
  );
  const all = new Map<string, CastMember>();
  for (const { frame, source } of [...start, ...spokenOf]) {
    if (!all.has(frame.hash)) all.set(frame.hash, { frame, source });
  }
  return [...all.values()];
}

/** Whether a shot is shown when the story plays. */
export function isPlayed({ isLeftOut, frames }: Shot): boolean {
  return !isLeftOut && frames.length > 0;
}

export function playedShots(shots: readonly Shot[]): readonly Shot[] {
  return shots.filter(isPlayed);
}

function framesOf({ root }: SessionDocument, turn: Turn | null): readonly PictureRef[] {
  if (turn === null) return root.kind === 'words' ? [] : [root.frame];
  if (turn.state.status !== 'done') return [];
  const { frame, clip } = turn.state.result;
  return clip === undefined ? [frame] : clip.map((one) => one.frame);
}

const isToCome = ({ state: { status } }: Turn): boolean => status !== 'failed' && status !== 'cancelled';

const joinKey = (from: NodeId, to: TurnId): string => `${from ?? ''} ${to}`;

/** For two places of which the second was made from the first, the newest clip between them, also as edited since. */
function clipsBetween(document: SessionDocument): ReadonlyMap<string, Turn> {
  const newest = new Map<string, Turn>();
  const joins = new Map<NodeId, string>();
  for (const turn of document.turns) {
    const { task, parentId } = turn;
    const join =
      task.kind === 'clip-between'
        ? joinTo(document, parentId, task.toId)
        : task.kind === 'clip-edit'
          ? joins.get(parentId)
          : undefined;
    if (join === undefined || turn.isArchived || turn.isDiscarded || !isToCome(turn)) continue;
    joins.set(turn.id, join);
    newest.set(join, turn);
  }
  return newest;
}

function joinTo(document: SessionDocument, from: NodeId, to: NodeId): string | undefined {
  const isNext = to !== null && findTurn(document, to)?.parentId === from;
  return isNext ? joinKey(from, to) : undefined;
}
