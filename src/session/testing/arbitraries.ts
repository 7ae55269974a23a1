/** Random sessions for property tests: any sequence of allowed operations, with real pictures behind them. */
import fc from 'fast-check';

import { type BlobBag, createBlobBag } from '../blobs.ts';
import { contextKey } from '../contextItems.ts';
import {
  type NodeId,
  type Recipe,
  type Root,
  type SessionDocument,
  type SessionId,
  type Turn,
  type TurnId,
  addTurn,
  createDocument,
  emptyComposer,
  goTo,
  isParentMade,
  markTurn,
  plainRecipe,
  retryTurn,
  setTurnState,
  turnOf,
} from '../document.ts';

export type Operation =
  | {
      readonly kind: 'add';
      readonly pick: number;
      readonly words: string;
      readonly masked: boolean;
      readonly revises: boolean;
    }
  | {
      readonly kind: 'start' | 'finish' | 'fail' | 'cancel' | 'retry' | 'go-to' | 'compose';
      readonly pick: number;
    }
  | { readonly kind: 'rename'; readonly pick: number; readonly name: string };

const pick = fc.nat(1000);
// Any text a person can type, with what breaks careless code among it.
const words = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('', '../x', '__proto__', 'con', '\u202e'),
);

export const operations: fc.Arbitrary<readonly Operation[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('add' as const),
        pick,
        words,
        masked: fc.boolean(),
        revises: fc.boolean(),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constantFrom('start' as const, 'start' as const, 'finish' as const, 'finish' as const),
        pick,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom('fail' as const, 'cancel' as const, 'retry' as const),
        pick,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('go-to' as const, 'compose' as const), pick }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), pick, name: words }) },
  ),
  { maxLength: 40 },
);

export const rootKinds = fc.constantFrom('opened' as const, 'starter' as const, 'words' as const);

export interface Sample {
  readonly document: SessionDocument;
  readonly blobs: BlobBag;
}

/** Any session that operations can lead to. */
export const samples: fc.Arbitrary<Sample> = fc
  .tuple(rootKinds, words, operations)
  .map(([kind, name, steps]) => {
    const blobs = createBlobBag();
    const start = emptySample(kind, name, blobs);
    return { document: steps.reduce((at, step, i) => applyOperation(at, step, i, blobs), start), blobs };
  });

/** The same with nothing running or waiting, as every stored session is after a reload. */
export const settledSamples = samples.filter(({ document }) =>
  document.turns.every(({ state }) => state.status !== 'running' && state.status !== 'draft'),
);

export function emptySample(kind: Root['kind'], name: string, blobs: BlobBag): SessionDocument {
  const root: Root = kind === 'words' ? { kind } : { kind, frame: pictureOf(0, blobs), name };
  return createDocument('session-1' as SessionId, name, root, 1);
}

/** Does nothing when no turn allows the operation. */
export function applyOperation(
  document: SessionDocument,
  operation: Operation,
  time: number,
  blobs: BlobBag,
): SessionDocument {
  const choose = <T>(from: readonly T[]): T | undefined => from[operation.pick % Math.max(1, from.length)];
  const among = (...statuses: readonly string[]): TurnId | undefined =>
    choose(document.turns.filter(({ state }) => statuses.includes(state.status)))?.id;
  switch (operation.kind) {
    case 'add':
      return add(document, operation, time, blobs);
    case 'go-to':
      return goTo(document, choose<NodeId>([null, ...document.turns.map(({ id }) => id)]) ?? null);
    case 'compose': {
      const { pick: seed } = operation;
      const mask = seed % 2 === 0 ? null : maskOf(seed, blobs);
      return {
        ...document,
        composer: {
          ...emptyComposer,
          ...askOf(seed, blobs),
          instruction: `${seed}`,
          regions: { drawn: mask, now: null, next: null },
          parts: seed % 3 === 0 ? [{ region: mask, instruction: 'part' }] : [],
          seed,
          guidance: seed / 7,
        },
      };
    }
    case 'rename': {
      const id = choose(document.turns)?.id;
      return id === undefined
        ? document
        : markTurn(document, id, {
            name: operation.name || null,
            isStarred: operation.pick % 2 === 0,
            isArchived: operation.pick % 3 === 0,
          });
    }
    case 'start': {
      const id = choose(
        document.turns.filter((turn) => turn.state.status === 'draft' && isParentMade(document, turn)),
      )?.id;
      return id === undefined ? document : setTurnState(document, id, { status: 'running', startedAt: time });
    }
    case 'finish': {
      const id = among('running');
      return id === undefined
        ? document
        : setTurnState(document, id, { status: 'done', result: resultOf(time, blobs, turnOf(document, id)) });
    }
    case 'fail': {
      const id = among('running', 'draft');
      const failure = {
        code: 'internal',
        message: 'It failed.',
        ...(time % 2 === 0 ? { detail: 'why' } : {}),
      };
      return id === undefined ? document : setTurnState(document, id, { status: 'failed', failure });
    }
    case 'cancel': {
      const id = among('running', 'draft');
      return id === undefined ? document : setTurnState(document, id, { status: 'cancelled' });
    }
    case 'retry': {
      const id = among('failed', 'cancelled');
      return id === undefined ? document : retryTurn(document, id, { id: 'other', hash: '1'.repeat(64) });
    }
  }
}

