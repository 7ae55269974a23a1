import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { ModelManifest } from '../runtime/contract.ts';
import { refusalOf } from './capabilities.ts';
import { isParentMade, noRegions } from './document.ts';
import { editRequestOf } from './history.ts';
import { samples } from './testing/arbitraries.ts';
import { ableRig, leftMask, makeTurn, readyRig } from './testing/editor.ts';
import { must } from './testing/must.ts';
import { checkRequest, everyCapability, paintRoles } from './testing/paint.ts';

function manifestWith(capabilities: readonly string[]): ModelManifest {
  return { capabilities, roles: paintRoles } as unknown as ModelManifest;
}

function refusesRequest(...asked: Parameters<typeof checkRequest>): boolean {
  try {
    checkRequest(...asked);
    return false;
  } catch {
    return true;
  }
}

test('refuses exactly the pictures that the engine would refuse', () => {
  let refused = 0;
  fc.assert(
    fc.property(samples, fc.subarray(everyCapability), ({ document, blobs }, capabilities) => {
      for (const turn of document.turns) {
        const examples = turn.references.filter(({ role }) => role !== 'picture').length;
        const isEnginesOwn = turn.task.kind === 'image' && examples % 2 === 0 && isParentMade(document, turn);
        if (!isEnginesOwn || turn.instruction.trim() === '') continue;
        const request = editRequestOf(document, turn.id, blobs, paintRoles);
        const refusal = refusalOf(document, turn.parentId, turn, manifestWith(capabilities));
        expect(refusesRequest(request, capabilities)).toBe(refusal !== null);
        refused += refusal === null ? 0 : 1;
      }
    }),
  );
  expect(refused).toBeGreaterThan(0);
});

test('says what the model cannot do and what it can, and queues nothing', async () => {
  const rig = await readyRig();
  rig.actions.setRegion('now', leftMask(2));
  rig.actions.setInstruction('move it');
  expect(rig.actions.makeEdit()).toEqual([]);
  expect(rig.state.getState().notice).toEqual({
    code: 'unsupported',
    happened:
      'This model cannot move a region to another place. It can change a picture by words, keep an edit inside a drawn region and make a picture from words alone.',
    safe: 'Nothing was made or queued; your words, regions and references are kept.',
    next: 'none',
    nextLabel: '',
  });
  expect(rig.document()).toMatchObject({ turns: [], composer: { instruction: 'move it' } });
  expect(rig.state.getState().queue).toEqual([]);
  expect(rig.engine.requests).toEqual([]);
});

test('refuses every task that the model was not trained for, before anything is queued', async () => {
  const tasks: readonly (readonly [string, (rig: Awaited<ReturnType<typeof readyRig>>) => unknown])[] = [
    ['story', (rig) => rig.actions.setTask({ kind: 'scene' })],
    ['clip-between', (rig) => rig.actions.setTask({ kind: 'clip-between', to: null, count: 5 })],
    ['multi-concept', (rig) => rig.actions.addReference({ place: null })],
    ['drawn-region', (rig) => rig.actions.setMask(leftMask(2))],
    [
      'demonstration',
      (rig) => {
        rig.actions.addReference({ place: null }, 'exampleBefore');
        rig.actions.addReference({ place: null }, 'exampleAfter');
      },
    ],
  ];
  for (const [name, ask] of tasks) {
    const able = await ableRig();
    const unable = await readyRig(
      undefined,
      everyCapability.filter((one) => one !== name),
    );
    for (const rig of [able, unable]) {
      ask(rig);
      rig.actions.setInstruction('and so on');
      expect([name, rig === able, rig.actions.makeEdit().length]).toEqual([
        name,
        rig === able,
        rig === able ? 1 : 0,
      ]);
      await rig.actions.settled();
    }
    expect(able.document().turns.map(({ state }) => state.status)).toEqual(['done']);
    expect(unable.state.getState().notice?.code).toBe('unsupported');
  }
});

test('refuses what no model takes, with what to do about it', async () => {
  const rig = await ableRig();
  const happened = (): string => must(rig.state.getState().notice).happened;
  rig.actions.setInstruction('x');
  for (let i = 0; i < 4; i += 1) rig.actions.addReference({ place: null });
  expect(rig.actions.makeEdit()).toEqual([]);
  expect(happened()).toBe('Words can speak of 3 pictures at most; there are 4. Take some of them out.');
  rig.actions.clearComposer();
  rig.actions.setInstruction('x');
  rig.actions.addReference({ place: null }, 'exampleBefore');
  expect(rig.actions.makeEdit()).toEqual([]);
  expect(happened()).toBe('An example needs a picture before and a picture after. Add the other one.');
  rig.actions.clearComposer();
  rig.actions.setInstruction('x');
  rig.actions.setTask({ kind: 'clip-edit' });
  expect(rig.actions.makeEdit()).toEqual([]);
  expect(happened()).toBe('There is no clip here to edit. Go to a clip first.');
  rig.actions.setTask({ kind: 'clip-between', to: null, count: 4 });
  rig.actions.setMask(leftMask(1));
  expect(rig.actions.makeEdit()).toEqual([]);
  expect(happened()).toBe('A clip is made from words and pictures alone. Clear the regions and references.');
  expect(rig.document().turns).toEqual([]);
});

test('does not put a turn back in line that the model loaded now cannot make', async () => {
  const rig = await readyRig();
  rig.actions.setMask(leftMask(2));
  rig.engine.failNext('edit', 'internal');
  const id = await makeTurn(rig, 'one');
  rig.engine.capabilities = ['next-image'];
  await rig.actions.restartModel();
  expect(rig.actions.retryTurn(id)).toBe(false);
  expect(rig.state.getState().notice?.code).toBe('unsupported');
  rig.actions.setMask(null);
  expect(rig.document().composer.regions).toEqual(noRegions);
});
