import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { openDB } from 'idb';
import { expect, test } from 'vitest';

import type { SessionId } from './document.ts';
import { selectComposer, selectCurrentTurn, selectShownFrame } from './selectors.ts';
import { type Rig, createRig, flatPicture, gate, leftMask, readyRig } from './testing/editor.ts';
import { must } from './testing/must.ts';
import { dump, whileDiskIsFull, withoutStorage } from './testing/storage.ts';

const fixture = (): Uint8Array => readFileSync(new URL('./testing/version1.palimpsest', import.meta.url));

async function make(rig: Rig, words: string): Promise<void> {
  rig.actions.setInstruction(words);
  rig.actions.makeEdit();
  await rig.actions.settled();
}

test('a first visit finds nothing, a later one the session as it was left, unsent words and region included', async () => {
  const first = createRig();
  await first.actions.start();
  expect(first.state.getState()).toMatchObject({
    session: { status: 'none' },
    sessions: [],
    saved: { status: 'stored' },
  });
  await first.actions.loadModel();
  await first.actions.openPicture(flatPicture(9), 'bay');
  await make(first, 'one');
  first.actions.setInstruction('half a sent');
  first.actions.setMask(leftMask(4));
  await first.actions.settled();

  const second = first.reload();
  await second.actions.start();
  expect(second.document()).toEqual(first.document());
  const { drawn } = selectComposer(second.state.getState()).regions;
  expect(second.actions.maskOf(must(drawn).hash)).toEqual(leftMask(4));
  const frame = must(selectShownFrame(second.state.getState()));
  expect(second.actions.pixelsOf(frame.hash)).toEqual(first.actions.pixelsOf(frame.hash));
  expect(second.state.getState().sessions.map(({ name, turnCount }) => [name, turnCount])).toEqual([
    ['bay', 1],
  ]);
});

test('a reload in the middle of a run cancels the turn and keeps its words', async () => {
  const rig = await readyRig();
  const held = gate();
  rig.engine.beforeStep = (stage) => (stage === 'denoise' ? held.passed : undefined);
  rig.actions.setInstruction('one');
  rig.actions.setMask(leftMask(2));
  rig.actions.makeEdit();
  await rig.actions.saveAgain();
  const second = rig.reload();
  await second.actions.start();
  expect(selectCurrentTurn(second.state.getState())).toMatchObject({
    instruction: 'one',
    regions: { drawn: { width: 8 } },
    state: { status: 'cancelled' },
  });
  held.open();
  await rig.actions.settled();
});

test('a full disk keeps everything in memory, says so, and stores it all once there is room', async () => {
  const rig = await readyRig();
  await make(rig, 'one');
  const before = await dump(rig.database);
  await whileDiskIsFull(0, () => make(rig, 'two'));
  expect(rig.state.getState().saved).toMatchObject({
    status: 'failed',
    failure: { code: 'storage-full', next: 'save-session-file' },
  });
  expect(await dump(rig.database)).toEqual(before);
  expect(rig.document().turns.map(({ state }) => state.status)).toEqual(['done', 'done']);
  const stillShown = must(selectShownFrame(rig.state.getState()));
  expect(rig.actions.pixelsOf(stillShown.hash)).not.toBe(null);
  expect(await rig.actions.saveAgain()).toBe(true);
  expect(rig.state.getState().saved).toEqual({ status: 'stored' });
  const again = rig.reload();
  await again.actions.start();
  expect(again.document()).toEqual(rig.document());
});

test('does not leave a session that could not be stored, unless told to', async () => {
  const rig = await readyRig();
  await make(rig, 'one');
  await whileDiskIsFull(0, async () => {
    await make(rig, 'two');
    const kept = rig.document();
    expect(await rig.actions.openPicture(flatPicture(1), 'other')).toBe(false);
    expect(await rig.actions.newSession()).toBe(false);
    expect(await rig.actions.importFile(fixture())).toBe(false);
    expect(await rig.actions.openSession(kept.id)).toBe(false);
    expect(rig.document()).toBe(kept);
    expect(rig.state.getState().notice).toMatchObject({ code: 'storage-full', next: 'save-session-file' });
    expect(await rig.actions.openPicture(flatPicture(1), 'other', { discardUnsaved: true })).toBe(true);
    expect(rig.document().name).toBe('other');
  });
});

