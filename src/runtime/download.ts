/** Fetches chunks of files over a connection that may stall, drop, or answer with something else. */
import type { Bytes, Chunk, PlannedFile } from './chunkPlan.ts';
import { EngineError } from './contract.ts';
import { failure, loadingStopped } from './failures.ts';
import type { RuntimePorts } from './ports.ts';

export type DownloadPorts = Pick<RuntimePorts, 'fetch' | 'now' | 'wait'>;

/** Where the chunks of one file end up. */
export interface Sink {
  /** Whether this chunk is there and verified. */
  readonly has: (chunk: Chunk) => boolean;
  /** Verifies the bytes and keeps them if they are right; `has` tells. */
  readonly offer: (chunk: Chunk, bytes: Bytes) => Promise<void>;
  /** Bytes that have arrived and are not offered yet grew by `bytes`, or shrank if negative. */
  readonly arrived: (bytes: number) => void;
}

/** Longest silence of a connection before it is dropped. */
const STALL_MS = 20_000;
/** Waits before the second, third, ... attempt at a chunk; then it has failed. */
const WAITS_MS = [1000, 2000, 4000, 8000];
const PASSING_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);

export function downloadFailed(url: string, detail: string): EngineError {
  return failure('download-failed', { file: nameOf(url) }, `${url}: ${detail}`);
}

/** Servers of single-page sites answer a missing file with their start page and status 200. */
export function refuseHtml(url: string, { headers }: Response): void {
  if (headers.get('content-type')?.startsWith('text/html') === true)
    throw downloadFailed(url, 'an HTML page came instead');
}

function nameOf(url: string): string {
  return new URL(url).pathname.split('/').at(-1) ?? url;
}

