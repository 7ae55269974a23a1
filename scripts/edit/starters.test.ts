/** The finished examples that are published, and the scripts that they are made from. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';

import { PNG } from 'pngjs';
import { expect, test } from 'vitest';

import { parseManifest } from '../../src/runtime/manifest.ts';
import { readSessionFile } from '../../src/session/export/sessionFile.ts';
import { modelHash } from '../../src/session/modelKeeper.ts';
import { MOST_BYTES, type PublishedExample } from './published.ts';
import { PREDICT, parseScript } from './script.ts';

const scripts = new URL('starters/', import.meta.url);
const published = new URL('../../public/starters/', import.meta.url);

const jsonAt = (url: URL): unknown => JSON.parse(readFileSync(url, 'utf8'));
const names = readdirSync(scripts).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
const entries = jsonAt(new URL('sessions.json', published)) as readonly PublishedExample[];

test.each(names)('the script %s says what it shows and names pictures that are there', (name) => {
  const script = parseScript(readFileSync(new URL(`${name}.json`, scripts), 'utf8'));
  const { picture, turns } = script;
  expect([script.name, script.about].every((text) => text !== undefined)).toBe(true);
  const named = turns.flatMap(({ regions, references }) => [
    ...Object.values(regions),
    ...references.map((reference) => reference.picture),
  ]);
  const paths = [picture, ...named].flatMap((one) =>
    typeof one === 'string' && one !== PREDICT ? [one] : [],
  );
  expect(paths.filter((path) => !existsSync(new URL(path, scripts)))).toEqual([]);
});

test('no title is part of another one or of that of a scene, so that each is found by its name', () => {
  const scenes = jsonAt(new URL('index.json', published)) as readonly { readonly title: string }[];
  const titles = [...entries, ...scenes].map(({ title }) => title.toLowerCase());
  const isIn = (part: string): boolean => titles.filter((title) => title.includes(part)).length > 1;
  expect(titles.filter(isIn)).toEqual([]);
});

test.each(entries)('the example $title is whole, small, and made by the model that is published', (entry) => {
  const bytes = new Uint8Array(readFileSync(new URL(entry.file, published)));
  expect([bytes.length, bytes.length < MOST_BYTES]).toEqual([entry.bytes, true]);
  const { document, blobs } = readSessionFile(bytes);
  expect([document.name, document.turns.length]).toEqual([entry.title, entry.turns]);
  expect(document.turns.every(({ state }) => state.status === 'done')).toBe(true);
  const [model] = [...new Set(document.turns.map((turn) => JSON.stringify(turn.model)))];
  const manifest = parseManifest(jsonAt(new URL('../models/nano/manifest.json', published)));
  // Latents mean nothing to another model: after a new one, run "npm run starters".
  expect(model).toBe(JSON.stringify({ id: manifest.id, hash: modelHash(manifest) }));

  const pictures = [
    ...(document.root.kind === 'words' ? [] : [document.root.frame]),
    ...document.turns.flatMap(({ state }) => (state.status === 'done' ? [state.result.frame] : [])),
  ];
  expect(entry.edges).toHaveLength(pictures.length - 1);
  const last = pictures.at(-1);
  const shown = PNG.sync.read(readFileSync(new URL(entry.thumbnail, published)));
  const stored = PNG.sync.read(Buffer.from((last && blobs.get(last.hash)) ?? []));
  expect(shown.data.equals(stored.data)).toBe(true);
});
