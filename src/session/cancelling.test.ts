import { expect, test } from 'vitest';

import { findTurn, noRegions } from './document.ts';
import { selectCanUndo, selectComposer } from './selectors.ts';
import { type Rig, gate, leftMask, readyRig } from './testing/editor.ts';
import { must } from './testing/must.ts';

async function make(rig: Rig, words: string): Promise<void> {
  rig.actions.setInstruction(words);
  expect(rig.actions.makeEdit().length).toBe(1);
  await rig.actions.settled();
}

test('cancelling at any step restores place, words and region exactly, and the turn keeps its recipe', async () => {
  for (const [stage, step] of [
    ['text', 0],
    ['denoise', 2],
    ['decode', 0],
  ] as const) {
    const rig = await readyRig();
    await make(rig, 'one');
    rig.actions.setInstruction('two');
    rig.actions.setMask(leftMask(2));
    const { composer, current } = rig.document();
    rig.engine.beforeStep = (at, done) => {
      if (at === stage && done === step) rig.actions.cancel();
    };
    const [id] = rig.actions.makeEdit();
    await rig.actions.settled();
    expect(rig.document()).toMatchObject({ composer, current });
    expect(findTurn(rig.document(), must(id))).toMatchObject({
      instruction: 'two',
      regions: composer.regions,
      state: { status: 'cancelled' },
    });
    expect(rig.state.getState()).toMatchObject({ run: { status: 'idle' }, notice: null });
  }
});

test('does not overwrite words that were written while the cancelled turn ran', async () => {
  const rig = await readyRig();
  rig.engine.beforeStep = (stage) => {
    if (stage !== 'denoise') return;
    rig.actions.setInstruction('already the next');
    rig.actions.cancel();
  };
  rig.actions.setInstruction('one');
  rig.actions.makeEdit();
  await rig.actions.settled();
  expect(selectComposer(rig.state.getState()).instruction).toBe('already the next');
});

test('cancelling a turn cancels what was queued under it, and nothing else', async () => {
  const rig = await readyRig();
  const held = gate();
  rig.engine.beforeStep = () => held.passed;
  rig.actions.setInstruction('a');
  const [a] = rig.actions.makeEdit();
  rig.actions.setInstruction('under a');
  const [underA] = rig.actions.makeEdit();
  rig.actions.goTo(null);
  rig.actions.setInstruction('b');
  const [b] = rig.actions.makeEdit();
  rig.actions.cancel(a);
  held.open();
  await rig.actions.settled();
  const status = (id: typeof a): unknown => findTurn(rig.document(), must(id))?.state.status;
  expect([a, underA, b].map(status)).toEqual(['cancelled', 'cancelled', 'done']);
  expect(rig.engine.requests.map(({ instruction }) => instruction)).toEqual(['a', 'b']);
  expect(rig.actions.retryTurn(must(underA))).toBe(false);
  expect(rig.state.getState().notice?.code).toBe('parent-missing');
});

test('a failed turn keeps words, region and message, and can be made again in place', async () => {
  const rig = await readyRig();
  rig.actions.setMask(leftMask(2));
  rig.actions.setInstruction('one');
  const { composer } = rig.document();
  rig.engine.failNext('edit', 'internal');
  const [id] = rig.actions.makeEdit();
  await rig.actions.settled();
  expect(findTurn(rig.document(), must(id))?.state).toMatchObject({
    status: 'failed',
    failure: { code: 'internal', message: 'The model stopped with an error.' },
  });
  expect(rig.state.getState().notice).toMatchObject({
    safe: 'Turn 1 was not made; your words, the region and all earlier turns are kept.',
    next: 'retry-turn',
  });
  expect(rig.document()).toMatchObject({ composer, current: null });
  expect(rig.actions.retryTurn(must(id))).toBe(true);
  await rig.actions.settled();
  expect(findTurn(rig.document(), must(id))?.state.status).toBe('done');
  expect(rig.document()).toMatchObject({ current: id, composer: { instruction: '', regions: noRegions } });
  expect(rig.document().turns.length).toBe(1);
});

test('a cancelled turn leaves no undo step behind', async () => {
  const rig = await readyRig();
  rig.engine.beforeStep = () => {
    rig.actions.cancel();
  };
  rig.actions.setInstruction('one');
  expect(selectCanUndo(rig.state.getState())).toBe(false);
  rig.actions.makeEdit();
  await rig.actions.settled();
  expect(selectCanUndo(rig.state.getState())).toBe(false);
});

test('undo passes over a cancelled turn to the gesture before it', async () => {
  const rig = await readyRig();
  rig.actions.renameSession('harbour');
  rig.engine.beforeStep = () => {
    rig.actions.cancel();
  };
  rig.actions.setInstruction('one');
  rig.actions.makeEdit();
  await rig.actions.settled();
  expect(rig.state.getState().undoLabel).toBe('rename');
  rig.actions.undo();
  expect(rig.document()).toMatchObject({ name: 'bay', composer: { instruction: 'one' } });
  await rig.actions.settled();
});

test('a picture that arrives after its turn was cancelled is not kept', async () => {
  const rig = await readyRig();
  rig.state.subscribe(({ run }) => {
    // The last report of the engine: it hands out the finished picture right after it.
    if (run.status === 'running' && run.progress?.stage === 'decode' && !run.isCancelling)
      rig.actions.cancel();
  });
  rig.actions.setInstruction('one');
  const [id] = rig.actions.makeEdit();
  await rig.actions.settled();
  expect(findTurn(rig.document(), must(id))?.state).toEqual({ status: 'cancelled' });
  expect(rig.document().current).toBe(null);
});

test('deleting the running turn stops it, and undoing that brings back its words without a picture', async () => {
  const rig = await readyRig();
  const held = gate();
  rig.engine.beforeStep = () => held.passed;
  rig.actions.setInstruction('one');
  const [id] = rig.actions.makeEdit();
  rig.actions.deleteTurn(must(id));
  held.open();
  await rig.actions.settled();
  expect(rig.document().turns).toEqual([]);
  expect(rig.state.getState().run.status).toBe('idle');
  rig.actions.undo();
  expect(findTurn(rig.document(), must(id))).toMatchObject({
    instruction: 'one',
    state: { status: 'cancelled' },
  });
  await rig.actions.settled();
});

test('redoing a deletion stops a turn that was put back in line meanwhile', async () => {
  const rig = await readyRig();
  rig.engine.failNext('edit', 'internal');
  await make(rig, 'one');
  const id = must(rig.document().turns[0]).id;
  rig.actions.goTo(id);
  rig.actions.deleteTurn(id);
  rig.actions.undo();
  const held = gate();
  rig.engine.beforeStep = () => held.passed;
  // It goes nowhere and takes no words, so the deletion can still be redone.
  rig.actions.setInstruction('already the next');
  expect(rig.actions.retryTurn(id)).toBe(true);
  expect(rig.state.getState().redoLabel).toBe('delete-turn');
  rig.actions.redo();
  expect(rig.state.getState().run).toMatchObject({ turnId: id, isCancelling: true });
  held.open();
  await rig.actions.settled();
  expect(rig.document().turns).toEqual([]);
  expect(rig.state.getState()).toMatchObject({ run: { status: 'idle' }, queue: [] });
  rig.actions.undo();
  expect(must(rig.document().turns[0]).state.status).toBe('cancelled');
  await rig.actions.settled();
});