/** Fetches chunks of the file at `url` into `sink`; throws 'download-failed', 'integrity' or 'cancelled'. */
export function createFileDownload(
  url: string,
  file: PlannedFile,
  sink: Sink,
  ports: DownloadPorts,
): (chunk: Chunk, signal: AbortSignal) => Promise<void> {
  let etag: string | null = null;
  /** A server without ranges sends everything at once: then one request serves all chunks. */
  let whole: Promise<void> | undefined;
  const isSplit = file.parts.length > 1;

  /** One request. An `EngineError` from here is final, but for 'integrity'; any other error may pass. */
  async function attempt(chunk: Chunk, signal: AbortSignal, alive: () => void): Promise<void> {
    const headers: Record<string, string> = {};
    if (isSplit) headers['Range'] = `bytes=${chunk.start}-${chunk.end - 1}`;
    // Only a strong tag promises equal bytes, so only that may be sent as a condition.
    if (isSplit && etag !== null && !etag.startsWith('W/')) headers['If-Range'] = etag;
    // The HTTP cache would keep a second copy, and lets only one request at a time read a file.
    const response = await ports.fetch(url, { cache: 'no-store', headers, signal });
    signal.throwIfAborted();
    alive();
    if (isPart(response, chunk)) {
      await receive(response, [chunk], signal, alive);
    } else {
      // Another request has begun to read everything meanwhile, and one of them is enough.
      if (whole !== undefined) return;
      whole = receive(response, file.parts, signal, alive).finally(() => {
        whole = undefined;
      });
      await whole;
    }
    if (!sink.has(chunk)) throw damaged(`bytes ${chunk.start} to ${chunk.end} do not match their SHA-256`);
  }

  /** Whether the answer is the chunk that was asked for; otherwise it is the whole file. */
  function isPart(response: Response, chunk: Chunk): boolean {
    const { status } = response;
    if (PASSING_STATUS.has(status)) throw new Error(`status ${status}`);
    if (status === 416) throw damaged('the server has fewer bytes');
    if (status !== 200 && status !== 206) throw downloadFailed(url, `status ${status}`);
    refuseHtml(url, response);
    if (status === 200) return false;
    const range = response.headers.get('content-range');
    const expected = `bytes ${chunk.start}-${chunk.end - 1}/`;
    if (range !== `${expected}${file.bytes}` && range !== `${expected}*`)
      throw new Error(`Content-Range "${range}" instead of "${expected}${file.bytes}"`);
    const tag = response.headers.get('etag');
    if (etag !== null && tag !== etag) {
      const before = etag;
      etag = null;
      throw new Error(`the file changed from ${before} to ${tag} on the server`);
    }
    etag = tag;
    return true;
  }

  function damaged(detail: string): EngineError {
    return failure('chunk-damaged', { file: file.path }, `${url}: ${detail}`);
  }

  /** Reads the body, which must be exactly these chunks, one after another. */
  async function receive(
    response: Response,
    chunks: readonly Chunk[],
    signal: AbortSignal,
    alive: () => void,
  ): Promise<void> {
    const reader = response.body?.getReader();
    // Ends a read that waits, whether or not the connection listens to the signal.
    signal.addEventListener('abort', () => void reader?.cancel().catch(() => undefined));
    let piece: Uint8Array | undefined = new Uint8Array();
    /** The next bytes, or undefined at the end. */
    const next = async (): Promise<Uint8Array | undefined> => {
      const { value } = (await reader?.read()) ?? {};
      // The attempt may have been given up while this was on its way.
      if (signal.aborted) throw new Error('given up');
      alive();
      return value;
    };
    for (const chunk of chunks) {
      const bytes = new Uint8Array(chunk.end - chunk.start);
      const isNew = !sink.has(chunk);
      let filled = 0;
      try {
        while (filled < bytes.length) {
          if (piece?.length === 0) piece = await next();
          if (piece === undefined) throw new Error(`ended after ${chunk.start + filled} bytes`);
          const part = piece.subarray(0, bytes.length - filled);
          bytes.set(part, filled);
          filled += part.length;
          piece = piece.subarray(part.length);
          if (isNew) sink.arrived(part.length);
        }
        while (chunk === chunks.at(-1) && piece?.length === 0) piece = await next();
        if (chunk === chunks.at(-1) && piece !== undefined) throw damaged('more bytes than expected');
        if (isNew) await sink.offer(chunk, bytes);
        alive();
      } finally {
        if (isNew) sink.arrived(-filled);
      }
    }
  }

  return async (chunk, signal) => {
    let isSecond = false;
    for (let failures = 0; !sink.has(chunk);) {
      if (signal.aborted) throw loadingStopped();
      try {
        if (whole === undefined)
          await withoutStall(ports, signal, (inner, alive) => attempt(chunk, inner, alive));
        else await whole.catch(() => undefined);
      } catch (error) {
        if (signal.aborted) throw loadingStopped();
        if (error instanceof EngineError) {
          if (error.code !== 'integrity' || isSecond) throw error;
          isSecond = true;
          continue;
        }
        const wait = WAITS_MS[failures++];
        if (wait === undefined) throw downloadFailed(url, String(error));
        await ports.wait(wait, signal);
      }
    }
  };
}

/** Runs `work`; rejects when `signal` aborts or `alive` was not called for too long, and ends its connection. */
export async function withoutStall<T>(
  { now, wait }: DownloadPorts,
  signal: AbortSignal,
  work: (signal: AbortSignal, alive: () => void) => Promise<T>,
): Promise<T> {
  const inner = new AbortController();
  const stop = (): void => inner.abort();
  const stopped = new Promise<never>((_, reject) => {
    inner.signal.addEventListener('abort', () => reject(new Error('the connection stalled')));
  });
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  let last = now();
  const watch = async (): Promise<void> => {
    while (!inner.signal.aborted) {
      const left = last + STALL_MS - now();
      if (left <= 0) stop();
      else await wait(left, inner.signal);
    }
  };
  try {
    const alive = (): void => {
      last = now();
    };
    // Not every fetch ends when its signal says so, hence the race.
    return await Promise.race([work(inner.signal, alive), stopped, watch().then(() => stopped)]);
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
