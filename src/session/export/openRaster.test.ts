import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';

import { createRig, leftMask, makeTurn, readyRig } from '../testing/editor.ts';
import { must } from '../testing/must.ts';
import { decodePng } from './png.ts';

async function layers() {
  const rig = await readyRig();
  rig.actions.setMask(leftMask(3));
  await makeTurn(rig, 'add a <red> cup & "saucer"\u0001');
  await makeTurn(rig, 'add a cat');
  const file = must(rig.actions.exportOpenRaster(rig.document().current));
  const entries = unzipSync(file.bytes);
  return { rig, file, entries, stack: strFromU8(must(entries['stack.xml'])) };
}

test('is known as OpenRaster by its first bytes, and shows what the page shows', async () => {
  const { rig, file, entries } = await layers();
  expect(file).toMatchObject({ type: 'image/openraster', name: expect.stringMatching(/\.ora$/) as string });
  // The name and the words of the first entry lie at fixed places only where they are not packed.
  expect(strFromU8(file.bytes.subarray(30, 54))).toBe('mimetypeimage/openraster');
  const shown = must(rig.actions.exportPicture(rig.document().current)).bytes;
  expect(decodePng(must(entries['mergedimage.png']))).toEqual(decodePng(shown));
  expect([...decodePng(must(entries['Thumbnails/thumbnail.png'])).data]).toEqual([...decodePng(shown).data]);
});

test('has a group for each turn, the newest on top and alone in sight, with its region hidden beside it', async () => {
  const { stack } = await layers();
  const parts = [...stack.matchAll(/<(stack|layer) name="([^"]*)".*?visibility="(\w+)"/g)];
  const turn = 'add a &lt;red&gt; cup &amp; &quot;saucer&quot; ';
  expect(parts.map(([, kind, name, visibility]) => [kind, name, visibility])).toEqual([
    ['stack', '2 add a cat', 'visible'],
    ['layer', 'add a cat', 'visible'],
    ['stack', `1 ${turn}`, 'hidden'],
    ['layer', 'Region', 'hidden'],
    ['layer', turn, 'visible'],
    ['stack', '0 bay', 'hidden'],
    ['layer', 'bay', 'visible'],
  ]);
  expect(stack).toContain('<image version="0.0.3" w="8" h="8">');
});

test('a region is white where the picture may change, and seen through elsewhere', async () => {
  const { entries, stack } = await layers();
  const source = must(/name="Region" src="([^"]*)"/.exec(stack)?.[1]);
  const { channels, data } = decodePng(must(entries[source]));
  expect(channels).toBe(4);
  const pixels = Array.from({ length: 64 }, (_, at) => [...data.subarray(at * 4, at * 4 + 4)]);
  expect(pixels).toEqual(pixels.map((_, at) => [255, 255, 255, at % 8 < 3 ? 255 : 0]));
});

test('names every file that it holds, and nothing is made where there is no picture', async () => {
  const { entries, stack } = await layers();
  const named = [...stack.matchAll(/src="([^"]*)"/g)].map(([, source]) => must(source));
  expect(
    Object.keys(entries)
      .filter((name) => name.startsWith('data/'))
      .toSorted(),
  ).toEqual([...new Set(named)].toSorted());
  const blank = createRig();
  await blank.actions.loadModel();
  await blank.actions.newSession();
  expect(blank.actions.exportOpenRaster(null)).toBeNull();
});