test('keeps sessions apart: each opens with its own pictures, and a run is stopped before leaving', async () => {
  const rig = await readyRig();
  await make(rig, 'one');
  const bay = rig.document();
  const held = gate();
  rig.engine.beforeStep = () => held.passed;
  rig.actions.setInstruction('never made');
  rig.actions.makeEdit();
  const runsAtSwitch: string[] = [];
  rig.state.subscribe(({ session, run }) => {
    if (session.status === 'open' && session.document.name === 'night') runsAtSwitch.push(run.status);
  });
  const opening = rig.actions.openPicture(flatPicture(200), 'night');
  // Let the storage work for a while: whoever does not wait for the engine has switched by then.
  for (let i = 0; i < 3; i += 1) await rig.repository.list();
  held.open();
  expect(await opening).toBe(true);
  expect(new Set(runsAtSwitch)).toEqual(new Set(['idle']));
  expect(rig.document()).toMatchObject({ name: 'night', turns: [] });
  expect(rig.state.getState()).toMatchObject({ run: { status: 'idle' }, queue: [], undoLabel: null });
  expect(rig.actions.pixelsOf(must(selectShownFrame(rig.state.getState())).hash)).toEqual(flatPicture(200));
  expect(await rig.actions.openSession(bay.id)).toBe(true);
  expect(rig.document().turns.map(({ state }) => state.status)).toEqual(['done', 'cancelled']);
  expect(new Set(rig.state.getState().sessions.map(({ name }) => name))).toEqual(new Set(['bay', 'night']));
});

test('two pictures dropped at once open one after the other, and a blank session takes the first', async () => {
  const rig = createRig();
  await rig.actions.newSession();
  const blank = rig.document().id;
  await Promise.all([
    rig.actions.openPicture(flatPicture(1), 'a'),
    rig.actions.startScene(flatPicture(2), 'b'),
    rig.actions.newSession(),
  ]);
  await rig.actions.settled();
  expect(rig.document().root).toEqual({ kind: 'words' });
  const sessions = rig.state.getState().sessions;
  expect(new Set(sessions.map(({ name }) => name))).toEqual(new Set(['a', 'b', 'Untitled session']));
  expect(sessions.find(({ name }) => name === 'a')?.id).toBe(blank);
});

test('refuses a picture whose bytes do not fill its size', async () => {
  const rig = await readyRig();
  const kept = rig.document();
  expect(
    await rig.actions.openPicture({ width: 8, height: 8, data: new Uint8ClampedArray(7) }, 'short'),
  ).toBe(false);
  expect(rig.state.getState().notice).toMatchObject({
    code: 'bad-picture',
    safe: 'Nothing was changed.',
    next: 'choose-picture',
  });
  expect(rig.document()).toBe(kept);
});

test('what is saved as a file opens again as a session of its own', async () => {
  const rig = await readyRig();
  await make(rig, 'one');
  await make(rig, 'two');
  const original = rig.document();
  const file = must(rig.actions.exportFile());
  expect(file.name).toMatch(/^bay_\d{8}-\d{6}\.palimpsest$/);
  expect(await rig.actions.importFile(file.bytes)).toBe(true);
  expect(rig.document()).toEqual({ ...original, id: rig.document().id });
  expect(rig.document().id).not.toBe(original.id);
  await rig.actions.settled();
  expect(rig.state.getState().sessions.length).toBe(2);
  expect(rig.actions.pixelsOf(must(selectShownFrame(rig.state.getState())).hash)).not.toBe(null);
  expect(rig.actions.exportPicture(rig.document().current)?.name).toMatch(/_t002_s\d+\.png$/);
  const { root } = rig.document();
  if (root.kind === 'words') throw new Error('The start picture is gone.');
  expect(rig.actions.exportPicture(null)?.bytes).toEqual(rig.actions.pngOf(root.frame.hash));
});

test('a file that ends early changes nothing that is stored or open', async () => {
  const rig = await readyRig();
  await make(rig, 'one');
  const kept = rig.document();
  const before = await dump(rig.database);
  const file = must(rig.actions.exportFile()).bytes;
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (place) => {
      expect(await rig.actions.importFile(file.subarray(0, place % file.length))).toBe(false);
      expect(rig.document()).toBe(kept);
      expect(rig.state.getState().notice).toMatchObject({
        safe: 'Nothing was changed.',
        next: 'choose-file',
      });
    }),
    { numRuns: 40 },
  );
  expect(await dump(rig.database)).toEqual(before);
});

