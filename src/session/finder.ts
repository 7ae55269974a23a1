/** Asks the model for a region of the line being written; no turn is touched. */
import { refusalOf } from './capabilities.ts';
import type { Context } from './context.ts';
import { leftOut } from './contextItems.ts';
import type { NodeId, StageRegion } from './document.ts';
import { requestAt } from './history.ts';
import { badRequest, engineCodeOf, findFailure, modelNotReady, nothingFound } from './messages.ts';
import type { ModelKeeper } from './modelKeeper.ts';
import { readableBy } from './ownLatents.ts';
import { withPreview } from './preview.ts';
import { isEmptyRegion } from './regions.ts';
import { type RegionStage, foundInputs } from './stages.ts';
import { type ReadyModel, modelRef } from './state.ts';
import { attachPoint } from './tree.ts';

export interface Finder {
  /** False when refused, with a notice. */
  readonly find: (stage: RegionStage) => boolean;
  readonly cancel: () => void;
  /** Runs what waits; resolves when the engine has let go. */
  readonly run: (model: ReadyModel) => Promise<void>;
}

/** `pump` is called when there is something to run. */
export function createFinder(context: Context, keeper: () => ModelKeeper, pump: () => void): Finder {
  const { ports, state } = context;
  let controller: AbortController | null = null;
  /** Where the region was asked for; a picture elsewhere has other regions. */
  let asked: { readonly session: string; readonly place: NodeId } | null = null;

  function here(): typeof asked {
    const document = context.document();
    return document === null ? null : { session: document.id, place: attachPoint(document) };
  }

  function find(stage: RegionStage): boolean {
    const document = context.document();
    const { model, find: present } = state.getState();
    if (document === null || present.status === 'running') return false;
    if (model.status !== 'ready') {
      context.notify(modelNotReady(model));
      return false;
    }
    const { composer } = document;
    const place = attachPoint(document);
    const given = givenTo(stage, composer.regions);
    const refusal = refusalOf(
      document,
      place,
      { ...composer, regions: given },
      model.info.manifest,
      `region-${stage}`,
    );
    const hasWords = composer.instruction.trim() !== '' || given.now !== null || given.drawn !== null;
    if (refusal !== null || !hasWords) {
      context.notify(
        refusal ?? badRequest('There is nothing to find a region for.', 'Write what should change.'),
      );
      return false;
    }
    asked = here();
    context.set({ find: { status: 'waiting', stage }, notice: null });
    pump();
    return true;
  }

  async function run(model: ReadyModel): Promise<void> {
    const { info } = model;
    const at = state.getState().find;
    const document = context.document();
    if (at.status !== 'waiting' || document === null) return;
    const { stage } = at;
    const { composer } = document;
    const own = new AbortController();
    const { signal } = own;
    controller = own;
    context.set({ find: { status: 'running', stage, progress: null, isCancelling: false } });
    const seed = composer.seed ?? ports.randomSeed() >>> 0;
    const inputs = foundInputs(document, stage);
    try {
      const place = attachPoint(document);
      const recipe = {
        ...composer,
        instruction: composer.instruction.trim(),
        regions: givenTo(stage, composer.regions),
        context: { ...composer.context, off: leftOut(document, place, composer.context) },
        seed,
        steps: composer.steps ?? info.manifest.sampler.steps,
        guidance: composer.guidance ?? info.manifest.sampler.guidance,
      };
      const readable = readableBy(modelRef(model), document, context.blobs());
      const request = {
        ...requestAt(document, place, recipe, readable, info.manifest.roles),
        target: `region-${stage}` as const,
      };
      const { mask } = await ports.engine.edit(
        request,
        (progress) => {
          const { find: now } = state.getState();
          if (now.status === 'running')
            context.set({ find: { ...now, progress: withPreview(progress, now.progress) } });
        },
        signal,
      );
      if (signal.aborted) return;
      if (mask === undefined || isEmptyRegion(mask)) {
        context.notify(nothingFound());
        return;
      }
      put(stage, { by: 'found', mask: context.blobs().putMask(mask), seed, inputs });
    } catch (error) {
      if (signal.aborted || engineCodeOf(error) === 'cancelled') return;
      const failure = findFailure(error);
      keeper().noteError(error, failure);
      context.notify(failure);
    } finally {
      controller = null;
      asked = null;
      context.set({ find: { status: 'idle' } });
    }
  }

  /** Into the composer as it is now: what was written meanwhile makes the region out of date, not lost. */
  function put(stage: RegionStage, region: StageRegion): void {
    const composer = context.document()?.composer;
    if (composer === undefined) return;
    context.perform('region', [
      { kind: 'compose', composer: { regions: { ...composer.regions, [stage]: region } } },
    ]);
  }

  function cancel(): void {
    const { find: at } = state.getState();
    if (at.status === 'waiting') context.set({ find: { status: 'idle' } });
    if (at.status !== 'running') return;
    controller?.abort();
    context.set({ find: { ...at, isCancelling: true } });
  }

  context.onChange(() => {
    const now = here();
    if (asked !== null && (now?.session !== asked.session || now.place !== asked.place)) cancel();
  });

  return { find, cancel, run };
}

/** A stage that is looked for anew is not given to the model, nor is the one after it. */
function givenTo<Regions extends { readonly now: unknown; readonly next: unknown }>(
  stage: RegionStage,
  regions: Regions,
): Regions {
  return { ...regions, next: null, now: stage === 'now' ? null : regions.now };
}
