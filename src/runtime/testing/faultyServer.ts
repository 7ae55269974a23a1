/** A server of files in memory, and the faults that servers and connections have. */
import type { Bytes } from '../chunkPlan.ts';

export type Fault =
  | 'unreachable'
  | 'silent'
  | 'stalls'
  | 'drops'
  | 'truncated'
  | 'flipped'
  | 'too long'
  | 'page'
  | 'unavailable'
  | 'missing'
  | 'without ranges'
  | 'other tag'
  | 'no tag'
  | 'other range'
  | 'other size';

export interface Asked {
  readonly file: string;
  readonly range: string | null;
  readonly ifRange: string | null;
}

interface Served {
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  readonly asked: readonly Asked[];
  /** Bytes that were taken from all answers. */
  readonly sentBytes: () => number;
}

/** The answer that never comes. */
export async function forever(): Promise<never> {
  return new Promise<never>(() => {
    // Neither kept nor broken.
  });
}

/** `faultOf` is asked once per request, which is the n-th of all; pieces are 3 bytes long. */
export function serve(
  files: ReadonlyMap<string, Bytes>,
  faultOf: (asked: Asked, n: number) => Fault | undefined = () => undefined,
): Served {
  const asked: Asked[] = [];
  let sentBytes = 0;
  const count = (bytes: number): void => {
    sentBytes += bytes;
  };
  return {
    asked,
    sentBytes: () => sentBytes,
    async fetch(url, init) {
      const headers = new Headers(init?.headers);
      const file = new URL(url).pathname.split('/').at(-1) ?? '';
      const request = { file, range: headers.get('range'), ifRange: headers.get('if-range') };
      const fault = faultOf(request, asked.length);
      asked.push(request);
      if (fault === 'unreachable') throw new TypeError('Failed to fetch');
      // A connection that does not even listen to its signal.
      if (fault === 'silent') return forever();
      const bytes = files.get(file);
      if (fault === 'missing' || bytes === undefined) return new Response('no', { status: 404 });
      if (fault === 'unavailable') return new Response('later', { status: 503 });
      if (fault === 'page') return new Response('<html>', { headers: { 'Content-Type': 'text/html' } });
      return answer(bytes, request, fault, count);
    },
  };
}

type Count = (bytes: number) => void;

function answer(all: Bytes, { range, ifRange }: Asked, fault: Fault | undefined, count: Count): Response {
  const tag = fault === 'other tag' ? '"other"' : '"first"';
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  const isWhole = from === undefined || fault === 'without ranges' || (ifRange !== null && ifRange !== tag);
  if (isWhole) return new Response(bodyOf(all, fault, count), { headers: { ETag: tag } });
  const [start, end] = [Number(from), Number(to) + 1];
  const shift = fault === 'other range' ? 1 : 0;
  const size = fault === 'other size' ? all.length + 1 : all.length;
  const headers = new Headers({ 'Content-Range': `bytes ${start + shift}-${end - 1 + shift}/${size}` });
  if (fault !== 'no tag') headers.set('ETag', tag);
  return new Response(bodyOf(all.slice(start, end), fault, count), { status: 206, headers });
}

function bodyOf(bytes: Bytes, fault: Fault | undefined, count: Count): ReadableStream<Uint8Array> {
  const middle = Math.floor(bytes.length / 2);
  const sent = {
    flipped: bytes.map((byte, index) => (index === middle ? byte ^ 1 : byte)),
    'too long': Uint8Array.of(...bytes, 0),
    truncated: bytes.slice(0, middle),
    drops: bytes.slice(0, middle),
    stalls: bytes.slice(0, middle),
  };
  const all = fault !== undefined && fault in sent ? sent[fault as keyof typeof sent] : bytes;
  let at = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (at < all.length) {
        const piece = all.slice(at, (at += 3));
        count(piece.length);
        controller.enqueue(piece);
      } else if (fault === 'drops') controller.error(new TypeError('network error'));
      else if (fault === 'stalls') await forever();
      else controller.close();
    },
  });
}
