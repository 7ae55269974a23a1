/** Asks for one turn of a script as a person does on the page, and waits until it is made. */
import type { MaskPixels, Pixels } from '../../src/runtime/contract.ts';
import type { NodeId, Turn, TurnId } from '../../src/session/document.ts';
import { selectDocument } from '../../src/session/selectors.ts';
import type { Editor } from '../../src/session/store.ts';
import { PREDICT, type ScriptTurn, type TurnPicture } from './script.ts';

export interface TurnPorts {
  readonly editor: Editor;
  readonly pictureOf: (path: string) => Pixels;
  readonly maskOf: (path: string) => MaskPixels;
  readonly placeOf: (picture: TurnPicture) => NodeId;
}

/** Why a turn was not made; `code` is one of the engine's or the session's. */
export class TurnError extends Error {
  override readonly name = 'TurnError';
  readonly code: string;
  readonly detail: string | undefined;
  constructor(code: string, message: string, detail?: string) {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

/**
 * Makes `turn` where the session is, with a line that is empty.
 * @throws TurnError
 */
export async function makeTurn(turn: ScriptTurn, { editor, ...ports }: TurnPorts): Promise<Turn> {
  const { actions } = editor;
  const { regions, task } = turn;
  const need = (isDone: boolean): void => {
    if (!isDone) throw refusalIn(editor, turn);
  };
  actions.setInstruction(turn.instruction);
  actions.setSeed(turn.seed);
  actions.setSteps(turn.steps ?? null);
  actions.setGuidance(turn.guidance ?? null);
  for (const { role, picture } of turn.references) {
    const isPath = typeof picture === 'string';
    const source = isPath
      ? { name: picture.replace(/^.*\//, ''), pixels: ports.pictureOf(picture) }
      : { place: ports.placeOf(picture) };
    need(actions.addReference(source, role));
  }
  if (typeof task !== 'string') {
    need(actions.setTask({ kind: 'clip-between', to: ports.placeOf(task.to), count: task.count }));
  } else if (task !== 'image') actions.setTask({ kind: task === 'scene' ? 'scene' : 'clip-edit' });

  if (regions.drawn !== undefined) actions.setMask(ports.maskOf(regions.drawn));
  for (const stage of ['now', 'next'] as const) {
    const region = regions[stage];
    if (typeof region === 'object') {
      actions.moveRegion(region);
    } else if (region === PREDICT) {
      need(stage === 'now' ? actions.findRegionNow() : actions.findRegionNext());
      await actions.settled();
      need(editor.state.getState().notice === null && composerOf(editor).regions[stage] !== null);
    } else if (region !== undefined) actions.setRegion(stage, ports.maskOf(region));
  }

  const [id] = actions.makeEdit();
  if (id === undefined) throw refusalIn(editor, turn);
  await actions.settled();
  return madeTurn(editor, id);
}

function madeTurn(editor: Editor, id: TurnId): Turn {
  const made = documentOf(editor).turns.find((turn) => turn.id === id);
  if (made?.state.status === 'failed') {
    const { code, message, detail } = made.state.failure;
    throw new TurnError(code, message, detail);
  }
  if (made?.state.status !== 'done') throw new TurnError('cancelled', 'Stopped.');
  return made;
}

/** What the page would tell the person. */
function refusalIn({ state }: Editor, { number }: ScriptTurn): TurnError {
  const { notice } = state.getState();
  if (notice === null) return new TurnError('cancelled', `Turn ${number} was stopped before it was made.`);
  const { code, happened, safe, detail } = notice;
  return new TurnError(code, `Turn ${number}: ${happened} ${safe}`.trim(), detail);
}

export function documentOf({ state }: Editor): NonNullable<ReturnType<typeof selectDocument>> {
  const document = selectDocument(state.getState());
  if (document === null) throw new Error('A session was opened.');
  return document;
}

function composerOf(editor: Editor): ReturnType<typeof documentOf>['composer'] {
  return documentOf(editor).composer;
}
