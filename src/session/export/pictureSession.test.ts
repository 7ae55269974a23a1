import { expect, test } from 'vitest';

import { createRig, makeTurn, readyRig } from '../testing/editor.ts';
import { must } from '../testing/must.ts';
import { sessionIn } from './pictureSession.ts';
import { decodePng } from './png.ts';

test('a picture with its session inside is the same picture, and opens as that session', async () => {
  const rig = await readyRig();
  const id = await makeTurn(rig, 'add a cup');
  const plain = must(rig.actions.exportPicture(id)).bytes;
  const { bytes } = must(rig.actions.exportPicture(id, 'session'));
  expect(decodePng(bytes)).toEqual(decodePng(plain));
  const other = createRig(undefined, 'other');
  expect(await other.actions.importFile(bytes)).toBe(true);
  const { id: opened, ...document } = other.document();
  const { id: saved, ...original } = rig.document();
  expect(document).toEqual(original);
  expect(opened).not.toBe(saved);
});

test('only a whole part counts, and other files have no session', async () => {
  const rig = await readyRig();
  const id = await makeTurn(rig, 'add a cup');
  const { bytes } = must(rig.actions.exportPicture(id, 'session'));
  const whole = must(sessionIn(bytes));
  expect(sessionIn(bytes.subarray(0, bytes.length - 24))).toBeNull();
  expect(sessionIn(must(rig.actions.exportPicture(id)).bytes)).toBeNull();
  expect(sessionIn(whole)).toBeNull();
  expect(sessionIn(new Uint8Array())).toBeNull();
});

test('a damaged session in a picture is refused in words, and nothing is opened', async () => {
  const rig = await readyRig();
  const id = await makeTurn(rig, 'add a cup');
  const { bytes } = must(rig.actions.exportPicture(id, 'session'));
  const damaged = bytes.slice();
  const session = must(sessionIn(damaged));
  session.fill(0, 0, session.length / 2);
  const other = createRig();
  expect(await other.actions.importFile(damaged)).toBe(false);
  expect(other.state.getState().notice).not.toBeNull();
});
