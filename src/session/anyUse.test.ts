import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createBlobBag } from './blobs.ts';
import { settleInterrupted } from './document.ts';
import { editRequestOf } from './history.ts';
import { readSession, writeSession } from './migrations.ts';
import { type Rig, leftMask, readyRig } from './testing/editor.ts';
import { paint } from './testing/paint.ts';

type Act = readonly [
  (
    | 'write'
    | 'mask'
    | 'make'
    | 'makeTwo'
    | 'cancel'
    | 'retry'
    | 'goTo'
    | 'branch'
    | 'revise'
    | 'delete'
    | 'undo'
    | 'redo'
    | 'fail'
    | 'lose'
    | 'restart'
    | 'wait'
  ),
  number,
];

const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.tuple(
    fc.constantFrom<Act[0]>(
      'write',
      'write',
      'mask',
      'make',
      'make',
      'make',
      'makeTwo',
      'cancel',
      'retry',
      'goTo',
      'branch',
      'revise',
      'delete',
      'undo',
      'redo',
      'fail',
      'lose',
      'restart',
      'wait',
    ),
    fc.nat(50),
  ),
  { maxLength: 30 },
);

async function perform(rig: Rig, [kind, pick]: Act): Promise<void> {
  const { actions } = rig;
  const { turns } = rig.document();
  const id = turns[pick % Math.max(1, turns.length)]?.id;
  if (kind === 'write') actions.setInstruction(pick % 5 === 0 ? '' : `words ${pick}`);
  if (kind === 'mask') actions.setMask(pick % 4 === 0 ? null : leftMask(pick % 8));
  if (kind === 'make') {
    // Most presses of the button come after words, so a run with random acts must have them too.
    if (rig.document().composer.instruction === '') actions.setInstruction(`words ${pick}`);
    actions.makeEdit();
  }
  if (kind === 'makeTwo') actions.makeEdit(2);
  if (kind === 'cancel') actions.cancel(pick % 2 === 0 ? undefined : id);
  if (kind === 'goTo') actions.goTo(id ?? null);
  if (kind === 'branch') actions.branchFrom(id ?? null);
  if (kind === 'undo') actions.undo();
  if (kind === 'redo') actions.redo();
  if (kind === 'fail') rig.engine.failNext('edit', 'internal');
  if (kind === 'lose') rig.engine.loseDevice();
  if (kind === 'restart') await actions.restartModel();
  if (kind === 'wait') await actions.settled();
  if (id === undefined) return;
  if (kind === 'retry') actions.retryTurn(id);
  if (kind === 'revise') actions.reviseTurn(id);
  if (kind === 'delete') actions.deleteTurn(id);
}

test('whatever a person does, the session stays whole, pictures come from their own history, and a reload finds it all', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (list) => {
      const rig = await readyRig();
      for (const act of list) {
        await perform(rig, act);
        const { session, turns } = writeSession(rig.document(), 1, 0);
        expect(readSession(session, turns)).toMatchObject({
          state: 'current',
          document: settleInterrupted(rig.document()),
        });
      }
      await rig.actions.settled();
      expect(rig.state.getState().saved).toEqual({ status: 'stored' });
      expect(rig.engine.mostAtOnce()).toBeLessThanOrEqual(1);
      expect(rig.state.getState().run.status).toBe('idle');

      const again = rig.reload();
      await again.actions.start();
      expect(again.document()).toEqual(settleInterrupted(rig.document()));
      const stored = await again.repository.load(again.document().id);
      if (stored.state !== 'current') throw new Error(stored.state);
      const blobs = createBlobBag(stored.blobs);
      for (const turn of again.document().turns) {
        if (turn.state.status !== 'done') continue;
        expect(blobs.pixelsOf(turn.state.result.frame.hash)).toEqual(
          paint(editRequestOf(again.document(), turn.id, blobs)),
        );
      }
    }),
    { numRuns: 150 },
  );
}, 60_000);
