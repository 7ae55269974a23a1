/** The pictures from the start to one place of the tree as a zip that needs no program of ours to read. */
import { strToU8, zipSync } from 'fflate';

import type { BlobBag, Bytes } from '../blobs.ts';
import { type NodeId, type SessionDocument, type Turn, pathTo } from '../document.ts';
import { numbered, slug } from './fileNames.ts';

/** Zip of `000_original.png`, `001_<words>.png`, ..., `masks/001_now.png`, `session.json` and `README.txt`. */
export function framesZip(document: SessionDocument, place: NodeId, blobs: BlobBag): Bytes {
  const entries: Record<string, Uint8Array | [Uint8Array, { level: 0 }]> = {};
  const add = (name: string, bytes: Bytes | undefined): string | null => {
    if (bytes === undefined) return null;
    entries[name] = [bytes, { level: 0 }];
    return name;
  };
  const { root } = document;
  const original = root.kind === 'words' ? null : add('000_original.png', blobs.bytesOf(root.frame.hash));
  const turns = pathTo(document, place).flatMap((turn, i) => {
    if (turn.state.status !== 'done') return [];
    const number = numbered(i + 1);
    const picture = add(
      `${number}_${slug(turn.name ?? turn.instruction, 'turn')}.png`,
      blobs.bytesOf(turn.state.result.frame.hash),
    );
    const mask = turn.mask === null ? null : add(`masks/${number}_now.png`, blobs.bytesOf(turn.mask.hash));
    return [{ picture, mask, ...recipeOf(turn) }];
  });
  const story = { name: document.name, start: root.kind, original, turns };
  entries['session.json'] = strToU8(JSON.stringify(story, null, 2));
  entries['README.txt'] = strToU8(readme(document.name, turns));
  return zipSync(entries);
}

interface RecipeEntry {
  readonly name: string | null;
  readonly instruction: string;
  readonly seed: number;
  readonly steps: number;
  readonly guidance: number;
  readonly model: { readonly id: string; readonly hash: string };
  readonly askedAt: string;
}

function recipeOf({ name, instruction, seed, steps, guidance, model, createdAt }: Turn): RecipeEntry {
  return {
    name: name ?? null,
    instruction,
    seed,
    steps,
    guidance,
    model,
    askedAt: new Date(createdAt).toISOString(),
  };
}

function readme(name: string, turns: readonly (RecipeEntry & { readonly picture: string | null })[]): string {
  return [
    name,
    '',
    'Pictures in order, each made from all that came before it and the words beside its name.',
    'PNG, lossless. masks/ holds the drawn regions: white = may change, black = kept.',
    'session.json holds words, seeds, steps, guidance and model of each turn.',
    'All pictures but 000_original.png were made with an AI model, on the device of the person who saved them.',
    '',
    ...turns.map(
      ({ picture, instruction }) => `${picture ?? '(missing)'}  ${instruction.replace(/\s+/g, ' ')}`,
    ),
    '',
  ].join('\n');
}
