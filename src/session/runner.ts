/** Makes turns: adds them to the tree, queues them, and runs them one at a time. */
import { type Added, type Making, addFromComposer, requestOf, tipOf, isEmptyRequest } from './adding.ts';
import { refusalOf } from './capabilities.ts';
import type { Context } from './context.ts';
import {
  type SessionDocument,
  type Turn,
  type TurnId,
  emptyRequest,
  findTurn,
  goTo,
  retryTurn,
  setTurnState,
  turnOf,
  unnamedSession,
} from './document.ts';
import { createFinder } from './finder.ts';
import { type MadeTurn, makeTurn } from './makeTurn.ts';
import { driftOf } from './measuring.ts';
import { engineCodeOf, modelNotReady, parentMissing, turnFailure } from './messages.ts';
import type { ModelKeeper } from './modelKeeper.ts';
import { readableBy } from './ownLatents.ts';
import { heard, withPreview } from './preview.ts';
import { isClip } from './recipe.ts';
import { selectMakeBlock } from './selectors.ts';
import type { RegionStage } from './stages.ts';
import { type Failure, type ReadyModel, modelRef } from './state.ts';
import { isUnder, pathTo, subtreeOf } from './tree.ts';
import { isPart } from './undo.ts';

export interface Runner {
  readonly makeEdit: (count?: number) => readonly TurnId[];
  /**
   * Queues what `add` adds and, unless told not to, goes to its end with an empty line; empty when the model is not
   * there or would not take it, with a notice.
   */
  readonly addAndRun: (
    add: (document: SessionDocument, making: Making) => Added,
    isFollowed?: boolean,
  ) => readonly TurnId[];
  readonly cancel: (turnId?: TurnId) => void;
  readonly moveInQueue: (turnId: TurnId, by: number) => void;
  readonly clearQueue: () => void;
  readonly retryTurn: (turnId: TurnId) => boolean;
  readonly findRegion: (stage: RegionStage) => boolean;
  readonly cancelFinding: () => void;
  /** Cancels what runs, and nothing that waits. */
  readonly interrupt: () => void;
  /** Takes back the word that the model is silent, until it has been so for twice as long. */
  readonly waitOn: () => void;
  /** Cancels these turns, without giving their words back. */
  readonly abandon: (turnIds: ReadonlySet<TurnId>) => void;
  /** Brings queue and turns together after a step of undo. */
  readonly reconcile: () => void;
  /** Cancels whatever runs or waits and resolves when the engine has let go. */
  readonly stopAll: () => Promise<void>;
  /** Starts what waits when nothing runs and the model is there. */
  readonly pump: () => void;
}

const mostAtATime = 16;

