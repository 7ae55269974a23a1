import { describe, expect, it } from 'vitest';

import { sourceOf, staleCaches, type Asked, type Shell } from './shell.ts';

const SCOPE = 'https://pictures.example/palimpsest/';
const shell: Shell = {
  version: 'b',
  files: ['assets/index-1.js', 'icon.svg', 'starters/index.json'],
  programsVersion: 'p',
  programs: ['vendor/ort/run.wasm'],
};
const asked = (path: string, change: Partial<Asked> = {}): Asked => ({
  url: new URL(path, SCOPE).href,
  method: 'GET',
  mode: 'cors',
  hasRange: false,
  ...change,
});
const source = (path: string, change: Partial<Asked> = {}) => sourceOf(asked(path, change), SCOPE, shell);

describe('the service worker', () => {
  it('answers with the page whatever stands behind its address', () => {
    const pages = ['', '?backend=wasm', 'index.html', '#words'];
    expect(pages.map((path) => source(path, { mode: 'navigate' }))).toEqual(pages.map(() => 'page'));
  });

  it('answers from what is kept, also for the version before', () => {
    expect(
      ['assets/index-1.js', 'assets/index-0.js', 'icon.svg', 'starters/index.json'].map((path) =>
        source(path),
      ),
    ).toEqual(['shell', 'shell', 'shell', 'shell']);
    expect(source('vendor/ort/run.wasm')).toBe('program');
  });

  it('asks the network first what the newest model is', () => {
    expect(source('models/nano/manifest.json')).toBe('newest');
  });

  it('leaves weights, parts of files, other sites and everything that changes something to the network', () => {
    expect([
      source('models/nano/dit.f16.bin'),
      source('vendor/ort/run.wasm', { hasRange: true }),
      source('', { method: 'POST' }),
      source('https://pictures.example/other/assets/index-1.js'),
      source('https://elsewhere.example/palimpsest/icon.svg'),
    ]).toEqual(['network', 'network', 'network', 'network', 'network']);
  });

  it('keeps its own shell, the one before it, the programs and the models, and nothing older', () => {
    const names = [
      'x-shell-0',
      'x-shell-a',
      'x-programs-o',
      'x-programs-p',
      'x-models',
      'x-shell-b',
      'other',
    ];
    expect(staleCaches(names, 'x-', shell)).toEqual(['x-shell-0', 'x-programs-o']);
  });
});
