import { expect, test } from 'vitest';

import { fetchManifest } from './fetchManifest.ts';
import { nodePorts } from './node/host.ts';
import { forever } from './testing/faultyServer.ts';
import { tiny } from './testing/tiny.ts';
import { VirtualClock } from './testing/virtualClock.ts';

const modelUrl = 'https://example.org/models/a/';

/** Reads a manifest that is answered so. */
async function read(answer: () => Promise<Response>, signal?: AbortSignal) {
  const clock = new VirtualClock();
  const ports = { fetch: answer, now: clock.now, wait: clock.wait };
  return clock.run(fetchManifest(modelUrl, ports, signal));
}

test('reads a manifest', async () => {
  expect(await fetchManifest(tiny.url, nodePorts(undefined))).toEqual(tiny.manifest());
});

const page = { headers: { 'content-type': 'text/html; charset=utf-8' } };

test.each<[string, () => Promise<Response>, string, string]>([
  [
    'bytes that are not JSON',
    async () => new Response('{'),
    'integrity',
    'manifest.json of the model is not valid JSON',
  ],
  [
    'a page',
    async () => new Response('<html>', page),
    'download-failed',
    'manifest.json could not be downloaded',
  ],
  [
    'a missing file',
    async () => new Response('', { status: 404 }),
    'download-failed',
    'could not be downloaded',
  ],
  [
    'no connection',
    () => Promise.reject(new TypeError('offline')),
    'download-failed',
    'Check the connection',
  ],
  ['silence', forever, 'download-failed', 'Check the connection'],
])('refuses %s', async (_, answer, code, message) => {
  await expect(read(answer)).rejects.toMatchObject({
    name: 'EngineError',
    code,
    message: expect.stringContaining(message) as string,
  });
});

test('stops when told to', async () => {
  const stop = new AbortController();
  const answer = async (): Promise<Response> => {
    stop.abort();
    return forever();
  };
  await expect(read(answer, stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
});
