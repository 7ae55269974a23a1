import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { EditRequest, ModelManifest } from '../runtime/contract.ts';
import { contextCost, textsOf } from './contextCost.ts';
import { leftOut } from './contextItems.ts';
import type { SessionDocument } from './document.ts';
import { requestAt } from './history.ts';
import { costOf } from './selectors.ts';
import { samples } from './testing/arbitraries.ts';
import { ableRig, leftMask, makeTurn } from './testing/editor.ts';
import { must } from './testing/must.ts';
import { laidOut, paintRoles } from './testing/paint.ts';
import { tokensOf } from './testing/paintEngine.ts';
import { attachPoint } from './tree.ts';

const manifest = {
  architecture: { layers: 2, heads: 3, headDim: 8 },
  frame: { tokens: 18 },
  roles: paintRoles,
} as unknown as ModelManifest;

/** Tokens of items as the sequence lays them out: texts by their words, pictures and masks by the frame. */
function counted(items: readonly unknown[]): number {
  return (items as readonly { kind: string; text?: string }[]).reduce(
    (sum, { kind, text = '' }) => sum + (kind === 'text' ? tokensOf(text) : 18),
    0,
  );
}

test('counts the pictures of a session at the size of its first, where the model has such frames', () => {
  const { document } = must(fc.sample(samples, 20).find((sample) => sample.document.root.kind !== 'words'));
  const { root } = document;
  if (root.kind === 'words') throw new Error('The sample begins with words.');
  const sized = (width: number, height: number): SessionDocument => ({
    ...document,
    root: { ...root, frame: { ...root.frame, width, height } },
    turns: [],
    current: null,
  });
  const frame = { width: 64, height: 64, latentDownsample: 8, patch: 2, tokens: 18 };
  const frames = [{ width: 96, height: 48 }];
  const costs = [sized(64, 64), sized(96, 48), sized(48, 96)].map(
    (at) =>
      contextCost(at, { ...manifest, frame, frames } as unknown as ModelManifest, tokensOf).items[0]?.tokens,
  );
  // 4x4, 6x3 patches of 16 pixels and two ends.
  expect(costs).toEqual([18, 20, 18]);
});

const isPicture = ({ composer }: SessionDocument): boolean => composer.task.kind === 'image';

test('costs what the request would hold: history, the line, and the picture that it makes', () => {
  fc.assert(
    fc.property(
      samples.filter(({ document }) => isPicture(document)),
      ({ document, blobs }) => {
        const place = attachPoint(document);
        const { composer } = document;
        const context = { ...composer.context, off: leftOut(document, place, composer.context) };
        const recipe = {
          ...composer,
          instruction: composer.instruction.trim(),
          context,
          seed: 0,
          steps: 1,
          guidance: 1,
        };
        const request: EditRequest = requestAt(document, place, recipe, blobs, paintRoles);
        const { items, history, line, total } = contextCost(document, manifest, tokensOf);
        // What is still to be made counts as well.
        const waiting = items.filter(({ ref, isOn }) => ref === null && isOn).length;
        expect(history.tokens).toBe(counted(request.history) + 18 * waiting);
        expect(line.tokens).toBe(counted(laidOut(request)) + 18);
        expect(total.tokens).toBe((history.tokens ?? 0) + (line.tokens ?? 0));
        expect(total.bytes).toBe((total.tokens ?? 0) * 2 * 2 * 3 * 8 * 4);
      },
    ),
  );
});

test('each item begins where the ones before it end: a place for each token of a text, one for a picture or mask', async () => {
  const rig = await ableRig();
  rig.actions.setMask(leftMask(1));
  await makeTurn(rig, 'two words');
  rig.actions.setRegion('next', leftMask(1));
  await makeTurn(rig, 'and three more');
  await rig.actions.settled();
  const { items } = must(costOf(rig.state.getState(), rig.document()));
  expect(items.map(({ part, tokens, position }) => [part, tokens, position])).toEqual([
    ['picture', 18, 0],
    ['words', 3, 1],
    ['drawn', 18, 4],
    ['picture', 18, 5],
    ['words', 4, 6],
    // "region next" stands before its mask.
    ['next', 21, 10],
    ['picture', 18, 14],
  ]);
  rig.actions.switchContext(must(items[1]).key, false);
  const after = must(costOf(rig.state.getState(), rig.document()));
  expect(after.items.map(({ position }) => position)).toEqual([0, null, 1, 2, 3, 7, 11]);
  expect(after.history.tokens).toBe(18 + 36 + 4 + 21 + 18);
});

test('is not known before the texts are counted, and half as many bytes in half precision', async () => {
  const rig = await ableRig();
  await makeTurn(rig, 'two words');
  const document = rig.document();
  expect(contextCost(document, manifest, () => null).total).toEqual({ tokens: null, bytes: null });
  const [full, half] = (['float32', 'float16'] as const).map(
    (precision) => contextCost(document, manifest, tokensOf, precision).total.bytes,
  );
  expect(full).toBe((half ?? 0) * 2);
});

test('counts a clip by its own words and frames alone', async () => {
  const rig = await ableRig();
  await makeTurn(rig, 'one');
  rig.actions.setTask({ kind: 'clip-between', to: null, count: 5 });
  rig.actions.setInstruction('it flies');
  await rig.actions.settled();
  const { history, line } = must(costOf(rig.state.getState(), rig.document()));
  // Two ends, and three frames each after "frame two of five".
  expect([history.tokens, line.tokens]).toEqual([0, 3 + 2 * 18 + 3 * (18 + 5)]);
});

test('the engine is asked about each text once, also while words are typed', async () => {
  const rig = await ableRig();
  const asked: string[] = [];
  const counting = rig.engine.countTokens.bind(rig.engine);
  rig.engine.countTokens = (texts) => {
    asked.push(...texts);
    return counting(texts);
  };
  for (const words of ['a', 'a red', 'a red cup']) {
    rig.actions.setInstruction(words);
    await rig.actions.settled();
  }
  await makeTurn(rig, 'a red cup');
  await rig.actions.settled();
  expect(asked).toEqual(['a', 'a red', 'a red cup']);
  const { textTokens, model } = rig.state.getState();
  if (model.status !== 'ready') throw new Error('no model');
  expect([...textTokens.keys()]).toEqual(textsOf(rig.document(), model.info.manifest));
});
