/** Serves files with strong tags, conditions and byte ranges, so that a broken download can go on. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

type Next = (error?: unknown) => void;

interface Range {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css;charset=utf-8',
  '.html': 'text/html;charset=utf-8',
  '.js': 'text/javascript;charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/markdown;charset=utf-8',
  '.mjs': 'text/javascript;charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain;charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** A handler for the files of `folder`; requests for anything else go to `next`. */
export function staticFiles(
  folder: string,
  headers: Readonly<Record<string, string>>,
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  const root = resolve(folder);
  const tags = new Map<string, string>();

  /** A hash of the bytes: only equal bytes may share a strong tag, and a time cannot promise that. */
  async function tagOf(file: string, version: string): Promise<string> {
    const key = `${file} ${version}`;
    const known = tags.get(key);
    if (known !== undefined) return known;
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    const tag = `"${hash.digest('base64url')}"`;
    tags.set(key, tag);
    return tag;
  }

  async function serve(request: IncomingMessage, response: ServerResponse, next: Next): Promise<void> {
    const { method = '', url = '/' } = request;
    const file = resolve(root, `.${decodeURIComponent(new URL(url, 'http://localhost').pathname)}`);
    const info = file.startsWith(root + sep) ? await stat(file).catch(() => undefined) : undefined;
    if (!['GET', 'HEAD'].includes(method) || info?.isFile() !== true) {
      next();
      return;
    }
    const tag = await tagOf(file, `${info.mtimeMs} ${info.size}`);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.setHeader('Accept-Ranges', 'bytes');
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('ETag', tag);
    if (names(request.headers['if-none-match'], tag)) {
      response.writeHead(304).end();
      return;
    }
    response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
    const condition = request.headers['if-range'];
    const mayBePart = method === 'GET' && (condition === undefined || condition === tag);
    const range = mayBePart ? parseRange(request.headers.range, info.size) : undefined;
    if (range === 'outside') {
      response.setHeader('Content-Range', `bytes */${info.size}`);
      response.writeHead(416).end();
      return;
    }
    if (range !== undefined)
      response.setHeader('Content-Range', `bytes ${range.start}-${range.end - 1}/${info.size}`);
    const { start, end } = range ?? { start: 0, end: info.size };
    response.setHeader('Content-Length', end - start);
    response.writeHead(range === undefined ? 200 : 206);
    if (method === 'HEAD' || start === end) response.end();
    // Whoever asked may go away in the middle, which is no fault of the server.
    else await pipeline(createReadStream(file, { start, end: end - 1 }), response).catch(() => undefined);
  }

  return (request, response, next) => void serve(request, response, next).catch(next);
}

function names(condition: string | undefined, tag: string): boolean {
  const tags = condition?.split(',').map((part) => part.trim().replace(/^W\//, '')) ?? [];
  return tags.includes(tag) || tags.includes('*');
}

/** Undefined, and so the whole file, for several ranges or for none that can be read. */
function parseRange(header: string | undefined, size: number): Range | 'outside' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (first !== '' && last !== '' && Number(last) < start) return undefined;
  return start < end ? { start, end } : 'outside';
}
