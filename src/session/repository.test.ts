import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { strFromU8, unzipSync } from 'fflate';
import { openDB } from 'idb';
import { expect, test } from 'vitest';

import { blobsIn } from './blobs.ts';
import { type SessionDocument, type SessionId, markTurn } from './document.ts';
import { readSessionFile } from './export/sessionFile.ts';
import { settleInterrupted } from './migrations.ts';
import { type Repository, type SaveRequest, RepositoryError } from './repository.ts';
import { type Sample, applyOperation, operations, samples, settledSamples } from './testing/arbitraries.ts';
import { must } from './testing/must.ts';
import { dump, freshRepository, whileDiskIsFull, withoutStorage } from './testing/storage.ts';
import { frameAt } from './tree.ts';
import { emptyHistory } from './undo.ts';

function request(
  { document, blobs }: Sample,
  stored: SessionDocument | null = null,
  revision = 0,
): SaveRequest {
  const bytesOf: SaveRequest['bytesOf'] = (hash) => blobs.bytesOf(hash);
  return { document, stored, undo: emptyHistory, storedUndo: null, revision, modifiedAt: 5, bytesOf };
}

async function loaded(repository: Repository, id: SessionId) {
  const session = await repository.load(id);
  if (session.state !== 'current' && session.state !== 'older') {
    throw new Error(`Session is ${session.state}.`);
  }
  return session;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof RepositoryError) return error.code;
    throw error;
  }
  return 'done';
}

test('loads what was saved, with every picture, and nothing runs any more', async () => {
  await fc.assert(
    fc.asyncProperty(samples, async (sample) => {
      const { repository } = freshRepository();
      expect(await repository.save(request(sample))).toBe(1);
      const { document, blobs, revision } = await loaded(repository, sample.document.id);
      expect(document).toEqual(settleInterrupted(sample.document));
      expect(revision).toBe(1);
      expect(new Set(blobs.keys())).toEqual(new Set(blobsIn(sample.document)));
      for (const [hash, bytes] of blobs) expect(bytes).toEqual(sample.blobs.bytesOf(hash));
    }),
    { numRuns: 30 },
  );
});

test('a save of changes leaves the same as a save of everything', async () => {
  await fc.assert(
    fc.asyncProperty(samples, operations, fc.boolean(), async ({ document, blobs }, more, isDeleting) => {
      const changed = more.reduce((at, step, i) => applyOperation(at, step, 500 + i, blobs), document);
      const later = isDeleting ? { ...changed, turns: changed.turns.slice(0, 1), current: null } : changed;
      const [stepwise, whole] = [freshRepository(), freshRepository()];
      await stepwise.repository.save(request({ document, blobs }));
      await stepwise.repository.save(request({ document: later, blobs }, document, 1));
      await stepwise.repository.collectGarbage();
      await whole.repository.save(request({ document: later, blobs }));
      const [a, b] = [await dump(stepwise.name), await dump(whole.name)];
      expect([a['blobs'], a['turns']]).toEqual([b['blobs'], b['turns']]);
    }),
    { numRuns: 30 },
  );
});

test('a save that fails at any write leaves the storage as it was and says that the disk is full', async () => {
  await fc.assert(
    fc.asyncProperty(samples, operations, fc.nat(60), async ({ document, blobs }, more, after) => {
      const { name, repository } = freshRepository();
      await repository.save(request({ document, blobs }));
      const before = await dump(name);
      const later = more.reduce((at, step, i) => applyOperation(at, step, 500 + i, blobs), document);
      const save = (): Promise<unknown> => repository.save(request({ document: later, blobs }, document, 1));
      const code = await whileDiskIsFull(after, () => codeOf(save()));
      if (code === 'done') return;
      expect(code).toBe('storage-full');
      expect(await dump(name)).toEqual(before);
      // With room again the very same save succeeds.
      expect(await codeOf(save())).toBe('done');
      expect((await loaded(repository, document.id)).document).toEqual(settleInterrupted(later));
    }),
    { numRuns: 40 },
  );
});

test('fails with a full disk already at the first write', async () => {
  const [sample] = fc.sample(settledSamples, 1);
  const { repository } = freshRepository();
  expect(await whileDiskIsFull(0, () => codeOf(repository.save(request(must(sample)))))).toBe('storage-full');
  expect(await repository.list()).toEqual([]);
});

test('refuses to write over what another tab has written or deleted', async () => {
  const [sample] = fc.sample(samples, 1);
  const { document } = must(sample);
  const { name, repository } = freshRepository();
  await repository.save(request(must(sample)));
  await repository.save(request({ ...must(sample), document: { ...document, name: 'theirs' } }, document, 1));
  const before = await dump(name);
  expect(
    await codeOf(
      repository.save(request({ ...must(sample), document: { ...document, name: 'mine' } }, document, 1)),
    ),
  ).toBe('changed-elsewhere');
  expect(await dump(name)).toEqual(before);
  await repository.remove(document.id);
  expect(await codeOf(repository.save(request(must(sample), document, 2)))).toBe('changed-elsewhere');
});

