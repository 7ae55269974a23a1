import { expect, test } from 'vitest';

import type { PictureAlong } from '../actions.ts';
import { createRig, makeTurn, readyRig } from '../testing/editor.ts';
import { must } from '../testing/must.ts';
import { decodePng } from './png.ts';

/** Keywords and texts of the picture, as a reader of PNG finds them. */
function textsIn(png: Uint8Array): Readonly<Record<string, string>> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const texts: Record<string, string> = {};
  for (let at = 8; at < png.length; at += 12 + view.getUint32(at)) {
    const body = png.subarray(at + 8, at + 8 + view.getUint32(at));
    if (String.fromCharCode(...png.subarray(at + 4, at + 8)) !== 'iTXt') continue;
    const [keyword = '', ...rest] = new TextDecoder().decode(body).split('\0');
    texts[keyword] = must(rest.at(-1));
  }
  return texts;
}

async function exported(along?: PictureAlong) {
  const rig = await readyRig();
  await makeTurn(rig, 'add a red “cup”');
  const { current } = rig.document();
  return { rig, current, png: must(rig.actions.exportPicture(current, along)).bytes };
}

test('a saved picture carries words and settings where other programs look for them, and its pixels as they are', async () => {
  const { rig, png } = await exported();
  const [turn] = rig.document().turns;
  const { seed, steps, guidance, model } = must(turn);
  expect(textsIn(png)['parameters']).toBe(
    `add a red “cup”\nSteps: ${steps}, Sampler: Euler, CFG scale: ${guidance}, Seed: ${seed}, Size: 8x8, Model hash: ${model.hash.slice(0, 10)}, Model: ${model.id}`,
  );
  if (turn?.state.status !== 'done') throw new Error('The turn was not made.');
  expect(decodePng(png)).toEqual(decodePng(must(rig.actions.pngOf(turn.state.result.frame.hash))));
});

test('it says that a model changed it, also without words and settings', async () => {
  const { png } = await exported('nothing');
  const { parameters, 'XML:com.adobe.xmp': xmp } = textsIn(png);
  expect(parameters).toBeUndefined();
  expect(xmp).toContain(
    'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"',
  );
  expect(xmp).toContain('Iptc4xmpExt:AISystemUsed="Palimpsest"');
});

test('one that was made from words alone says that, and one that was opened says nothing', async () => {
  const rig = createRig();
  await rig.actions.loadModel();
  await rig.actions.newSession();
  await makeTurn(rig, 'a beach with a cat');
  const made = must(rig.actions.exportPicture(rig.document().current));
  expect(textsIn(made.bytes)['XML:com.adobe.xmp']).toContain('digitalsourcetype/trainedAlgorithmicMedia"');
  const { rig: opened } = await exported();
  expect(textsIn(must(opened.actions.exportPicture(null)).bytes)).toEqual({});
});
