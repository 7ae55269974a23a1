import { expect, test } from 'vitest';

import { transformMask } from './regions.ts';
import { stagesOf } from './stages.ts';
import { type Rig, ableRig, gate, leftMask, makeTurn, readyRig } from './testing/editor.ts';
import { must } from './testing/must.ts';
import { maskOf, paint } from './testing/paint.ts';

const stages = (rig: Rig): string[] =>
  stagesOf(rig.document()).map(({ by, isOutOfDate }) => (isOutOfDate ? `${by}, out of date` : by));

const regionMask = (rig: Rig, stage: 'now' | 'next') =>
  rig.actions.maskOf(must(rig.document().composer.regions[stage]).mask.hash);

async function found(rig: Rig, words: string): Promise<void> {
  rig.actions.setInstruction(words);
  expect(rig.actions.findRegionNow()).toBe(true);
  await rig.actions.settled();
}

test('the model finds the region now, then the one next given it, and the picture is made with both', async () => {
  const rig = await ableRig();
  expect(stages(rig)).toEqual(['none', 'none', 'none']);
  await found(rig, 'move the cat');
  expect(stages(rig)).toEqual(['found', 'none', 'none']);
  const [askedNow] = rig.engine.requests;
  expect(must(askedNow)).toMatchObject({ instruction: 'move the cat', target: 'region-now' });
  expect(must(askedNow).regions).toBe(undefined);
  expect(regionMask(rig, 'now')).toEqual(maskOf(paint(must(askedNow))));

  expect(rig.actions.findRegionNext()).toBe(true);
  await rig.actions.settled();
  const askedNext = must(rig.engine.requests[1]);
  expect(askedNext).toMatchObject({ target: 'region-next', regions: { now: regionMask(rig, 'now') } });
  expect(stages(rig)).toEqual(['found', 'found', 'none']);
  expect(rig.document().turns).toEqual([]);

  const { regions } = rig.document().composer;
  const [id] = rig.actions.makeEdit();
  await rig.actions.settled();
  expect(must(rig.engine.requests[2])).toMatchObject({
    regions: { now: regionMaskOf(rig, regions.now), next: regionMaskOf(rig, regions.next) },
  });
  expect(must(rig.document().turns[0])).toMatchObject({ id, regions, state: { status: 'done' } });
  expect(rig.document().composer.regions).toEqual({ drawn: null, now: null, next: null });
});

function regionMaskOf(rig: Rig, stage: { readonly mask: { readonly hash: never } } | null | object) {
  return rig.actions.maskOf((stage as { mask: { hash: Parameters<Rig['actions']['maskOf']>[0] } }).mask.hash);
}

test('a stage corrected by hand is drawn, the one after it is out of date, and that alone can be looked for anew', async () => {
  const rig = await ableRig();
  await found(rig, 'move the cat');
  rig.actions.findRegionNext();
  await rig.actions.settled();
  rig.actions.setRegion('now', leftMask(3));
  expect(stages(rig)).toEqual(['drawn', 'found, out of date', 'none']);
  rig.actions.findRegionNext();
  await rig.actions.settled();
  expect(must(rig.engine.requests.at(-1)).regions).toEqual({ now: leftMask(3) });
  expect(stages(rig)).toEqual(['drawn', 'found', 'none']);
  rig.actions.setInstruction('move the dog');
  expect(stages(rig)).toEqual(['drawn', 'found, out of date', 'none']);
  rig.actions.setInstruction('move the cat');
  rig.actions.setMask(leftMask(6));
  expect(stages(rig)).toEqual(['drawn', 'found, out of date', 'none']);
});

test('a made turn taken up again has all three stages, and tells when its picture is out of date', async () => {
  const rig = await ableRig();
  await found(rig, 'move the cat');
  const [id] = rig.actions.makeEdit();
  await rig.actions.settled();
  rig.actions.reviseTurn(must(id));
  expect(stages(rig)).toEqual(['found', 'none', 'made']);
  rig.actions.setRegion('now', leftMask(2));
  expect(stages(rig)).toEqual(['drawn', 'none', 'made, out of date']);
  rig.actions.undo();
  rig.actions.setContextPreset('original');
  // The original is all there is, so nothing has changed for the model.
  expect(stages(rig)).toEqual(['found', 'none', 'made']);
  const before = rig.engine.requests.length;
  rig.actions.setRegion('now', leftMask(2));
  rig.actions.makeEdit();
  await rig.actions.settled();
  expect(rig.engine.requests.slice(before).map(({ target }) => target)).toEqual([undefined]);
});

test('a found region is one undo step, and cancelling leaves everything as it was', async () => {
  const rig = await ableRig();
  await found(rig, 'move the cat');
  const withRegion = rig.document();
  rig.actions.undo();
  expect(rig.document().composer).toMatchObject({ instruction: 'move the cat', regions: { now: null } });
  rig.actions.redo();
  expect(rig.document()).toEqual(withRegion);
  rig.engine.beforeStep = (stage) => {
    if (stage === 'denoise') rig.actions.cancelFinding();
  };
  const requests = rig.engine.requests.length;
  expect(rig.actions.findRegionNext()).toBe(true);
  await rig.actions.settled();
  expect(rig.engine.requests.length).toBe(requests + 1);
  expect(rig.document()).toEqual(withRegion);
  expect(rig.state.getState()).toMatchObject({ find: { status: 'idle' }, notice: null });
});

