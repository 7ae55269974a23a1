/** What the person does to the tree of turns. */
import type { TreeActions } from './actions.ts';
import { type Added, addLine, requestOf, taskOf } from './adding.ts';
import type { Context } from './context.ts';
import {
  type Composer,
  type NodeId,
  type Recipe,
  type SessionDocument,
  type Turn,
  type TurnId,
  emptyRequest,
  findTurn,
  plainRecipe,
} from './document.ts';
import { wayOf, waysOf } from './groups.ts';
import { cannotReplay } from './messages.ts';
import { addRebase, addReplay, addWay } from './replay.ts';
import type { Runner } from './runner.ts';
import { shotSeconds } from './story.ts';
import { isUnder, subtreeOf } from './tree.ts';
import type { Change } from './undo.ts';

export function createTreeActions(context: Context, runner: Runner): TreeActions {
  /** The page may still show a turn that has just gone; a click on it does nothing. */
  function withTurn(turnId: TurnId, act: (turn: Turn, document: SessionDocument) => void): void {
    const document = context.document();
    const turn = document === null ? undefined : findTurn(document, turnId);
    if (document !== null && turn !== undefined) act(turn, document);
  }

  function has(place: NodeId): boolean {
    const document = context.document();
    return document !== null && (place === null || findTurn(document, place) !== undefined);
  }

  /** What waits under a turn that goes out of the way is not made any more. */
  function abandonUnder(document: SessionDocument, turnIds: readonly TurnId[]): void {
    const gone = turnIds.flatMap((id) => subtreeOf(document, id).map((turn) => turn.id));
    runner.abandon(new Set(gone));
  }

  /** Where to stand instead, when the present place is one of `roots` or under one. */
  function leaveFor(document: SessionDocument, roots: readonly TurnId[], place: NodeId): readonly Change[] {
    const isInside = roots.some((root) => isUnder(document, document.current, root));
    return isInside ? [{ kind: 'go-to', to: place }] : [];
  }

  function discard(turnId: TurnId, isDiscarded: boolean): void {
    withTurn(turnId, (_, document) => {
      const root = wayOf(document, turnId);
      if (isDiscarded) abandonUnder(document, [root.id]);
      const other = waysOf(document, root.id).find((way) => way.root.id !== root.id && !way.root.isDiscarded);
      context.perform('discard', [
        { kind: 'mark', turnId: root.id, marks: { isDiscarded } },
        ...(isDiscarded ? leaveFor(document, [root.id], other?.tip.id ?? root.parentId) : []),
      ]);
    });
  }

  function keep(turnId: TurnId): void {
    withTurn(turnId, (_, document) => {
      const kept = wayOf(document, turnId);
      const ways = waysOf(document, kept.id);
      const others = ways.map(({ root }) => root.id).filter((id) => id !== kept.id);
      abandonUnder(document, others);
      const tip = ways.find(({ root }) => root.id === kept.id)?.tip ?? kept;
      context.perform('keep', [
        ...others.map((id): Change => ({ kind: 'mark', turnId: id, marks: { isDiscarded: true } })),
        { kind: 'mark', turnId: kept.id, marks: { isDiscarded: false } },
        ...leaveFor(document, others, tip.id),
      ]);
    });
  }

  /** Runs `add` for a turn that has a picture. */
  function anew(turnId: TurnId, add: Parameters<Runner['addAndRun']>[0]): readonly TurnId[] {
    let added: readonly TurnId[] = [];
    withTurn(turnId, ({ state }) => {
      if (state.status === 'done') added = runner.addAndRun(add);
      else context.notify(cannotReplay());
    });
    return added;
  }

  /** What the composer says of the turn that it is revising. */
  function revisedRecipe({ composer }: SessionDocument, turnId: TurnId): Partial<Recipe> {
    if (composer.revising !== turnId) return {};
    const { instruction, regions, references, context: choice, task, seed, steps, guidance } = composer;
    const settings = { ...(seed === null ? {} : { seed }), ...(steps === null ? {} : { steps }) };
    const asked = { instruction: instruction.trim(), regions, references, context: choice, task };
    return { ...asked, ...settings, ...(guidance === null ? {} : { guidance }) };
  }

  return {
    goTo: (place) => {
      if (has(place)) context.perform('go-to', [{ kind: 'go-to', to: place }]);
    },
    branchFrom: (place) => {
      if (!has(place)) return;
      context.perform('branch', [
        { kind: 'go-to', to: place },
        { kind: 'compose', composer: emptyRequest },
      ]);
    },
    reviseTurn: (turnId) => {
      withTurn(turnId, (turn) => {
        const { context: choice, seed, steps, guidance, parentId } = turn;
        const composer: Partial<Composer> = {
          ...requestOf(turn),
          context: choice,
          seed,
          steps,
          guidance,
          revising: turnId,
        };
        context.perform('branch', [
          { kind: 'go-to', to: parentId },
          { kind: 'compose', composer },
        ]);
      });
    },
    reviseAndReplay: (turnId, change) =>
      anew(turnId, (at, making) => addReplay(at, turnId, change ?? revisedRecipe(at, turnId), making)),
    rebase: (turnId, way = 'history') =>
      anew(turnId, (at, making) => addRebase(at, turnId, way, context.blobs(), making))[0] ?? null,
    deleteTurn: (turnId) => {
      withTurn(turnId, (_, document) => {
        abandonUnder(document, [turnId]);
        context.perform('delete-turn', [{ kind: 'delete', turnId }]);
      });
    },
    renameTurn: (turnId, name) => {
      withTurn(turnId, () => {
        const marks = { name: name.trim() === '' ? null : name.trim() };
        context.perform('rename', [{ kind: 'mark', turnId, marks }]);
      });
    },
    starTurn: (turnId, isStarred) => {
      withTurn(turnId, () => {
        context.perform('star', [{ kind: 'mark', turnId, marks: { isStarred } }]);
      });
    },
    archiveTurn: (turnId, isArchived) => {
      withTurn(turnId, (turn, document) => {
        if (isArchived) abandonUnder(document, [turnId]);
        context.perform('archive', [
          { kind: 'mark', turnId, marks: { isArchived } },
          ...(isArchived ? leaveFor(document, [turnId], turn.parentId) : []),
        ]);
      });
    },
    keep,
    addWay: (turnId) => {
      if (!has(turnId)) return null;
      return runner.addAndRun((at, making) => addWay(at, turnId, making), false)[0] ?? null;
    },
    markShot: (place, marks) => {
      const { seconds } = marks;
      const bounded = seconds === undefined ? marks : { ...marks, seconds: shotSeconds(seconds) };
      if (has(place)) context.perform('shot', [{ kind: 'shot', place, marks: bounded }]);
    },
    makeClip: (place, choice, words) => {
      if (!has(place)) return null;
      const add: Parameters<Runner['addAndRun']>[0] = (document, making) => {
        const empty: Added = { document, turnIds: [] };
        const task = taskOf(document, choice);
        if (task === null) return empty;
        const { steps, guidance } = document.composer;
        return addLine(empty, place, making, {
          ...plainRecipe,
          instruction: words.trim(),
          task,
          seed: making.randomSeed() >>> 0,
          steps: steps ?? making.sampler.steps,
          guidance: guidance ?? making.sampler.guidance,
        });
      };
      return runner.addAndRun(add, false)[0] ?? null;
    },
    discard: (turnId, isDiscarded = true) => {
      discard(turnId, isDiscarded);
    },
    renameSession: (name) => {
      const trimmed = name.trim();
      if (trimmed !== '') context.perform('rename', [{ kind: 'rename-session', name: trimmed }]);
    },
  };
}
