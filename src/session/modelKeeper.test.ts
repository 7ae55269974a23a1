import { expect, test } from 'vitest';

import { findTurn } from './document.ts';
import { modelHash } from './modelKeeper.ts';
import { selectUnknownWords } from './selectors.ts';
import { sha256 } from './sha256.ts';
import { createRig, flatPicture, gate, readyRig } from './testing/editor.ts';
import { must } from './testing/must.ts';

test('loads the model with growing verified bytes and is then ready', async () => {
  const rig = createRig();
  const seen: unknown[] = [];
  rig.state.subscribe(({ model }) => {
    if (model.status === 'loading') seen.push(model.progress?.verifiedBytes ?? null);
  });
  await rig.actions.loadModel();
  expect(seen).toEqual([null, 0, 500_000, 1_000_000]);
  expect(rig.state.getState().model).toMatchObject({
    status: 'ready',
    info: { id: 'paint' },
    hash: modelHash({ files: [{ path: 'tokenizer.json', bytes: 1, sha256: sha256(new Uint8Array(1)) }] }),
  });
});

test('a broken download says how far it came and goes on when asked', async () => {
  const rig = createRig();
  rig.engine.failNext('load', 'download-failed');
  await rig.actions.loadModel();
  expect(rig.state.getState().model).toMatchObject({
    status: 'failed',
    failure: {
      happened: 'The download broke off at 0.5 of 1\u00a0MB.',
      safe: 'What arrived is checked and kept.',
      next: 'load-model',
    },
  });
  await rig.actions.loadModel();
  expect(rig.state.getState().model.status).toBe('ready');
});

test('after a lost device the model is started again and the queue goes on', async () => {
  const rig = await readyRig();
  const held = gate();
  rig.engine.beforeStep = () => held.passed;
  rig.actions.setInstruction('a');
  const [a] = rig.actions.makeEdit();
  rig.actions.goTo(null);
  rig.actions.setInstruction('b');
  const [b] = rig.actions.makeEdit();
  rig.engine.loseDevice();
  held.open();
  await rig.actions.settled();
  expect(rig.state.getState()).toMatchObject({
    model: { status: 'failed' },
    queue: [b],
    notice: { code: 'device-lost', next: 'restart-model' },
  });
  expect(rig.actions.retryTurn(must(a))).toBe(false);
  await rig.actions.restartModel();
  await rig.actions.settled();
  expect(findTurn(rig.document(), must(b))?.state.status).toBe('done');
  expect(rig.state.getState().notice).toBe(null);
  expect(rig.actions.retryTurn(must(a))).toBe(true);
  await rig.actions.settled();
  expect(findTurn(rig.document(), must(a))?.state.status).toBe('done');
});

test('tells which words the model does not know and whether the start picture fits, also when it loads later', async () => {
  const rig = createRig();
  await rig.actions.openPicture(flatPicture(3), 'flat');
  rig.actions.setInstruction('add a zeppelin');
  await rig.actions.settled();
  expect(rig.state.getState()).toMatchObject({
    pictureCheck: { status: 'unchecked' },
    wordsCheck: { status: 'unchecked' },
  });
  await rig.actions.loadModel();
  await rig.actions.settled();
  expect(rig.state.getState().pictureCheck).toMatchObject({ status: 'checked', isKnownWorld: true });
  expect(selectUnknownWords(rig.state.getState())).toEqual(['zeppelin']);
  for (const words of ['add a zep', 'add a', 'add a Cup to the quay']) rig.actions.setInstruction(words);
  expect(selectUnknownWords(rig.state.getState())).toEqual([]);
  await rig.actions.settled();
  expect(selectUnknownWords(rig.state.getState())).toEqual(['quay']);
  const noise = { width: 8, height: 8, data: Uint8ClampedArray.from({ length: 256 }, (_, i) => i) };
  await rig.actions.openPicture(noise, 'noise');
  await rig.actions.settled();
  expect(rig.state.getState().pictureCheck).toMatchObject({ status: 'checked', isKnownWorld: false });
});

test('pauses a load where it is, and goes on when asked again', async () => {
  const rig = createRig();
  const half = gate();
  rig.engine.beforeRest = () => half.passed;
  const loading = rig.actions.loadModel();
  await expect.poll(() => rig.state.getState().model).toMatchObject({ progress: { verifiedBytes: 500_000 } });
  rig.actions.pauseModel();
  half.open();
  await loading;
  expect(rig.state.getState().model).toMatchObject({
    status: 'idle',
    paused: { verifiedBytes: 500_000, totalBytes: 1_000_000 },
  });
  await rig.actions.loadModel();
  expect(rig.state.getState().model.status).toBe('ready');
});
