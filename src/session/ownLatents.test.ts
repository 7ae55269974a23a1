import { expect, test } from 'vitest';

import { makeTurn, readyRig, type Rig } from './testing/editor.ts';

/** Of each picture that the model was last given, whether its latent came with it. */
function givenLatents({ engine }: Rig): readonly boolean[] {
  const { history = [] } = engine.requests.at(-1) ?? {};
  return history.flatMap((item) => (item.kind === 'image' ? [item.latent !== undefined] : []));
}

test('a model reads the latents that it made, and has the pictures of another encoded anew', async () => {
  const rig = await readyRig();
  await makeTurn(rig, 'add a cup');
  await makeTurn(rig, 'add a cat');
  expect(givenLatents(rig)).toEqual([false, true]);

  // The same name with other weights: the model was trained further.
  rig.engine.files = [{ path: 'tokenizer.json', bytes: 1, sha256: 'a'.repeat(64) }];
  await rig.actions.restartModel();
  await makeTurn(rig, 'add a spoon');
  expect(givenLatents(rig)).toEqual([false, false, false]);
  await makeTurn(rig, 'add a plate');
  expect(givenLatents(rig)).toEqual([false, false, false, true]);
});