test('collects exactly the blobs that no record names, and keeps those of records it cannot read', async () => {
  await fc.assert(
    fc.asyncProperty(samples, async ({ document, blobs }) => {
      const { name, repository } = freshRepository();
      await repository.save(request({ document, blobs }));
      const trimmed = { ...document, turns: [], current: null };
      await repository.save(request({ document: trimmed, blobs }, document, 1));
      const kept = new Set(blobsIn(trimmed));
      const dropped = new Set(blobsIn(document).filter((hash) => !kept.has(hash)));
      const db = await openDB(name);
      const spared = [...dropped].slice(0, 1);
      await db.put('sessions', { id: 'from-the-future', version: 99, pictures: [{ deep: spared }] });
      db.close();
      for (const hash of spared) kept.add(hash);
      expect(await repository.collectGarbage()).toBe(dropped.size - spared.length);
      const { keys } = (await dump(name))['blobs'] as { keys: string[] };
      expect(new Set(keys)).toEqual(kept);
      expect(await repository.collectGarbage()).toBe(0);
    }),
    { numRuns: 30 },
  );
});

test('lists sessions, newest first, with the picture the person was at, and damaged ones too', async () => {
  const { name, repository } = freshRepository();
  const list = fc.sample(settledSamples, 3).map((sample, i) => ({
    ...sample,
    document: { ...sample.document, id: `session-${i}` as SessionId, name: `name ${i}` },
  }));
  for (const [i, sample] of list.entries()) {
    await repository.save({ ...request(sample), modifiedAt: 100 + i });
  }
  const db = await openDB(name);
  await db.put('sessions', { id: 'broken', version: 1, name: 'Broken' });
  db.close();
  const listed = await repository.list();
  expect(listed.map(({ id, name: shown, isReadable }) => [id, shown, isReadable])).toEqual([
    ['session-2', 'name 2', true],
    ['session-1', 'name 1', true],
    ['session-0', 'name 0', true],
    ['broken', 'Broken', false],
  ]);
  for (const { id, turnCount, thumbnail } of listed.slice(0, 3)) {
    const { document, blobs } = must(list.find((sample) => sample.document.id === id));
    expect(turnCount).toBe(document.turns.length);
    const frame = frameAt(document, document.current);
    expect(thumbnail).toEqual(frame === null ? null : blobs.bytesOf(frame.hash));
  }
});

test('removes one session, or everything, and remembers which was open last', async () => {
  const { name, repository } = freshRepository();
  const [a, b] = fc
    .sample(settledSamples, 2)
    .map((sample, i) => ({ ...sample, document: { ...sample.document, id: `session-${i}` as SessionId } }));
  await repository.save(request(must(a)));
  await repository.save(request(must(b)));
  await repository.setLastOpened(must(a).document.id);
  expect(await repository.lastOpened()).toBe('session-0');
  await repository.remove(must(a).document.id);
  expect(await repository.lastOpened()).toBe(null);
  expect(await repository.load(must(a).document.id)).toEqual({ state: 'empty' });
  expect((await loaded(repository, must(b).document.id)).document).toEqual(must(b).document);
  await repository.clear();
  const stores = Object.values(await dump(name)) as { keys: unknown[] }[];
  expect(stores.map(({ keys }) => keys)).toEqual([[], [], [], [], []]);
});

test('keeps the words of a turn whose picture is gone, and refuses a session without its start picture', async () => {
  const { document, blobs } = readFixture();
  const { name, repository } = freshRepository();
  await repository.save({
    ...request({ document, blobs: undefined as never }),
    bytesOf: (hash) => blobs.get(hash),
  });
  const [first] = document.turns;
  if (first?.state.status !== 'done' || document.root.kind === 'words') {
    throw new Error('The fixture changed.');
  }
  const db = await openDB(name);
  await db.delete('blobs', first.state.result.frame.hash);
  const marked = (await loaded(repository, document.id)).document.turns[0];
  expect(marked).toMatchObject({
    instruction: first.instruction,
    state: { status: 'failed', failure: { code: 'picture-lost' } },
  });
  await db.delete('blobs', document.root.frame.hash);
  db.close();
  expect((await repository.load(document.id)).state).toBe('unreadable');
});

test('opens a database that version 1 left behind', async () => {
  const { entries, document, blobs } = readFixture();
  const { session, turns } = JSON.parse(strFromU8(must(entries['manifest.json']))) as {
    session: object;
    turns: object[];
  };
  const { name, repository } = freshRepository();
  await repository.list();
  const db = await openDB(name);
  await db.put('sessions', session);
  for (const turn of turns) await db.put('turns', turn);
  for (const [hash, bytes] of blobs) await db.put('blobs', bytes, hash);
  db.close();
  const read = await loaded(repository, document.id);
  expect(read.document).toEqual(document);
  expect(read.blobs).toEqual(blobs);
  const renamed = markTurn(read.document, must(read.document.turns[0]).id, { name: 'Cup' });
  const save = {
    document: renamed,
    stored: read.document,
    undo: emptyHistory,
    storedUndo: null,
    revision: read.revision,
    modifiedAt: 6,
    bytesOf: () => undefined,
  };
  await repository.save(save);
  expect((await loaded(repository, document.id)).document).toEqual(renamed);
});

test('says that the storage is unavailable when the browser does not open it', async () => {
  const { repository } = freshRepository();
  expect(await withoutStorage(() => codeOf(repository.list()))).toBe('storage-unavailable');
  expect(await repository.list()).toEqual([]);
});

function readFixture() {
  const file = readFileSync(new URL('./testing/version1.palimpsest', import.meta.url));
  return { entries: unzipSync(file), ...readSessionFile(file) };
}
