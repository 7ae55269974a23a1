/** What the model is given of all that came before: the history as items that can be left out. */
import type { Reference } from '../runtime/contract.ts';
import {
  type ContextChoice,
  type ContextKey,
  type FrameRef,
  type NodeId,
  type PictureRef,
  type SessionDocument,
  type Turn,
  type TurnId,
  turnOf,
} from './document.ts';
import { attachPoint, pathTo } from './tree.ts';

export type HistoryRef =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'mask'; readonly mask: PictureRef; readonly role: RegionRole }
  | ({ readonly kind: 'image' } & FrameRef)
  /** `number` counts the references of one role in one turn, from 1. */
  | ({ readonly kind: 'reference'; readonly role: Reference['role']; readonly number: number } & FrameRef);

type RegionRole = 'drawn' | 'now' | 'next';

type ContextPart = 'words' | 'picture' | RegionRole | `reference${number}`;

export interface ContextItem {
  readonly key: ContextKey;
  /** The turn that it belongs to; null for the start picture. */
  readonly turnId: NodeId;
  readonly part: ContextPart;
  /** Null for the picture of a turn that is still to be made. */
  readonly ref: HistoryRef | null;
}

export interface ContextChip extends ContextItem {
  readonly isOn: boolean;
  readonly isPinned: boolean;
  /** The picture that is edited cannot be left out. */
  readonly isLocked: boolean;
}

/** Turns of which the preset `recent` keeps everything. */
const recentTurns = 3;

export function contextKey(id: NodeId, part: ContextPart): ContextKey {
  return `${id ?? 'start'}/${part}` as ContextKey;
}

function itemsOfTurn(turn: Turn): readonly ContextItem[] {
  const { id, instruction, references, regions, state } = turn;
  const item = (part: ContextPart, ref: HistoryRef | null): ContextItem => ({
    key: contextKey(id, part),
    turnId: id,
    part,
    ref,
  });
  const region = (role: RegionRole, mask: PictureRef | undefined): readonly ContextItem[] =>
    mask === undefined ? [] : [item(role, { kind: 'mask', mask, role })];
  const picture: HistoryRef | null =
    state.status === 'done'
      ? { kind: 'image', frame: state.result.frame, latent: state.result.latent }
      : null;
  return [
    ...references.map(({ role, frame, latent }, i) => {
      const number = references.slice(0, i + 1).filter((other) => other.role === role).length;
      return item(`reference${i + 1}`, { kind: 'reference', role, number, frame, latent });
    }),
    ...(instruction === '' ? [] : [item('words', { kind: 'text', text: instruction })]),
    ...region('drawn', regions.drawn ?? undefined),
    ...region('now', regions.now?.mask),
    ...region('next', regions.next?.mask),
    item('picture', picture),
  ];
}

/** All that a turn under `place` can be given, oldest first, in the order of the sequence. */
export function contextItems(document: SessionDocument, place: NodeId): readonly ContextItem[] {
  const { root } = document;
  const start: ContextItem[] =
    root.kind === 'words'
      ? []
      : [
          {
            key: contextKey(null, 'picture'),
            turnId: null,
            part: 'picture',
            ref: { kind: 'image', frame: root.frame, latent: null },
          },
        ];
  const turns = pathTo(document, place).filter(
    ({ state }) => state.status !== 'failed' && state.status !== 'cancelled',
  );
  return [...start, ...turns.flatMap(itemsOfTurn)];
}

/** What `choice` leaves out under `place`; presets are worked out anew, since they mean other items at each place. */
export function leftOut(
  document: SessionDocument,
  place: NodeId,
  choice: ContextChoice,
): readonly ContextKey[] {
  const items = contextItems(document, place);
  const pinned = new Set(choice.pinned);
  const pictures = items.filter(({ part }) => part === 'picture');
  const kept = new Set([pictures[0]?.key, pictures.at(-1)?.key]);
  switch (choice.preset) {
    case 'all':
      return [];
    case 'chosen': {
      const off = new Set(choice.off);
      return items.flatMap(({ key }) => (off.has(key) ? [key] : []));
    }
    case 'recent':
    case 'original': {
      const turns = pathTo(document, place).map(({ id }) => id);
      const recent = new Set<NodeId>(choice.preset === 'recent' ? turns.slice(-recentTurns) : []);
      return items.flatMap(({ key, turnId }) =>
        kept.has(key) || pinned.has(key) || recent.has(turnId) ? [] : [key],
      );
    }
  }
}

/** The items of the line being written, as the page shows them. */
export function contextChips(document: SessionDocument): readonly ContextChip[] {
  const place = attachPoint(document);
  const { context } = document.composer;
  const off = new Set(leftOut(document, place, context));
  const pinned = new Set(context.pinned);
  const items = contextItems(document, place);
  const edited = items.findLast(({ key, part }) => part === 'picture' && !off.has(key));
  return items.map((item) => ({
    ...item,
    isOn: !off.has(item.key),
    isPinned: pinned.has(item.key),
    isLocked: item === edited,
  }));
}

/** What a turn under `place` is given, oldest first. Its last picture is the one that is edited, so one stays always. */
export function itemsAt(
  document: SessionDocument,
  place: NodeId,
  off: readonly ContextKey[],
): readonly ContextItem[] {
  const out = new Set(off);
  const made = contextItems(document, place).filter(({ ref }) => ref !== null);
  const pictures = made.filter(({ part }) => part === 'picture');
  if (pictures.every(({ key }) => out.has(key))) out.delete(pictures.at(-1)?.key as ContextKey);
  return made.filter(({ key }) => !out.has(key));
}

export function historyAt(
  document: SessionDocument,
  place: NodeId,
  off: readonly ContextKey[],
): readonly HistoryRef[] {
  return itemsAt(document, place, off).flatMap(({ ref }) => ref ?? []);
}

/** Everything that turn `id` is given of what came before it. */
export function historyOf(document: SessionDocument, id: TurnId): readonly HistoryRef[] {
  const { parentId, context } = turnOf(document, id);
  return historyAt(document, parentId, context.off);
}
