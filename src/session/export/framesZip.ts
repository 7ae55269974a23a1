/** The pictures from the start to one place of the tree as a zip that needs no program of ours to read. */
import { strToU8, zipSync } from 'fflate';

import type { BlobBag, Bytes } from '../blobs.ts';
import type { BlobHash, NodeId, RegionRefs, SessionDocument, Turn } from '../document.ts';
import { playedShots, storyOf } from '../story.ts';
import { captions } from './captions.ts';
import { contactSheet } from './contactSheet.ts';
import { numbered, slug } from './fileNames.ts';
import { notePicture } from './pictureNote.ts';
import { decodePng } from './png.ts';

/**
 * Zip of `000_original.png`, `001_<words>.png`, ..., `masks/001_now.png` and `masks/001_next.png`, the frames of clips
 * as `002_<words>/01.png`, those of a clip between 002 and 003 as `002b_<words>/01.png`, references as
 * `references/003_1.png`, `contact_sheet.png` with the first picture of every shot, `captions.srt` with the words at
 * the times of the film, and `story.json` and `README.txt` that say which is which. Shots that were left out of the
 * story are not in it.
 */
export function framesZip(document: SessionDocument, place: NodeId, blobs: BlobBag): Bytes {
  const entries: Record<string, Uint8Array | [Uint8Array, { level: 0 }]> = {};
  const isAllMade = document.root.kind === 'words';
  /** `madeBy`: the turn whose picture it is. */
  const add = (name: string, hash: BlobHash, madeBy?: Turn): string | null => {
    const bytes = blobs.bytesOf(hash);
    if (bytes === undefined) return null;
    const noted =
      madeBy === undefined ? bytes : notePicture(bytes, { turn: madeBy, isAllMade, hasRecipe: true });
    entries[name] = [noted, { level: 0 }];
    return name;
  };
  const shots = playedShots(storyOf(document, place));
  const { root } = document;
  const start = shots.find(({ turn }) => turn === null);
  const original =
    start === undefined || root.kind === 'words' ? null : add('000_original.png', root.frame.hash);
  const turns = shots.flatMap((shot) => {
    const { turn, seconds, isBetween } = shot;
    if (turn?.state.status !== 'done') return [];
    const number = `${numbered(shot.number)}${isBetween ? 'b' : ''}`;
    const { frame, clip = [] } = turn.state.result;
    const name = `${number}_${slug(turn.name ?? turn.instruction, 'turn')}`;
    // A clip between two shots ends in the picture that comes next.
    const picture = isBetween ? null : add(`${name}.png`, frame.hash, turn);
    const frames = clip.map((one, at) =>
      add(`${name}/${String(at + 1).padStart(2, '0')}.png`, one.frame.hash, turn),
    );
    const references = turn.references.map((reference, at) => ({
      role: reference.role,
      picture: add(`references/${number}_${at + 1}.png`, reference.frame.hash),
    }));
    const masks = Object.fromEntries(
      masksOf(turn.regions).map(([stage, hash]) => [stage, add(`masks/${number}_${stage}.png`, hash)]),
    );
    return [{ picture, seconds, masks, ...(clip.length > 0 && { frames }), references, ...recipeOf(turn) }];
  });
  const story = {
    name: document.name,
    start: root.kind,
    original,
    ...(start !== undefined && { originalSeconds: start.seconds }),
    turns,
  };
  const sheet = contactSheet(
    shots.flatMap(({ frames: [first] }) => {
      const bytes = first === undefined ? undefined : blobs.bytesOf(first.hash);
      return bytes === undefined ? [] : [decodePng(bytes)];
    }),
  );
  if (sheet !== null) entries['contact_sheet.png'] = [sheet, { level: 0 }];
  entries['captions.srt'] = strToU8(
    captions(shots.map(({ turn, seconds }) => ({ words: turn?.name ?? turn?.instruction ?? '', seconds }))),
  );
  entries['story.json'] = strToU8(JSON.stringify(story, null, 2));
  entries['README.txt'] = strToU8(readme(document.name, turns));
  return zipSync(entries);
}

/** A drawn region is the one now unless there is another, which then stands beside it as `drawn`. */
function masksOf({ drawn, now, next }: RegionRefs): readonly (readonly [string, BlobHash])[] {
  const list: [string, BlobHash][] = [];
  if (drawn !== null) list.push([now === null ? 'now' : 'drawn', drawn.hash]);
  if (now !== null) list.push(['now', now.mask.hash]);
  if (next !== null) list.push(['next', next.mask.hash]);
  return list;
}

interface RecipeEntry {
  readonly name: string | null;
  readonly instruction: string;
  readonly kind: Turn['task']['kind'];
  readonly seed: number;
  readonly steps: number;
  readonly guidance: number;
  readonly model: { readonly id: string; readonly hash: string };
  readonly askedAt: string;
}

function recipeOf({ name, instruction, task, seed, steps, guidance, model, createdAt }: Turn): RecipeEntry {
  return {
    name,
    instruction,
    kind: task.kind,
    seed,
    steps,
    guidance,
    model,
    askedAt: new Date(createdAt).toISOString(),
  };
}

interface ShotEntry extends RecipeEntry {
  readonly picture: string | null;
  readonly frames?: readonly (string | null)[];
}

function readme(name: string, turns: readonly ShotEntry[]): string {
  return [
    name,
    '',
    'Pictures in order, each made from what came before it and the words beside its name.',
    'PNG, lossless. masks/ holds the regions: white = may change, black = kept; now = in the picture before,',
    'next = in the picture after. Folders hold the frames of clips, references/ what the words speak of;',
    'a number with a b, as in 002b, is a clip between that picture and the next one.',
    'contact_sheet.png shows all shots at once; captions.srt has the words at the times of the film.',
    'story.json holds words, seconds, seeds, steps, guidance and model of each turn.',
    'Each made picture carries its words and settings, and the mark of IPTC for what a model made.',
    'All pictures but 000_original.png and what was opened beside it were made with an AI model, on the device of the person who saved them.',
    '',
    ...turns.map(
      ({ picture, frames, instruction }) =>
        `${picture ?? frames?.[0] ?? '(missing)'}  ${instruction.replace(/\s+/g, ' ')}`,
    ),
    '',
  ].join('\n');
}
