import { expect, test } from 'vitest';

import type { FrameRef, TurnId } from './document.ts';
import { type Rig, ableRig, flatPicture, gate, makeTurn } from './testing/editor.ts';
import { must } from './testing/must.ts';
import { paint } from './testing/paint.ts';

async function clipBetween(rig: Rig, words: string, to: TurnId | null, count: number): Promise<TurnId> {
  expect(rig.actions.setTask({ kind: 'clip-between', to, count })).toBe(true);
  return makeTurn(rig, words);
}

function clipOf(rig: Rig, id: TurnId): readonly FrameRef[] {
  const state = must(rig.document().turns.find((turn) => turn.id === id)).state;
  if (state.status !== 'done') throw new Error(`The clip is ${state.status}.`);
  return must(state.result.clip);
}

const pixelsOf = (rig: Rig, { frame }: FrameRef) => must(rig.actions.pixelsOf(frame.hash));

test('a clip goes from the present picture to another one, each frame made from the first and what came before', async () => {
  const rig = await ableRig();
  const one = await makeTurn(rig, 'one');
  const id = await clipBetween(rig, 'it fades', null, 5);
  const requests = rig.engine.requests.slice(1);
  const first = must(must(requests[0]).history[0]);
  expect(requests.map(({ target, instruction }) => [target, instruction])).toEqual(
    [2, 3, 4].map((index) => [{ index, count: 5, previousId: first.id }, 'it fades']),
  );
  expect(
    requests.map(({ history }) => history.map((item) => (item.kind === 'text' ? item.text : item.kind))),
  ).toEqual([
    ['image', 'it fades', 'image'],
    ['image', 'it fades', 'image', 'frame two of five', 'image'],
    ['image', 'it fades', 'image', 'frame two of five', 'image', 'frame three of five', 'image'],
  ]);
  expect(new Set(requests.map(({ seed }) => seed)).size).toBe(3);
  const last = must(must(requests[2]).history.at(-1));
  expect(last).toMatchObject({ t: 2, latent: { channels: 1 } });

  const clip = clipOf(rig, id);
  expect(clip.map((frame) => pixelsOf(rig, frame))).toEqual([
    pixelsOf(rig, must(must(rig.document().turns[0]).state.status === 'done' ? doneFrame(rig, one) : null)),
    ...requests.map((request) => paint(request)),
    flatPicture(90),
  ]);
  expect(doneFrame(rig, id)).toEqual(must(clip[4]));
});

function doneFrame(rig: Rig, id: TurnId): FrameRef {
  const state = must(rig.document().turns.find((turn) => turn.id === id)).state;
  if (state.status !== 'done') throw new Error(state.status);
  const { frame, latent } = state.result;
  return { frame, latent };
}

test('the same edit goes over every frame of a clip, and over the edited clip again', async () => {
  const rig = await ableRig();
  await makeTurn(rig, 'one');
  const clip = await clipBetween(rig, 'it fades', null, 4);
  rig.actions.setTask({ kind: 'clip-edit' });
  const edited = await makeTurn(rig, 'make it night');
  const requests = rig.engine.requests.slice(3);
  expect(requests.map(({ target }) => target)).toMatchObject(
    [1, 2, 3, 4].map((index) => ({ index, count: 4 })),
  );
  const [firstRequest] = requests;
  expect(must(firstRequest).history.map((item) => (item.kind === 'image' ? item.t : item.kind))).toEqual([
    0,
    1,
    2,
    3,
    'text',
  ]);
  expect(clipOf(rig, edited).map((frame) => pixelsOf(rig, frame))).toEqual(
    requests.map((request) => paint(request)),
  );
  expect(clipOf(rig, clip).length).toBe(4);
  rig.actions.setTask({ kind: 'clip-edit' });
  const again = await makeTurn(rig, 'add a cat');
  expect(clipOf(rig, again).length).toBe(4);
});

test('what follows a clip goes on from its last frame, and a reload finds all of them', async () => {
  const rig = await ableRig();
  await makeTurn(rig, 'one');
  const id = await clipBetween(rig, '', null, 4);
  await makeTurn(rig, 'two');
  const { history } = must(rig.engine.requests.at(-1));
  expect(history.map((item) => (item.kind === 'text' ? item.text : item.kind))).toEqual([
    'image',
    'one',
    'image',
    'image',
  ]);
  expect(must(history.at(-1))).toMatchObject({ pixels: flatPicture(90) });
  await rig.actions.settled();
  const again = rig.reload();
  await again.actions.start();
  expect(again.document()).toEqual(rig.document());
  expect(clipOf(again, id).map((frame) => pixelsOf(again, frame))).toEqual(
    clipOf(rig, id).map((frame) => pixelsOf(rig, frame)),
  );
});

test('says which frame is being made, and cancelling one cancels the clip', async () => {
  const rig = await ableRig();
  await makeTurn(rig, 'one');
  const seen = new Set<string>();
  rig.state.subscribe(({ run }) => {
    if (run.status === 'running' && run.frame !== null) seen.add(`${run.frame.index} of ${run.frame.count}`);
    const isThird = run.status === 'running' && run.frame?.index === 3;
    if (isThird && run.progress?.stage === 'denoise' && !run.isCancelling) rig.actions.cancel();
  });
  rig.actions.setTask({ kind: 'clip-between', to: null, count: 8 });
  rig.actions.setInstruction('it fades');
  const { composer, current } = rig.document();
  const [id] = rig.actions.makeEdit();
  await rig.actions.settled();
  expect([...seen]).toEqual(['2 of 8', '3 of 8']);
  expect(must(rig.document().turns.find((turn) => turn.id === id)).state).toEqual({ status: 'cancelled' });
  expect(rig.document()).toMatchObject({ composer, current });
});

test('a clip has 4 to 8 frames and ends at a picture that is there', async () => {
  const rig = await ableRig();
  rig.actions.setTask({ kind: 'clip-between', to: null, count: 2 });
  expect(rig.document().composer.task).toMatchObject({ count: 4 });
  rig.actions.setTask({ kind: 'clip-between', to: null, count: 70 });
  expect(rig.document().composer.task).toMatchObject({ count: 8 });
  const held = gate();
  rig.engine.beforeStep = () => held.passed;
  rig.actions.setTask({ kind: 'image' });
  rig.actions.setInstruction('one');
  const [waiting] = rig.actions.makeEdit();
  expect(rig.actions.setTask({ kind: 'clip-between', to: must(waiting), count: 4 })).toBe(false);
  held.open();
  await rig.actions.settled();
  expect(rig.actions.setTask({ kind: 'clip-between', to: must(waiting), count: 4 })).toBe(true);
});

test('its end stays when the turn that it was taken from is deleted', async () => {
  const rig = await ableRig();
  const one = await makeTurn(rig, 'one');
  rig.actions.goTo(null);
  rig.actions.setTask({ kind: 'clip-between', to: one, count: 4 });
  rig.actions.deleteTurn(one);
  const id = await makeTurn(rig, 'it appears');
  expect(pixelsOf(rig, must(clipOf(rig, id)[3]))).toEqual(paint(must(rig.engine.requests[0])));
});

test('the next scene of a story sees all scenes before it', async () => {
  const rig = await ableRig();
  await makeTurn(rig, 'one');
  rig.actions.setTask({ kind: 'scene' });
  await makeTurn(rig, 'next scene, at night');
  expect(must(rig.document().turns[1])).toMatchObject({ task: { kind: 'scene' }, state: { status: 'done' } });
  expect(must(rig.engine.requests[1]).history.length).toBe(3);
  expect(rig.document().composer.task).toEqual({ kind: 'image' });
});
