import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { staticFiles } from './staticFiles.ts';

const folder = mkdtempSync(join(tmpdir(), 'static-'));
const serve = staticFiles(join(folder, 'public'), { 'X-Page': 'yes' });
const server = createServer((request, response) =>
  serve(request, response, (error) => response.writeHead(error === undefined ? 404 : 500).end()),
);
let address = '';

function write(path: string, text: string): void {
  writeFileSync(join(folder, path), text);
}

async function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const response = await fetch(address + path, { method, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const tagOf = async (path: string): Promise<string> => (await ask(path)).headers.get('etag') ?? '';

beforeAll(async () => {
  mkdirSync(join(folder, 'public/models'), { recursive: true });
  write('public/models/w.bin', '0123456789');
  write('public/empty.txt', '');
  write('secret.txt', 'secret');
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test('serves a whole file with its length, its type, a strong tag and the headers of the page', async () => {
  const { status, headers, text } = await ask('models/w.bin');
  expect([status, text]).toEqual([200, '0123456789']);
  expect(Object.fromEntries(headers)).toMatchObject({
    'accept-ranges': 'bytes',
    'content-length': '10',
    'content-type': 'application/octet-stream',
    etag: expect.stringMatching(/^"[\w-]{43}"$/) as string,
    'x-page': 'yes',
  });
});

test.each([
  ['bytes=0-0', '0', 'bytes 0-0/10'],
  ['bytes=2-5', '2345', 'bytes 2-5/10'],
  ['bytes=7-', '789', 'bytes 7-9/10'],
  ['bytes=8-99', '89', 'bytes 8-9/10'],
  ['bytes=-3', '789', 'bytes 7-9/10'],
  ['bytes=-99', '0123456789', 'bytes 0-9/10'],
])('answers %s with these bytes alone', async (range, text, contentRange) => {
  const answer = await ask('models/w.bin', { Range: range });
  expect([answer.status, answer.text, answer.headers.get('content-range')]).toEqual([
    206,
    text,
    contentRange,
  ]);
  expect(answer.headers.get('content-length')).toBe(String(text.length));
  expect(answer.headers.get('etag')).toBe(await tagOf('models/w.bin'));
});

test.each(['bytes=10-', 'bytes=10-12', 'bytes=-0'])(
  'refuses %s, which is outside the file',
  async (range) => {
    const { status, headers, text } = await ask('models/w.bin', { Range: range });
    expect([status, headers.get('content-range'), text]).toEqual([416, 'bytes */10', '']);
  },
);

test.each(['bytes=5-2', 'bytes=0-1,4-5', 'bytes=-', 'bytes=x-y', 'lines=0-1'])(
  'answers %s, which it does not serve, with the whole file',
  async (range) => {
    const { status, text } = await ask('models/w.bin', { Range: range });
    expect([status, text]).toEqual([200, '0123456789']);
  },
);

test('sends a part only while the file is the one that was begun', async () => {
  write('public/changing.bin', 'before');
  const tag = await tagOf('changing.bin');
  const condition = { Range: 'bytes=1-2', 'If-Range': tag };
  expect(await ask('changing.bin', condition)).toMatchObject({ status: 206, text: 'ef' });
  write('public/changing.bin', 'after it');
  expect(await ask('changing.bin', condition)).toMatchObject({ status: 200, text: 'after it' });
  expect(await tagOf('changing.bin')).not.toBe(tag);
  const weak = { Range: 'bytes=1-2', 'If-Range': `W/${await tagOf('changing.bin')}` };
  expect(await ask('changing.bin', weak)).toMatchObject({ status: 200 });
});

test('sends nothing when the asker has the file already', async () => {
  const tag = await tagOf('models/w.bin');
  for (const condition of [tag, `"other", W/${tag}`, '*'])
    expect(await ask('models/w.bin', { 'If-None-Match': condition })).toMatchObject({
      status: 304,
      text: '',
    });
  expect(await ask('models/w.bin', { 'If-None-Match': '"other"' })).toMatchObject({ status: 200 });
});

test('answers HEAD as GET without the bytes', async () => {
  const { status, headers, text } = await ask('models/w.bin', { Range: 'bytes=2-5' }, 'HEAD');
  expect([status, headers.get('content-length'), text]).toEqual([200, '10', '']);
});

test('serves an empty file', async () => {
  expect(await ask('empty.txt')).toMatchObject({ status: 200, text: '' });
  expect(await ask('empty.txt', { Range: 'bytes=0-' })).toMatchObject({ status: 416 });
});

test.each(['', 'models', 'missing.bin', '..%2fsecret.txt', '%2e%2e/secret.txt', 'models/w.bin%00'])(
  'leaves "%s" to the next handler',
  async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, text: '' });
  },
);

test('leaves other methods to the next handler', async () => {
  expect(await ask('models/w.bin', {}, 'DELETE')).toMatchObject({ status: 404 });
});
