/** Everything the components reach: the session, the view, and what the page knows before the model is loaded. */
import { createContext, useContext } from 'react';
import { useStore } from 'zustand';

import type { DeviceReport, ModelManifest } from '../runtime/contract.ts';
import type { EditorActions, ExportedFile } from '../session/actions.ts';
import type { BlobHash } from '../session/document.ts';
import type { EditorState } from '../session/state.ts';
import type { Editor } from '../session/store.ts';
import { canUseRegions, isOffered } from './abilities.ts';
import { chooseTool, type ViewState, type ViewStore } from './view.ts';

/** A scene to begin with. `url` leads to its picture. */
export interface Starter {
  readonly url: string;
  readonly title: string;
  readonly prompts: readonly string[];
}

/** A finished session to look at and go on from, without the model so far. */
export interface Example {
  /** Leads to its session file, which is read when it is opened. */
  readonly url: string;
  /** Leads to its last picture. */
  readonly thumbnailUrl: string;
  readonly title: string;
  readonly about: string;
  readonly turns: number;
  /** Of the session file. */
  readonly bytes: number;
  /** Colours of the pictures under the last one, the latest first. */
  readonly edges: readonly string[];
}

type NoGpuReason = 'turned-off' | 'not-offered' | 'insecure' | 'no-adapter';

export interface DeviceCheck {
  /** Name of the graphics adapter, or null when WebGPU gives none. */
  readonly adapter: string | null;
  /** Why there is none; null when there is one. */
  readonly reason: NoGpuReason | null;
  /** Bytes the browser still grants this page; null when it does not say. */
  readonly freeBytes: number | null;
}

/** Bytes that this browser keeps of this page. */
export interface StoredBytes {
  readonly models: number;
  readonly sessions: number;
}

/** How the browser reaches a person who looks elsewhere. */
export interface Notifier {
  /** Asks the person, where it was not settled before. False when they refuse. */
  readonly ask: () => Promise<boolean>;
  readonly show: (title: string, text: string) => void;
}

export interface PagePorts {
  /** The model on offer, read before its weights; when that failed, why, in the words of the failure. */
  readonly offer: ModelManifest | string;
  /** All that can be chosen, the one on offer among them where it could be read. Never rejects; reads once. */
  readonly readModels: () => Promise<readonly ModelManifest[]>;
  /** Opens the page anew with another model. */
  readonly chooseModel: (id: string) => void;
  readonly device: DeviceCheck;
  readonly starters: readonly Starter[];
  readonly examples: readonly Example[];
  /** Reads the file of a starter scene or of an example. */
  readonly fetchStarter: (url: string) => Promise<Blob>;
  /** An address under which an `<img>` finds these PNG bytes. */
  readonly urlOf: (png: Uint8Array<ArrayBuffer>) => string;
  /** Tries the device once, before anything of the model is fetched. */
  readonly tryDevice: () => Promise<DeviceReport>;
  /** Measures the device by edits of the model, which must be loaded and idle; the result is for `JSON.stringify`. */
  readonly benchmark: (
    signal: AbortSignal,
    onProgress: (done: number, total: number) => void,
  ) => Promise<object>;
  readonly measureStored: () => Promise<StoredBytes>;
  /** Whether no model is kept any more. */
  readonly deleteModels: () => Promise<boolean>;
  /** Null where the browser has no notifications. */
  readonly notifier: Notifier | null;
  /** Hands a file to the person. */
  readonly saveFile: (file: ExportedFile) => void;
}

export interface Page extends PagePorts {
  readonly editor: Editor;
  readonly view: ViewStore;
  readonly pictureUrl: (hash: BlobHash) => string | null;
}

/** Pictures are small and their hashes final, so an address is made once and kept while the page lives. */
export function createPage(editor: Editor, view: ViewStore, ports: PagePorts): Page {
  const urls = new Map<BlobHash, string>();
  const pictureUrl = (hash: BlobHash): string | null => {
    const known = urls.get(hash);
    if (known !== undefined) return known;
    const png = editor.actions.pngOf(hash);
    if (png === null) return null;
    const url = ports.urlOf(png);
    urls.set(hash, url);
    return url;
  };
  // The tool of the last visit may be none of this model.
  if (!isOffered(ports.offer, view.getState().tool))
    chooseTool(view, canUseRegions(ports.offer) ? 'brush' : 'hand');
  return { ...ports, editor, view, pictureUrl };
}

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === null) throw new Error('This component needs a PageContext around it.');
  return page;
}

export function useEditor<Value>(select: (state: EditorState) => Value): Value {
  return useStore(usePage().editor.state, select);
}

export function useView<Value>(select: (state: ViewState) => Value): Value {
  return useStore(usePage().view, select);
}

export function useActions(): EditorActions {
  return usePage().editor.actions;
}
