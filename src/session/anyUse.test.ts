import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createBlobBag } from './blobs.ts';
import { contextChips } from './contextItems.ts';
import type { NodeId } from './document.ts';
import { editRequestOf } from './history.ts';
import { readSession, writeSession, settleInterrupted } from './migrations.ts';
import { type Rig, ableRig, leftMask } from './testing/editor.ts';
import { paint, paintRoles } from './testing/paint.ts';

const kinds = [
  'write',
  'mask',
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
  'region',
  'move',
  'find',
  'findNext',
  'part',
  'reference',
  'context',
  'preset',
  'pin',
  'task',
  'keep',
  'discard',
  'mark',
  'archive',
  'replay',
  'rebase',
  'queue',
  'clear',
] as const;

type Act = readonly [(typeof kinds)[number], number];

// What a turn needs comes often, and a lost device seldom: nothing is made until it is back.
const often = ['write', 'make', 'wait', 'goTo', 'region', 'move', 'find', 'task', 'undo'] as const;

const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.tuple(
    fc.constantFrom<Act[0]>(...kinds, ...often, ...often, ...often, 'make', 'make', 'restart'),
    fc.nat(50),
  ),
  { minLength: 20, maxLength: 50 },
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
  performOnLine(rig, kind, pick, id ?? null);
  if (kind === 'clear') actions.clearQueue();
  if (id === undefined) return;
  if (kind === 'retry') actions.retryTurn(id);
  if (kind === 'revise') actions.reviseTurn(id);
  if (kind === 'delete') actions.deleteTurn(id);
  if (kind === 'keep') actions.keep(id);
  if (kind === 'discard') actions.discard(id, pick % 3 > 0);
  if (kind === 'mark') actions.starTurn(id, pick % 2 === 0);
  if (kind === 'archive') actions.archiveTurn(id, pick % 3 > 0);
  if (kind === 'replay')
    actions.reviseAndReplay(id, pick % 2 === 0 ? { instruction: `changed ${pick}` } : undefined);
  if (kind === 'rebase') actions.rebase(id, pick % 2 === 0 ? 'history' : 'merged');
  if (kind === 'queue') actions.moveInQueue(id, (pick % 5) - 2);
}

function performOnLine({ actions, document }: Rig, kind: Act[0], pick: number, place: NodeId): void {
  const chips = contextChips(document());
  const chip = chips[pick % Math.max(1, chips.length)];
  if (kind === 'region')
    actions.setRegion(pick % 2 === 0 ? 'now' : 'next', pick % 5 === 0 ? null : leftMask(pick % 8));
  if (kind === 'move') actions.moveRegion({ dx: (pick % 7) - 3, angle: pick });
  if (kind === 'find') actions.findRegionNow();
  if (kind === 'findNext') actions.findRegionNext();
  if (kind === 'part') actions.addPart();
  if (kind === 'reference') {
    if (pick % 3 === 0) actions.removeReference(0);
    else actions.addReference({ place });
  }
  if (kind === 'context' && chip !== undefined) actions.switchContext(chip.key, pick % 3 === 0);
  if (kind === 'pin' && chip !== undefined) actions.pinContext(chip.key, pick % 3 > 0);
  if (kind === 'preset')
    actions.setContextPreset((['all', 'recent', 'original'] as const)[pick % 3] ?? 'all');
  if (kind !== 'task') return;
  if (pick % 3 === 0) actions.setTask({ kind: 'clip-between', to: place, count: 4 });
  else actions.setTask({ kind: (['image', 'scene', 'clip-edit'] as const)[pick % 3] ?? 'image' });
}

test('whatever a person does, the session stays whole, pictures come from their own history, and a reload finds it all', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (list) => {
      const rig = await ableRig();
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
      const { undoLabel, redoLabel } = rig.state.getState();
      expect(again.state.getState()).toMatchObject({ undoLabel, redoLabel });
      const stored = await again.repository.load(again.document().id);
      if (stored.state !== 'current') throw new Error(stored.state);
      const blobs = createBlobBag(stored.blobs);
      for (const turn of again.document().turns) {
        if (turn.state.status !== 'done' || turn.state.result.clip !== undefined) continue;
        expect(blobs.pixelsOf(turn.state.result.frame.hash)).toEqual(
          paint(editRequestOf(again.document(), turn.id, blobs, paintRoles)),
        );
      }
    }),
    { numRuns: 150 },
  );
}, 60_000);
