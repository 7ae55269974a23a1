/** Makes turns: adds them to the tree, queues them, and runs them one at a time. */
import type { EditResult } from '../runtime/contract.ts';
import type { Context } from './context.ts';
import {
  type ModelRef,
  type NodeId,
  type SessionDocument,
  type Turn,
  type TurnId,
  addTurn,
  attachPoint,
  beginsFromWords,
  findTurn,
  goTo,
  pathTo,
  retryTurn,
  setTurnState,
  subtreeOf,
  unnamedSession,
} from './document.ts';
import { editRequestOf } from './history.ts';
import { engineCodeOf, modelNotReady, parentMissing, turnFailure } from './messages.ts';
import type { ModelKeeper } from './modelKeeper.ts';
import { selectMakeBlock } from './selectors.ts';
import type { ModelState } from './state.ts';

export interface Runner {
  readonly makeEdit: (count?: number) => readonly TurnId[];
  readonly cancel: (turnId?: TurnId) => void;
  readonly retryTurn: (turnId: TurnId) => boolean;
  /** Cancels these turns, without giving their words back. */
  readonly abandon: (turnIds: ReadonlySet<TurnId>) => void;
  /** Cancels whatever runs or waits and resolves when the engine has let go. */
  readonly stopAll: () => Promise<void>;
  /** Starts the next waiting turn when nothing runs and the model is there. */
  readonly pump: () => void;
}

const mostAtATime = 16;

type ReadyModel = Extract<ModelState, { status: 'ready' }>;

