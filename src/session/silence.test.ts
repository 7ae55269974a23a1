import { expect, test } from 'vitest';

import { EngineError } from '../runtime/contract.ts';
import { findTurn } from './document.ts';
import { selectSilence } from './selectors.ts';
import { type Rig, gate, readyRig } from './testing/editor.ts';
import { must } from './testing/must.ts';

/** The next edit says nothing any more, and ends only with its cancel, as one in a worker does. */
function hang(rig: Rig): { readonly reached: Promise<void>; readonly saySilent: (ms: number) => void } {
  const { engine } = rig;
  const edit = engine.edit.bind(engine);
  const begun = gate();
  let saySilent: (ms: number) => void = () => undefined;
  engine.edit = async (_, onProgress, signal) => {
    engine.edit = edit;
    saySilent = (silentForMs) => onProgress({ stage: 'denoise', done: 1, total: 4, silentForMs });
    begun.open();
    return new Promise((_resolve, reject) => {
      const end = (): void => reject(new EngineError({ code: 'cancelled', message: 'Cancelled.' }));
      signal.addEventListener('abort', end);
    });
  };
  return { reached: begun.passed, saySilent: (ms) => saySilent(ms) };
}

test('says for how long a model is silent, not again while the person waits on, and again when it has doubled', async () => {
  const rig = await readyRig();
  const { reached, saySilent } = hang(rig);
  rig.actions.setInstruction('one');
  rig.actions.makeEdit();
  await reached;
  const silence = (): unknown => selectSilence(rig.state.getState());
  expect(silence()).toBe(null);
  saySilent(20_000);
  expect(silence()).toBe(20_000);
  rig.actions.waitOn();
  expect(silence()).toBe(null);
  expect(rig.state.getState().run).toMatchObject({ status: 'running', progress: { done: 1 } });
  saySilent(40_000);
  expect(silence()).toBe(40_000);
});

test('a restart of a silent model gives the words back, and what waits is made by the new one', async () => {
  const rig = await readyRig();
  const { reached, saySilent } = hang(rig);
  rig.actions.setInstruction('one');
  const before = rig.document();
  const [hung] = rig.actions.makeEdit();
  rig.actions.goTo(null);
  rig.actions.setInstruction('two');
  const [waiting] = rig.actions.makeEdit();
  rig.actions.goTo(must(hung));
  await reached;
  saySilent(20_000);
  await rig.actions.restartModel();
  await rig.actions.settled();
  const status = (id: typeof hung): unknown => findTurn(rig.document(), must(id))?.state.status;
  expect([hung, waiting].map(status)).toEqual(['cancelled', 'done']);
  expect(rig.document()).toMatchObject({ composer: before.composer, current: before.current });
  expect(rig.state.getState()).toMatchObject({ model: { status: 'ready' }, notice: null });
});

test('the new model of a restart is never said to have stopped because the old one owed an answer', async () => {
  const rig = await readyRig();
  const { engine } = rig;
  const unknownWords = engine.unknownWords.bind(engine);
  const restart = engine.restart.bind(engine);
  const asked = gate();
  const ended = gate();
  engine.unknownWords = async () => {
    engine.unknownWords = unknownWords;
    asked.open();
    await ended.passed;
    // As the client ends what the old worker was asked.
    throw new EngineError({
      code: 'cancelled',
      reason: 'model-restarted',
      message: 'The model was restarted.',
    });
  };
  engine.restart = async (onProgress, signal) => {
    ended.open();
    return restart(onProgress, signal);
  };
  rig.actions.setInstruction('one');
  await asked.passed;
  const seen: string[] = [];
  const unwatch = rig.state.subscribe(({ model }) => seen.push(model.status));
  await rig.actions.restartModel();
  await rig.actions.settled();
  unwatch();
  expect(new Set(seen)).toEqual(new Set(['loading', 'ready']));
});
