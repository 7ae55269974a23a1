/** What the line being written costs the model: tokens, places in the sequence, and memory for keys and values. */
import type { CacheInfo, ModelManifest } from '../runtime/contract.ts';
import { type ContextChip, type HistoryRef, contextChips } from './contextItems.ts';
import { type Recipe, type SessionDocument, findTurn } from './document.ts';
import { frameText, roleText } from './history.ts';
import { isClip } from './recipe.ts';
import { attachPoint } from './tree.ts';

/** Tokens of a text; null while nobody has counted them. */
export type CountTokens = (text: string) => number | null;

interface Cost {
  /** Null while one of its texts is not counted yet. */
  readonly tokens: number | null;
  /** Keys and values in the cache. */
  readonly bytes: number | null;
}

export interface ContextCost {
  /** Each chip with its own cost, on or off, and where it begins (`s`) when it is on. */
  readonly items: readonly (ContextChip & Cost & { readonly position: number | null })[];
  /** Of what is on. */
  readonly history: Cost;
  /** References, words and regions of the line itself, and what it makes. */
  readonly line: Cost;
  readonly total: Cost;
}

/** Bytes of the keys and values of one token over all layers. */
function bytesPerToken({ architecture }: ModelManifest, precision: CacheInfo['precision']): number {
  const { layers, heads, headDim } = architecture;
  return layers * 2 * heads * headDim * (precision === 'float16' ? 2 : 4);
}

/** How a part of the sequence is laid out: its texts, and how many pictures and masks of one frame each. */
interface Segments {
  readonly texts: readonly string[];
  readonly frames: number;
}

const roleTexts = (role: string | undefined): readonly string[] => (role === undefined ? [] : [role]);

function segmentsOf(ref: HistoryRef | null, { roles }: ModelManifest): Segments {
  if (ref === null || ref.kind === 'image') return { texts: [], frames: 1 };
  if (ref.kind === 'text') return { texts: [ref.text], frames: 0 };
  if (ref.kind === 'mask' && ref.role === 'drawn') return { texts: [], frames: 1 };
  // Without role texts the model is not given what only they can name.
  if (roles === undefined) return { texts: [], frames: 0 };
  return { texts: roleTexts(roleText(ref, roles)), frames: 1 };
}

/** Of a line that makes a picture, with its target. */
function lineSegments(
  { instruction, regions, references }: Pick<Recipe, 'instruction' | 'regions' | 'references'>,
  { roles }: ModelManifest,
): Segments {
  const pictures = references.filter(({ role }) => role === 'picture');
  const words = instruction.trim();
  return {
    texts: [
      ...(words === '' ? [] : [words]),
      ...(regions.now === null ? [] : roleTexts(roles?.regionNow)),
      ...(regions.next === null ? [] : roleTexts(roles?.regionNext)),
      ...references.flatMap(({ role }) => (role === 'picture' ? [] : roleTexts(roles?.[role]))),
      ...pictures.flatMap((_, i) => roleTexts(roles?.pictures[i])),
    ],
    frames:
      1 + references.length + [regions.drawn, regions.now, regions.next].filter((one) => one !== null).length,
  };
}

/** All of a clip with its ends: it sees nothing else of the history. Null for a line that makes one picture. */
function clipSegments(document: SessionDocument, { roles }: ModelManifest): Segments | null {
  const { task, instruction } = document.composer;
  if (!isClip(task)) return null;
  const isBetween = task.kind === 'clip-between';
  const count = isBetween ? task.count : lengthOfClip(document);
  const made = Array.from({ length: isBetween ? count - 2 : count }, (_, i) => i + (isBetween ? 2 : 1));
  const words = instruction.trim();
  return {
    texts: [
      ...(words === '' ? [] : [words]),
      ...made.flatMap((index) => (roles === undefined ? [] : [frameText({ index, count }, roles)])),
    ],
    frames: (isBetween ? 2 : count) + made.length,
  };
}

function lengthOfClip(document: SessionDocument): number {
  const place = attachPoint(document);
  const turn = place === null ? undefined : findTurn(document, place);
  if (turn?.state.status === 'done') return turn.state.result.clip?.length ?? 0;
  return turn?.task.kind === 'clip-between' ? turn.task.count : 0;
}

/** All pictures of a session are as large as its first; a size that the model was not made for counts as its own. */
function frameTokens({ root }: SessionDocument, { frame, frames = [] }: ModelManifest): number {
  const { width, height } = root.kind === 'words' ? frame : root.frame;
  if (!frames.some((size) => size.width === width && size.height === height)) return frame.tokens;
  const side = frame.latentDownsample * frame.patch;
  return (width / side) * (height / side) + 2;
}

/** Every text of which the cost of the present line needs the tokens. */
export function textsOf(document: SessionDocument, manifest: ModelManifest): readonly string[] {
  const chips = contextChips(document).flatMap(({ ref }) => segmentsOf(ref, manifest).texts);
  const line = clipSegments(document, manifest) ?? lineSegments(document.composer, manifest);
  return [...new Set([...chips, ...line.texts])];
}

/**
 * Cost of the line being written, at the place where it would be made; of a clip that of all its frames together, and
 * none of the history. `count` gives the tokens of a text as the model's own tokenizer does.
 */
export function contextCost(
  document: SessionDocument,
  manifest: ModelManifest,
  count: CountTokens,
  precision: CacheInfo['precision'] = 'float32',
): ContextCost {
  const each = bytesPerToken(manifest, precision);
  const sum = (counts: readonly (number | null)[]): number | null =>
    counts.reduce<number | null>((all, one) => (all === null || one === null ? null : all + one), 0);
  const costOf = (tokens: number | null): Cost => ({ tokens, bytes: tokens === null ? null : tokens * each });
  const tokensOf = ({ texts, frames }: Segments): number | null =>
    sum([...texts.map(count), frames * frameTokens(document, manifest)]);

  const clip = clipSegments(document, manifest);
  let position: number | null = 0;
  const items = contextChips(document).map((given) => {
    const chip = clip === null ? given : { ...given, isOn: false, isLocked: false };
    const segments = segmentsOf(chip.ref, manifest);
    const item = { ...chip, ...costOf(tokensOf(segments)), position: chip.isOn ? position : null };
    // A text takes a place for each token, a picture or mask one for all of its own.
    if (chip.isOn) position = sum([position, ...segments.texts.map(count), segments.frames]);
    return item;
  });
  const history = sum(items.map(({ isOn, tokens }) => (isOn ? tokens : 0)));
  const line = tokensOf(clip ?? lineSegments(document.composer, manifest));
  return { items, history: costOf(history), line: costOf(line), total: costOf(sum([history, line])) };
}