function add(
  document: SessionDocument,
  operation: Extract<Operation, { kind: 'add' }>,
  time: number,
  blobs: BlobBag,
): SessionDocument {
  const parents = document.turns.filter(
    ({ state }) => state.status !== 'failed' && state.status !== 'cancelled',
  );
  const places: readonly NodeId[] = [null, ...parents.map(({ id }) => id)];
  const revisedFrom = operation.revises ? document.turns.at(operation.pick % 3)?.id : undefined;
  return addTurn(document, {
    id: `turn-${document.turns.length}-${time}` as TurnId,
    parentId: places[operation.pick % places.length] ?? null,
    ...(revisedFrom === undefined ? {} : { revisedFrom }),
    instruction: operation.words,
    ...askOf(operation.pick, blobs),
    ...(operation.masked ? { regions: regionsOf(operation.pick, blobs) } : {}),
    seed: operation.pick,
    steps: 1 + (operation.pick % 9),
    guidance: operation.pick / 3,
    model: { id: 'paint', hash: '0'.repeat(64) },
    createdAt: time,
  });
}

/** References, context and task in every mixture that a record can hold. */
function askOf(seed: number, blobs: BlobBag): Pick<Recipe, 'regions' | 'references' | 'context' | 'task'> {
  const { frame, latent } = madeFrame(seed, blobs);
  const opened = { frame, latent: null };
  const references = [
    { role: 'picture', ...opened, source: { kind: 'upload', name: `cup ${seed}.png` } },
    { role: 'exampleBefore', frame, latent, source: { kind: 'place', id: null } },
    { role: 'exampleAfter', frame, latent, source: { kind: 'place', id: 'turn-0-0' as TurnId } },
  ] as const;
  const tasks: readonly Recipe['task'][] = [
    { kind: 'image' },
    { kind: 'scene' },
    { kind: 'clip-between', to: { frame, latent }, toId: null, count: 4 },
  ];
  return {
    ...plainRecipe,
    references: seed % 5 === 0 ? references.slice(seed % 2) : [],
    context: {
      preset: (['all', 'recent', 'original', 'chosen'] as const)[seed % 4] ?? 'all',
      off: seed % 6 === 0 ? [contextKey('turn-0-0' as TurnId, 'words')] : [],
      pinned: seed % 7 === 0 ? [contextKey(null, 'picture')] : [],
    },
    task: tasks[seed % 11] ?? { kind: 'image' },
  };
}

function regionsOf(seed: number, blobs: BlobBag): Recipe['regions'] {
  const mask = maskOf(seed + 5, blobs);
  const move = { dx: 1, dy: 1 - seed, scale: 2, angle: seed, about: { x: 1, y: 1.5 } };
  return {
    drawn: seed % 3 === 2 ? null : maskOf(seed, blobs),
    now: seed % 3 === 0 ? null : { by: 'found', mask, seed, inputs: 'words' },
    next:
      seed % 4 === 0
        ? { by: 'moved', mask, move, inputs: 'now' }
        : seed % 4 === 1
          ? { by: 'drawn', mask }
          : null,
  };
}

function madeFrame(seed: number, blobs: BlobBag) {
  return {
    // Few pictures, so that some come up twice, also with another latent.
    frame: pictureOf(seed % 3, blobs),
    latent: blobs.putLatent({ channels: 2, height: 1, width: 1, data: Float32Array.of(seed, -seed / 3) }),
  };
}

function resultOf(seed: number, blobs: BlobBag, { task }: Turn) {
  const drift = { changedPixels: seed, outsidePixels: 6, meanOutside: 1 / 3, psnrDb: seed % 2 ? 40 : null };
  const clip = [seed, seed + 1, seed + 2].map((frame) => madeFrame(frame, blobs));
  return {
    ...madeFrame(seed, blobs),
    ...(task.kind === 'clip-between' ? { clip } : {}),
    ...(seed % 2 === 0 ? { drift: { step: drift, original: drift } } : {}),
    timingsMs: { text: 1, history: 2, denoise: seed, decode: 3 },
    cachedTokens: seed,
    computedTokens: 66,
    backend: 'wasm' as const,
    finishedAt: seed,
  };
}

function pictureOf(seed: number, blobs: BlobBag) {
  const data = Uint8ClampedArray.from({ length: 2 * 3 * 4 }, (_, i) => (seed * 31 + i * 17) % 256);
  return blobs.putPicture({ width: 2, height: 3, data });
}

export function maskOf(seed: number, blobs: BlobBag) {
  return blobs.putMask({
    width: 2,
    height: 3,
    data: Uint8Array.from({ length: 6 }, (_, i) => ((seed >> i) & 1) * 255),
  });
}