export function createRunner(context: Context, keeper: () => ModelKeeper): Runner {
  const { ports, state } = context;
  let controller: AbortController | null = null;
  let running: Promise<void> = Promise.resolve();

  function change(make: (document: SessionDocument) => SessionDocument): void {
    const document = context.document();
    if (document !== null) context.commit(make(document));
  }

  function makeEdit(count = 1): readonly TurnId[] {
    const at = state.getState();
    const document = context.document();
    const block = selectMakeBlock(at);
    if (block === 'no-model') context.notify(modelNotReady(at.model));
    if (block !== null || document === null || at.model.status !== 'ready') return [];
    const { model } = at;
    const { composer } = document;
    const { seed } = composer;
    const parentId = attachPoint(document);
    // A region drawn on a later picture says nothing about the first one.
    const mask = beginsFromWords(document) ? null : composer.mask;
    const added = Array.from({ length: Math.min(Math.max(1, Math.trunc(count)), mostAtATime) }, (_, i) => ({
      id: ports.newId() as TurnId,
      parentId,
      ...(composer.revising === null ? {} : { revisedFrom: composer.revising }),
      instruction: composer.instruction.trim(),
      mask,
      seed: (seed === null ? ports.randomSeed() : seed + i) >>> 0,
      steps: composer.steps ?? model.info.manifest.sampler.steps,
      guidance: composer.guidance ?? model.info.manifest.sampler.guidance,
      model: modelRef(model),
      createdAt: ports.now(),
    }));
    const ids = added.map((turn) => turn.id);
    const [first] = ids;
    if (first === undefined) return [];
    context.commit(added.reduce(addTurn, named(document)));
    context.perform('make', [
      { kind: 'go-to', to: first },
      { kind: 'compose', composer: { ...composer, instruction: '', mask: null, revising: null } },
    ]);
    context.set({ queue: [...state.getState().queue, ...ids], notice: null });
    pump();
    return ids;
  }

  function retry(turnId: TurnId): boolean {
    const { model, queue } = state.getState();
    const document = context.document();
    const turn = document === null ? undefined : findTurn(document, turnId);
    const status = turn?.state.status;
    if (document === null || turn === undefined || (status !== 'failed' && status !== 'cancelled')) {
      return false;
    }
    if (model.status !== 'ready') {
      context.notify(modelNotReady(model));
      return false;
    }
    const parent = turn.parentId === null ? null : findTurn(document, turn.parentId);
    if (parent?.state.status === 'failed' || parent?.state.status === 'cancelled') {
      context.notify(parentMissing());
      return false;
    }
    context.commit(retryTurn(document, turnId, modelRef(model)));
    // The words that went back to the composer when it failed belong to the turn again.
    const { composer } = document;
    const isReturned = composer.instruction === turn.instruction && composer.mask?.hash === turn.mask?.hash;
    const cleared = isReturned ? { ...composer, instruction: '', mask: null, revising: null } : composer;
    context.perform('make', [
      { kind: 'go-to', to: turnId },
      { kind: 'compose', composer: cleared },
    ]);
    context.set({ queue: [...queue, turnId], notice: null });
    pump();
    return true;
  }

  function pump(): void {
    const { run, model, queue } = state.getState();
    const [turnId, ...rest] = queue;
    if (run.status === 'running' || model.status !== 'ready' || turnId === undefined) return;
    controller = new AbortController();
    context.set({ queue: rest, run: { status: 'running', turnId, progress: null, isCancelling: false } });
    running = context.track(
      runTurn(turnId, model, controller.signal).finally(() => {
        controller = null;
        context.set({ run: { status: 'idle' } });
        pump();
      }),
    );
  }

  async function runTurn(turnId: TurnId, model: ReadyModel, signal: AbortSignal): Promise<void> {
    try {
      const before = context.document();
      if (before === null) return;
      const document = setTurnState(before, turnId, { status: 'running', startedAt: ports.now() });
      context.commit(document);
      const request = editRequestOf(document, turnId, context.blobs());
      const result = await ports.engine.edit(
        request,
        (progress) => {
          const { run } = state.getState();
          if (run.status === 'running' && run.turnId === turnId) context.set({ run: { ...run, progress } });
        },
        signal,
      );
      if (signal.aborted) settle(turnId, null);
      else finish(turnId, result, model);
    } catch (error) {
      const isCancelled = signal.aborted || engineCodeOf(error) === 'cancelled';
      settle(turnId, isCancelled ? null : error);
    }
  }

  function finish(turnId: TurnId, result: EditResult, model: ReadyModel): void {
    const document = context.document();
    // Deleted while it was made.
    if (document === null || findTurn(document, turnId)?.state.status !== 'running') return;
    const { timingsMs, cachedTokens, computedTokens } = result;
    const stored = {
      frame: context.blobs().putPicture(result.pixels),
      latent: context.blobs().putLatent(result.latent),
      timingsMs: {
        text: timingsMs.text,
        history: timingsMs.history,
        denoise: timingsMs.denoise,
        decode: timingsMs.decode,
      },
      cachedTokens,
      computedTokens,
      backend: model.info.backend,
      finishedAt: ports.now(),
    };
    context.commit(setTurnState(document, turnId, { status: 'done', result: stored }));
  }

  /** Ends a turn without a picture: failed with `error`, or cancelled when it is null. */
  function settle(turnId: TurnId, error: unknown): void {
    const document = context.document();
    const turn = document === null ? undefined : findTurn(document, turnId);
    if (error !== null) {
      const number = document === null || turn === undefined ? 0 : pathTo(document, turnId).length;
      const failure = turnFailure(error, { number, hasMask: (turn?.mask ?? null) !== null });
      keeper().noteError(error, failure);
      if (turn?.state.status === 'running') {
        const { code, happened, detail } = failure;
        const stored = { code, message: happened, ...(detail === undefined ? {} : { detail }) };
        change((at) => setTurnState(at, turnId, { status: 'failed', failure: stored }));
        context.notify(failure);
      }
    }
    if (turn?.state.status !== 'running' && turn?.state.status !== 'draft') return;
    const subtree = document === null ? [] : subtreeOf(document, turnId);
    abandon(new Set(subtree.map(({ id }) => id)));
    change((at) => giveBack(at, turn));
  }

  function abandon(turnIds: ReadonlySet<TurnId>): void {
    const { queue, run } = state.getState();
    context.set({ queue: queue.filter((id) => !turnIds.has(id)) });
    if (run.status === 'running' && turnIds.has(run.turnId)) abortRun();
    change((document) =>
      document.turns
        .filter(
          (turn) =>
            turnIds.has(turn.id) && (turn.state.status === 'draft' || turn.state.status === 'running'),
        )
        .reduce((at, turn) => setTurnState(at, turn.id, { status: 'cancelled' }), document),
    );
  }

  function abortRun(): void {
    const { run } = state.getState();
    if (run.status !== 'running') return;
    controller?.abort();
    context.set({ run: { ...run, isCancelling: true } });
  }

  function cancel(turnId?: TurnId): void {
    const { run, queue } = state.getState();
    const target = turnId ?? (run.status === 'running' ? run.turnId : queue[0]);
    if (target === undefined) return;
    if (run.status === 'running' && run.turnId === target) abortRun();
    else if (queue.includes(target)) settle(target, null);
  }

  async function stopAll(): Promise<void> {
    const { queue, run } = state.getState();
    abandon(new Set(run.status === 'running' ? [...queue, run.turnId] : queue));
    await running;
  }

  return { makeEdit, cancel, retryTurn: retry, abandon, stopAll, pump };
}

const longestName = 60;

/** A session that began blank is called by its first words, until the person gives it a name. */
function named(document: SessionDocument): SessionDocument {
  if (document.name !== unnamedSession || document.turns.length > 0) return document;
  const words = document.composer.instruction.trim();
  const name = words.length > longestName ? `${words.slice(0, longestName).trimEnd()}…` : words;
  return { ...document, name: name.charAt(0).toUpperCase() + name.slice(1) };
}

/** Place and words as they were before the turn was made, unless the person has gone on meanwhile. */
function giveBack(document: SessionDocument, turn: Turn): SessionDocument {
  const { composer } = document;
  const isUnder = (place: NodeId): boolean => pathTo(document, place).some(({ id }) => id === turn.id);
  const at = isUnder(document.current) ? goTo(document, turn.parentId) : document;
  if (composer.instruction !== '' || composer.mask !== null) return at;
  const { instruction, mask, revisedFrom } = turn;
  return { ...at, composer: { ...composer, instruction, mask, revising: revisedFrom ?? null } };
}

function modelRef({ info, hash }: ReadyModel): ModelRef {
  return { id: info.id, hash };
}