test('looking for a region comes before turns that wait, and one at a time with them', async () => {
  const rig = await ableRig();
  const held = gate();
  rig.engine.beforeStep = () => held.passed;
  rig.actions.setInstruction('one');
  rig.actions.makeEdit();
  rig.actions.setInstruction('two');
  rig.actions.makeEdit();
  rig.actions.goTo(null);
  rig.actions.setInstruction('move the cat');
  expect(rig.actions.findRegionNow()).toBe(true);
  expect(rig.state.getState().find).toEqual({ status: 'waiting', stage: 'now' });
  held.open();
  await rig.actions.settled();
  expect(rig.engine.requests.map(({ instruction }) => instruction)).toEqual(['one', 'move the cat', 'two']);
  expect(rig.engine.mostAtOnce()).toBe(1);
  expect(stages(rig)[0]).toBe('found');
});

test('words written while it looks make the region out of date; another place drops it', async () => {
  const rig = await ableRig();
  await makeTurn(rig, 'one');
  const held = gate();
  rig.engine.beforeStep = () => held.passed;
  rig.actions.setInstruction('move the cat');
  rig.actions.findRegionNow();
  rig.actions.setInstruction('move the dog');
  held.open();
  await rig.actions.settled();
  expect(stages(rig)[0]).toBe('found, out of date');

  rig.actions.setRegion('now', null);
  rig.engine.beforeStep = (stage, done) => {
    if (stage === 'denoise' && done === 1) rig.actions.goTo(null);
  };
  rig.actions.findRegionNow();
  await rig.actions.settled();
  expect(stages(rig)[0]).toBe('none');
  expect(rig.state.getState()).toMatchObject({ find: { status: 'idle' }, notice: null });
});

test('refuses without words or ability, and says so when nothing is found, the engine fails or the device goes', async () => {
  const plain = await readyRig();
  plain.actions.setInstruction('move the cat');
  expect(plain.actions.findRegionNow()).toBe(false);
  expect(plain.state.getState().notice).toMatchObject({
    code: 'unsupported',
    happened: expect.stringContaining('This model cannot find the region that words speak of.') as string,
  });
  const rig = await ableRig();
  expect(rig.actions.findRegionNow()).toBe(false);
  expect(rig.state.getState().notice?.code).toBe('bad-input');
  rig.actions.setInstruction('move the cat');
  // Right of the frame's last column there is nowhere to move to.
  rig.actions.setRegion('now', {
    width: 8,
    height: 8,
    data: Uint8Array.from({ length: 64 }, (_, i) => (i % 8 === 7 ? 255 : 0)),
  });
  const before = rig.document();
  rig.actions.findRegionNext();
  await rig.actions.settled();
  expect(rig.state.getState().notice?.code).toBe('nothing-found');
  rig.engine.failNext('edit', 'internal');
  rig.actions.findRegionNow();
  await rig.actions.settled();
  expect(rig.state.getState().notice).toMatchObject({
    code: 'internal',
    safe: 'Your words and regions are as they were; no turn was touched.',
  });
  rig.engine.failNext('edit', 'device-lost');
  rig.actions.findRegionNow();
  await rig.actions.settled();
  expect(rig.state.getState()).toMatchObject({
    model: { status: 'failed' },
    notice: { next: 'restart-model' },
  });
  expect(rig.document()).toEqual(before);
});

test('dragging makes the region next from the region now, its numbers stay and can be changed one by one', async () => {
  const rig = await ableRig();
  rig.actions.moveRegion({ dx: 2 });
  expect(stages(rig)).toEqual(['none', 'none', 'none']);
  rig.actions.setRegion('now', leftMask(2));
  rig.actions.moveRegion({ dx: 2 });
  rig.actions.moveRegion({ dy: 1 });
  rig.actions.moveRegion({ scale: 0.5, angle: 90 });
  const next = must(rig.document().composer.regions.next);
  if (next.by !== 'moved') throw new Error(next.by);
  expect(next.move).toEqual({ dx: 2, dy: 1, scale: 0.5, angle: 90, about: { x: 1, y: 4 } });
  expect(regionMask(rig, 'next')).toEqual(transformMask(leftMask(2), next.move));
  expect(regionMask(rig, 'now')).toEqual(leftMask(2));
  expect(stages(rig)).toEqual(['drawn', 'moved', 'none']);
  rig.actions.moveRegion({ dx: Number.NaN });
  expect(must(rig.document().composer.regions.next)).toEqual(next);
  rig.actions.setRegion('now', leftMask(3));
  expect(stages(rig)).toEqual(['drawn', 'moved, out of date', 'none']);
  // From another region it begins anew.
  rig.actions.moveRegion({ dy: 2 });
  expect(rig.document().composer.regions.next).toMatchObject({ move: { dx: 0, dy: 2, scale: 1, angle: 0 } });
  rig.actions.undo();
  expect(rig.document().composer.regions.next).toEqual(next);
});

test('a moved region can be made without words, and comes back with its numbers when it is revised', async () => {
  const rig = await ableRig();
  rig.actions.setRegion('now', leftMask(2));
  rig.actions.moveRegion({ dx: 3 });
  const [id] = rig.actions.makeEdit();
  await rig.actions.settled();
  const turn = must(rig.document().turns[0]);
  expect(turn).toMatchObject({ instruction: '', state: { status: 'done' } });
  expect(turn.state.status === 'done' && turn.state.result.drift?.step.changedPixels).toBe(0);
  rig.actions.reviseTurn(must(id));
  rig.actions.moveRegion({ dy: 1 });
  expect(rig.document().composer.regions.next).toMatchObject({ by: 'moved', move: { dx: 3, dy: 1 } });
});
