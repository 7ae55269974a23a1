import { existsSync, readFileSync } from 'node:fs';

import fc from 'fast-check';
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';

import { blobsIn } from './blobs.ts';
import { readSessionFile } from './export/sessionFile.ts';
import type { Fields } from './fields.ts';
import {
  type MigrationStep,
  currentVersion,
  migrationSteps,
  readSession,
  writeSession,
} from './migrations.ts';
import { samples, settledSamples } from './testing/arbitraries.ts';
import { must } from './testing/must.ts';

const fixture = (version: number, extension: string): URL =>
  new URL(`./testing/version${version}.${extension}`, import.meta.url);

test('reads a session of every released version as it was', () => {
  for (let version = 1; version <= currentVersion; version += 1) {
    const { document, blobs } = readSessionFile(readFileSync(fixture(version, 'palimpsest')));
    expect(document).toEqual(JSON.parse(readFileSync(fixture(version, 'json'), 'utf8')));
    expect(new Set(blobs.keys())).toEqual(new Set(blobsIn(document)));
  }
  expect(existsSync(fixture(currentVersion + 1, 'palimpsest'))).toBe(false);
});

function recordsOf(version: number): { session: Fields; turns: Fields[] } {
  const manifest = must(unzipSync(readFileSync(fixture(version, 'palimpsest')))['manifest.json']);
  return JSON.parse(strFromU8(manifest)) as { session: Fields; turns: Fields[] };
}

test('tells empty, current, older, newer and unreadable sessions apart', () => {
  const { session, turns } = recordsOf(currentVersion);
  const next = currentVersion + 1;
  const steps: MigrationStep[] = [
    ...migrationSteps,
    { to: next, session: (record) => record, turn: (record) => record },
  ];
  expect(readSession(undefined, [])).toEqual({ state: 'empty' });
  expect(readSession(session, turns).state).toBe('current');
  expect(readSession(session, turns, steps).state).toBe('older');
  expect(readSession({ ...session, version: next }, turns, steps).state).toBe('older');
  expect(readSession({ ...session, version: 9 }, turns)).toEqual({ state: 'newer', version: 9 });
  expect(readSession(session, [...turns.slice(1), { ...turns[0], version: 7 }])).toEqual({
    state: 'newer',
    version: 7,
  });
  expect(readSession({ ...session, current: 'nowhere' }, turns)).toEqual({
    state: 'unreadable',
    reason: 'session.current: expected a stored turn, found "nowhere"',
  });
});

test('takes each record through every step that lies ahead of it, and parses what comes out', () => {
  // Two made-up later versions: one renames a field, one gives it back its present form.
  const called: string[] = [];
  const rename = (record: Fields, from: string, to: string): Fields => {
    const { [from]: value, ...rest } = record;
    return { ...rest, [to]: value };
  };
  const steps: MigrationStep[] = [
    ...migrationSteps,
    {
      to: currentVersion + 1,
      session: (record) => (called.push('session 2'), rename(record, 'name', 'title')),
      turn: (record) => (called.push('turn 2'), rename(record, 'instruction', 'prompt')),
    },
    {
      to: currentVersion + 2,
      session: (record) => (called.push('session 3'), rename(record, 'title', 'name')),
      turn: (record) => (called.push('turn 3'), rename(record, 'prompt', 'instruction')),
    },
  ];
  fc.assert(
    fc.property(
      settledSamples.filter(({ document }) => document.turns.length > 0),
      ({ document }) => {
        const { session, turns } = writeSession(document, 5, 3);
        expect(readSession(session, turns, steps)).toEqual({
          state: 'older',
          document,
          modifiedAt: 5,
          revision: 3,
        });
        expect(new Set(called)).toEqual(new Set(['session 2', 'session 3', 'turn 2', 'turn 3']));
        expect(readSession(session, turns, steps.slice(0, -1)).state).toBe('unreadable');
      },
    ),
  );
});

test('refuses turns that are their own ancestors, or stand before, without or apart from their parent', () => {
  const { session, turns } = recordsOf(1);
  const withParent = (parentId: string): Fields[] => [{ ...turns[0], parentId }, ...turns.slice(1)];
  const damaged: [Fields, Fields[]][] = [
    [session, withParent('turn-1')],
    [session, withParent('turn-2')],
    [session, withParent('nobody')],
    [{ ...session, turnIds: ['turn-2', 'turn-1', 'turn-3', 'turn-4'] }, turns],
    [{ ...session, turnIds: ['turn-1', 'turn-2', 'turn-3'] }, turns],
    [{ ...session, turnIds: ['turn-1', 'turn-1', 'turn-2', 'turn-3'] }, turns],
    [session, turns.map((turn) => ({ ...turn, sessionId: 'another' }))],
  ];
  for (const [record, list] of damaged) expect(readSession(record, list).state).toBe('unreadable');
});

test('refuses steps that leave a version out', () => {
  const step = { session: (record: Fields) => record, turn: (record: Fields) => record };
  expect(() => readSession(undefined, [], [{ ...step, to: 3 }])).toThrow(RangeError);
});

test('never throws for any damage to any field, and never takes a damaged session for another one', () => {
  const junk = fc.oneof(fc.jsonValue(), fc.constantFrom(undefined, Number.NaN, -1, 1.5, '', 'x'.repeat(100)));
  fc.assert(
    fc.property(samples, fc.nat(), junk, ({ document }, place, value) => {
      const { session, turns } = writeSession(document, 5, 3);
      const records = structuredClone([session, ...turns]);
      const places = fieldsOf(records);
      const [owner, key] = must(places[place % places.length]);
      owner[key] = value;
      const read = readSession(records[0], records.slice(1));
      if (read.state !== 'current') return;
      // What still reads is a whole session: writing it and reading it again gives the same.
      const again = writeSession(read.document, read.modifiedAt, read.revision);
      expect(readSession(again.session, again.turns)).toEqual(read);
    }),
    { numRuns: 500 },
  );
});

/** Every field of every record and of what lies in them, as owner and key. */
function fieldsOf(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return [];
  const owner = value as Record<string, unknown>;
  return Object.keys(owner).flatMap((key) => [
    [owner, key] as [Record<string, unknown>, string],
    ...fieldsOf(owner[key]),
  ]);
}
