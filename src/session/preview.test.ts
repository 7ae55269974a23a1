import { expect, test } from 'vitest';

import { readyRig } from './testing/editor.ts';

test('a preview stays in sight until a newer one or the picture itself comes', async () => {
  const rig = await readyRig();
  const { engine } = rig;
  const edit = engine.edit.bind(engine);
  // As the real engine does where decoding is dear: a preview at the second step only.
  engine.edit = async (request, onProgress, signal) =>
    edit(
      request,
      ({ preview, ...progress }) =>
        onProgress(progress.done === 2 && preview !== undefined ? { ...progress, preview } : progress),
      signal,
    );
  const seen: string[] = [];
  rig.state.subscribe(({ run }) => {
    if (run.status !== 'running' || run.progress === null) return;
    const { stage, done, preview } = run.progress;
    if (stage !== 'history') seen.push(`${stage} ${done}${preview === undefined ? '' : ', preview'}`);
  });
  for (const words of ['one', 'two']) {
    rig.actions.setInstruction(words);
    rig.actions.makeEdit();
  }
  await rig.actions.settled();
  const each = [
    'text 1',
    'denoise 1',
    'denoise 2, preview',
    'denoise 3, preview',
    'denoise 4, preview',
    'decode 1, preview',
  ];
  expect(seen.filter((at, i) => at !== seen[i - 1])).toEqual([...each, ...each]);
});