export function createRunner(context: Context, keeper: () => ModelKeeper): Runner {
  const { ports, state } = context;
  let controller: AbortController | null = null;
  let running: Promise<void> = Promise.resolve();
  const finder = createFinder(context, keeper, () => {
    pump();
  });

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
    const ways = Math.min(Math.max(1, Math.trunc(count)), mostAtATime);
    return addAndRun((before, making) => addFromComposer(named(before), ways, making));
  }

  function addAndRun(
    add: (document: SessionDocument, making: Making) => Added,
    isFollowed = true,
  ): readonly TurnId[] {
    const { model } = state.getState();
    const document = context.document();
    if (document === null) return [];
    if (model.status !== 'ready') {
      context.notify(modelNotReady(model));
      return [];
    }
    const added = add(document, { ...ports, model: modelRef(model), sampler: model.info.manifest.sampler });
    const tip = tipOf(added);
    if (tip === null) return [];
    const refusal = refusalIn(added, model);
    if (refusal !== null) {
      context.notify(refusal);
      return [];
    }
    context.commit(added.document);
    if (isFollowed) {
      context.perform('make', [
        { kind: 'go-to', to: tip },
        { kind: 'compose', composer: emptyRequest },
      ]);
    }
    context.set({ queue: [...state.getState().queue, ...added.turnIds], notice: null });
    pump();
    return added.turnIds;
  }

  function retry(turnId: TurnId): boolean {
    const { model, queue } = state.getState();
    const document = context.document();
    const turn = document === null ? undefined : findTurn(document, turnId);
    const status = turn?.state.status;
    if (document === null || turn === undefined || (status !== 'failed' && status !== 'cancelled')) {
      return false;
    }
    const parent = turn.parentId === null ? null : findTurn(document, turn.parentId);
    const isOrphan = parent?.state.status === 'failed' || parent?.state.status === 'cancelled';
    const refusal =
      model.status !== 'ready'
        ? modelNotReady(model)
        : isOrphan
          ? parentMissing()
          : refusalOf(document, turn.parentId, turn, model.info.manifest);
    if (refusal !== null || model.status !== 'ready') {
      if (refusal !== null) context.notify(refusal);
      return false;
    }
    context.commit(retryTurn(document, turnId, modelRef(model)));
    // The words that went back to the composer when it failed belong to the turn again.
    const isReturned = isPart(document.composer, requestOf(turn));
    context.perform('make', [
      { kind: 'go-to', to: turnId },
      { kind: 'compose', composer: isReturned ? emptyRequest : {} },
    ]);
    context.set({ queue: [...queue, turnId], notice: null });
    pump();
    return true;
  }

  function pump(): void {
    const { run, find, model, queue } = state.getState();
    if (run.status === 'running' || find.status === 'running' || model.status !== 'ready') return;
    const [turnId, ...rest] = queue;
    if (find.status === 'waiting') {
      start(finder.run(model));
    } else if (turnId !== undefined) {
      controller = new AbortController();
      const next = { status: 'running', turnId, progress: null, frame: null, isCancelling: false } as const;
      context.set({ queue: rest, run: next });
      start(
        runTurn(turnId, model, controller.signal).finally(() => {
          controller = null;
          context.set({ run: { status: 'idle' } });
        }),
      );
    }
  }

  function start(work: Promise<void>): void {
    running = context.track(work.finally(pump));
  }

  async function runTurn(turnId: TurnId, model: ReadyModel, signal: AbortSignal): Promise<void> {
    try {
      const before = context.document();
      if (before === null) return;
      const document = setTurnState(before, turnId, { status: 'running', startedAt: ports.now() });
      context.commit(document);
      const made = await makeTurn(document, turnId, {
        blobs: readableBy(modelRef(model), document, context.blobs()),
        roles: model.info.manifest.roles,
        edit: (request, frame) =>
          ports.engine.edit(
            request,
            (progress) => {
              const { run } = state.getState();
              if (run.status !== 'running' || run.turnId !== turnId) return;
              const isSame = run.frame?.index === frame?.index;
              const shown = withPreview(progress, isSame ? run.progress : null);
              context.set({ run: { ...run, progress: shown, frame } });
            },
            signal,
          ),
      });
      if (signal.aborted) settle(turnId, null);
      else finish(turnId, made, model);
    } catch (error) {
      const isCancelled = signal.aborted || engineCodeOf(error) === 'cancelled';
      settle(turnId, isCancelled ? null : error);
    }
  }

  function finish(turnId: TurnId, { picture, clip, cost }: MadeTurn, model: ReadyModel): void {
    const document = context.document();
    // Deleted while it was made.
    if (document === null || findTurn(document, turnId)?.state.status !== 'running') return;
    const { timingsMs, cachedTokens, computedTokens } = cost;
    const { text, history, denoise, decode } = timingsMs;
    const drift = clip === undefined ? driftOf(document, turnId, picture.frame, context.blobs()) : null;
    const result = {
      ...picture,
      ...(clip === undefined ? {} : { clip }),
      ...(drift === null ? {} : { drift }),
      timingsMs: { text, history, denoise, decode },
      cachedTokens,
      computedTokens,
      backend: model.info.backend,
      finishedAt: ports.now(),
    };
    context.commit(setTurnState(document, turnId, { status: 'done', result }));
  }

  /** Ends a turn without a picture: failed with `error`, or cancelled when it is null. */
  function settle(turnId: TurnId, error: unknown): void {
    const document = context.document();
    const turn = document === null ? undefined : findTurn(document, turnId);
    if (error !== null) {
      const number = document === null || turn === undefined ? 0 : pathTo(document, turnId).length;
      const failure = turnFailure(error, { number, hasRegion: (turn?.regions.drawn ?? null) !== null });
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

  function interrupt(): void {
    abortRun();
    if (state.getState().find.status === 'running') finder.cancel();
  }

  function waitOn(): void {
    const { run, find } = state.getState();
    if (run.status === 'running') context.set({ run: { ...run, progress: heard(run.progress) } });
    if (find.status === 'running') context.set({ find: { ...find, progress: heard(find.progress) } });
  }

  /** Past a neighbour that it is made from, or that is made from it, a turn does not move. */
  function moveInQueue(turnId: TurnId, by: number): void {
    const document = context.document();
    const queue = [...state.getState().queue];
    const step = Math.sign(by);
    let at = queue.indexOf(turnId);
    if (document === null || at === -1) return;
    for (let left = Math.abs(by); left > 0; left -= 1) {
      const other = queue[at + step];
      const below = step > 0 ? other : turnId;
      const above = step > 0 ? turnId : other;
      if (other === undefined || below === undefined || above === undefined) break;
      if (isUnder(document, below, above)) break;
      [queue[at], queue[at + step]] = [other, turnId];
      at += step;
    }
    context.set({ queue });
  }

  function clearQueue(): void {
    abandon(new Set(state.getState().queue));
  }

  function reconcile(): void {
    const document = context.document();
    if (document === null) return;
    const { run, queue } = state.getState();
    const known = new Set(document.turns.map(({ id }) => id));
    if (run.status === 'running' && !known.has(run.turnId)) abortRun();
    if (queue.some((id) => !known.has(id))) context.set({ queue: queue.filter((id) => known.has(id)) });
    const isCared = (id: TurnId): boolean =>
      queue.includes(id) || (run.status === 'running' && run.turnId === id && !run.isCancelling);
    const left = document.turns.filter(
      ({ id, state: { status } }) => (status === 'draft' || status === 'running') && !isCared(id),
    );
    abandon(new Set(left.map(({ id }) => id)));
  }

  async function stopAll(): Promise<void> {
    const { queue, run } = state.getState();
    finder.cancel();
    abandon(new Set(run.status === 'running' ? [...queue, run.turnId] : queue));
    await running;
  }

  return {
    makeEdit,
    addAndRun,
    cancel,
    moveInQueue,
    clearQueue,
    retryTurn: retry,
    findRegion: finder.find,
    cancelFinding: finder.cancel,
    interrupt,
    waitOn,
    abandon,
    reconcile,
    stopAll,
    pump,
  };
}

/** Why the model would not take one of the turns that are to be queued. */
function refusalIn({ document, turnIds }: Added, { info }: ReadyModel): Failure | null {
  for (const id of turnIds) {
    const turn = turnOf(document, id);
    const refusal = refusalOf(document, turn.parentId, turn, info.manifest);
    if (refusal !== null) return refusal;
  }
  return null;
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
  const isHere = isUnder(document, document.current, turn.id);
  const at = isHere ? goTo(document, turn.parentId) : document;
  // A clip that was asked for elsewhere would begin at another picture here.
  if (!isEmptyRequest(composer) || (isClip(turn.task) && !isHere)) return at;
  return { ...at, composer: { ...composer, ...requestOf(turn) } };
}
