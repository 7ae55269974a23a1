/** What the service worker keeps, and from where it answers a request. */

/** Addresses are relative to the page's folder, which is the scope of the worker. */
export interface Shell {
  /** Of the bytes of `files`. */
  readonly version: string;
  /** What the page needs to open, but for its own address; all of it is small. */
  readonly files: readonly string[];
  /** Of the bytes of `programs`. */
  readonly programsVersion: string;
  /** Large programs that are kept only once they were used. */
  readonly programs: readonly string[];
}

export interface Asked {
  readonly url: string;
  readonly method: string;
  /** `navigate` for a page that opens. */
  readonly mode: string;
  readonly hasRange: boolean;
}

export type Source =
  /** The page of this version. */
  | 'page'
  /** Kept files, of this version or the one before, whose pages may still be open. */
  | 'shell'
  | 'program'
  /** The network, and what it said last time when it is gone. */
  | 'newest'
  | 'network';

/** `scope` is an absolute URL that ends in a slash. Weights go to the network: their loader keeps and checks them. */
export function sourceOf({ url, method, mode, hasRange }: Asked, scope: string, shell: Shell): Source {
  const address = url.replace(/[?#].*$/, '');
  if (method !== 'GET' || hasRange || !address.startsWith(scope)) return 'network';
  const path = address.slice(scope.length);
  if (path === '' || path === 'index.html') return 'page';
  if (shell.files.includes(path) || (path.startsWith('assets/') && mode !== 'navigate')) return 'shell';
  if (shell.programs.includes(path)) return 'program';
  return /^models\/[\w-]+\/manifest\.json$/.test(path) ? 'newest' : 'network';
}

/**
 * Names of the caches to remove, of `names` from the oldest to the newest. The shell before this one stays,
 * because another tab may still run it and ask for its parts.
 */
export function staleCaches(names: readonly string[], prefix: string, shell: Shell): readonly string[] {
  const mine = names.filter((name) => name.startsWith(prefix));
  const shells = mine.filter((name) => name.startsWith(`${prefix}shell-`));
  const before = shells.findLast((name) => name !== shellCache(prefix, shell));
  const kept = new Set([shellCache(prefix, shell), programCache(prefix, shell), `${prefix}models`, before]);
  return mine.filter((name) => !kept.has(name));
}

export function shellCache(prefix: string, { version }: Shell): string {
  return `${prefix}shell-${version}`;
}

export function programCache(prefix: string, { programsVersion }: Shell): string {
  return `${prefix}programs-${programsVersion}`;
}
