/** What somebody needs to know who looks into trouble, as text to be sent along: without pictures. */
import { selectCurrentTurn, selectDocument } from '../session/selectors.ts';
import type { Failure } from '../session/state.ts';
import type { Page } from './page.ts';

/** JSON of the device, the model and the turn in sight with its words and settings; and of `failure`, if there is one. */
export function reportOf({ editor, offer, device }: Page, failure: Failure | Error | null): string {
  const state = editor.state.getState();
  const { model, saved } = state;
  const document = selectDocument(state);
  const turn = selectCurrentTurn(state);
  const manifest = model.status === 'ready' ? model.info.manifest : offer;
  const trouble =
    failure instanceof Error
      ? { code: failure.name, happened: failure.message, detail: failure.stack ?? null }
      : failure === null
        ? null
        : { code: failure.code, happened: failure.happened, detail: failure.detail ?? null };
  return JSON.stringify(
    {
      page: 'Palimpsest',
      at: new Date().toISOString(),
      failure: trouble,
      browser: navigator.userAgent,
      window: `${window.innerWidth}x${window.innerHeight} at ${window.devicePixelRatio}`,
      graphics: device.adapter ?? device.reason,
      model:
        typeof manifest === 'string'
          ? manifest
          : { id: manifest.id, trainedBy: manifest.trainingCommit, status: model.status },
      runsOn: model.status === 'ready' ? `${model.info.backend}: ${model.info.backendDetail}` : null,
      saved: saved.status,
      session: document === null ? null : { turns: document.turns.length, start: document.root.kind },
      turn: turn === null ? null : turnReport(turn),
    },
    null,
    1,
  );
}

function turnReport(turn: NonNullable<ReturnType<typeof selectCurrentTurn>>): object {
  const { instruction, task, seed, steps, guidance, model, regions, references, context, state } = turn;
  const made = state.status === 'done' ? { timingsMs: state.result.timingsMs, on: state.result.backend } : {};
  return {
    instruction,
    task: task.kind,
    seed,
    steps,
    guidance,
    model,
    regions: Object.entries(regions).flatMap(([stage, region]) => (region === null ? [] : [stage])),
    references: references.length,
    context,
    status: state.status,
    ...(state.status === 'failed' && { failure: state.failure }),
    ...made,
  };
}