test('a session of a newer version or a damaged one is refused whole, kept, and can be saved as it is', async () => {
  for (const [record, code] of [
    [{ id: 'odd', version: 99, secret: 1 }, 'newer-version'],
    [{ id: 'odd', version: 1, name: 7 }, 'unreadable'],
  ] as const) {
    const rig = await readyRig();
    const db = await openDB(rig.database);
    await db.put('sessions', record);
    await db.put('blobs', new Uint8Array([1]), 'f'.repeat(64));
    db.close();
    expect(await rig.actions.openSession('odd' as SessionId)).toBe(false);
    expect(rig.state.getState().session).toMatchObject({
      status: 'refused',
      failure: { code },
      raw: { session: record },
    });
    expect(rig.actions.makeEdit()).toEqual([]);
    await rig.repository.setLastOpened('odd' as SessionId);
    const before = await dump(rig.database);
    const again = rig.reload();
    await again.actions.start();
    expect(again.state.getState().session.status).toBe('refused');
    // Nothing is cleared away after a load that failed.
    expect(await dump(rig.database)).toEqual(before);
  }
});

test('a start after a good load clears away pictures that nothing names, and keeps what undo can bring back', async () => {
  const rig = await readyRig();
  await make(rig, 'one');
  rig.actions.deleteTurn(must(rig.document().current));
  await rig.actions.settled();
  const blobCount = async (): Promise<number> =>
    ((await dump(rig.database))['blobs'] as { keys: unknown[] }).keys.length;
  expect(await blobCount()).toBe(3);
  const again = rig.reload();
  await again.actions.start();
  expect(await blobCount()).toBe(3);
  again.actions.undo();
  expect(again.document().turns.map(({ state }) => state.status)).toEqual(['done']);
  expect(again.actions.pixelsOf(must(selectShownFrame(again.state.getState())).hash)).not.toBe(null);
  await again.actions.settled();
  await again.actions.deleteSession(again.document().id);
  await again.reload().actions.start();
  expect(await blobCount()).toBe(0);
});

test('a change in another tab is not written over', async () => {
  const rig = await readyRig();
  const other = rig.reload();
  await other.actions.start();
  rig.actions.renameSession('mine');
  await rig.actions.settled();
  other.actions.renameSession('theirs');
  await other.actions.settled();
  expect(other.state.getState().saved).toMatchObject({
    status: 'failed',
    failure: { code: 'changed-elsewhere' },
  });
  expect(other.document().name).toBe('theirs');
  const [stored] = await rig.repository.list();
  expect(must(stored).name).toBe('mine');
});

test('deletes one session or everything, also the open one', async () => {
  const rig = await readyRig();
  const bay = rig.document().id;
  await rig.actions.openPicture(flatPicture(2), 'night');
  expect(await rig.actions.deleteSession(bay)).toBe(true);
  expect(rig.document().name).toBe('night');
  expect(rig.state.getState().sessions.map(({ name }) => name)).toEqual(['night']);
  expect(await rig.actions.deleteSession(rig.document().id)).toBe(true);
  expect(rig.state.getState()).toMatchObject({ session: { status: 'none' }, sessions: [] });
  await rig.actions.newSession();
  expect(await rig.actions.deleteEverything()).toBe(true);
  await rig.actions.settled();
  expect(rig.state.getState()).toMatchObject({ session: { status: 'none' }, sessions: [] });
  expect(
    Object.values(await dump(rig.database)).map((store) => (store as { keys: unknown[] }).keys.length),
  ).toEqual([0, 0, 0, 0, 0]);
});

test('works in memory, and says so, where the browser gives no storage', async () => {
  const rig = createRig();
  await withoutStorage(async () => {
    await rig.actions.start();
    expect(rig.state.getState()).toMatchObject({
      session: { status: 'none' },
      notice: { code: 'storage-unavailable' },
    });
    await rig.actions.loadModel();
    await rig.actions.openPicture(flatPicture(5), 'bay');
    await make(rig, 'one');
    expect(selectCurrentTurn(rig.state.getState())?.state.status).toBe('done');
    expect(rig.state.getState().saved).toMatchObject({
      status: 'failed',
      failure: { code: 'storage-unavailable' },
    });
  });
});
