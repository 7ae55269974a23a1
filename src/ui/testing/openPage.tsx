/** The whole page over a real store and the small test engine, for tests that use it as a person would. */
import { cleanup, render } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { afterEach } from 'vitest';

import type { ExportedFile } from '../../session/actions.ts';
import { createRig, type Rig } from '../../session/testing/editor.ts';
import { App } from '../App.tsx';
import { createPage, type Page, type PagePorts } from '../page.ts';
import { createViewStore, type Preferences } from '../view.ts';

/** Parts of a browser that jsdom lacks; none of them decides anything in the page. */
globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};
HTMLDialogElement.prototype.showModal = function showModal(this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close(this: HTMLDialogElement) {
  this.open = false;
};
HTMLCanvasElement.prototype.getContext = () => null;

afterEach(cleanup);

export interface OpenPage {
  readonly rig: Rig;
  readonly page: Page;
  readonly user: UserEvent;
  /** Files handed to the person, oldest first. */
  readonly saved: readonly ExportedFile[];
  readonly choices: ReadonlyMap<string, string>;
}

export async function openPage(rig: Rig = createRig(), change: Partial<PagePorts> = {}): Promise<OpenPage> {
  const choices = new Map<string, string>();
  const preferences: Preferences = {
    read: (key) => choices.get(key) ?? null,
    write: (key, value) => void choices.set(key, value),
  };
  const saved: ExportedFile[] = [];
  const { manifest } = await rig.engine.load(() => undefined);
  const page = createPage(rig, createViewStore(preferences), {
    offer: manifest,
    readModels: async () => [manifest],
    chooseModel: () => undefined,
    device: { adapter: 'Test adapter', reason: null, freeBytes: 2e9 },
    starters: [],
    examples: [],
    fetchStarter: () => Promise.reject(new Error('There are no scenes here.')),
    urlOf: (png) => `data:image/png;base64,${btoa(String.fromCharCode(...png))}`,
    tryDevice: () => rig.engine.check(),
    benchmark: () => Promise.reject(new Error('There is nothing to measure here.')),
    measureStored: async () => ({ models: 1_000_000, sessions: await rig.repository.measure() }),
    deleteModels: async () => true,
    notifier: null,
    saveFile: (file) => void saved.push(file),
    ...change,
  });
  render(<App page={page} />);
  return { rig, page, user: userEvent.setup(), saved, choices };
}
