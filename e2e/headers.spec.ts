import { expect, test } from '@playwright/test';

test('serves the page isolated from other origins, with a policy that allows only its own', async ({
  request,
}) => {
  const headers = (await request.get('/')).headers();
  expect(headers).toMatchObject({
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  });
  const policy = (headers['content-security-policy'] ?? '').split('; ');
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("object-src 'none'");
  expect(policy.filter((rule) => /https?:|\*|'unsafe-(?:inline|eval)'/.test(rule))).toEqual([]);
});

for (const [file, type] of [
  ['vendor/ort/ort-wasm-simd-threaded.asyncify.mjs', 'text/javascript'],
  ['vendor/ort/ort-wasm-simd-threaded.asyncify.wasm', 'application/wasm'],
  ['vendor/ffmpeg/ffmpeg-core.js', 'text/javascript'],
  ['vendor/ffmpeg/ffmpeg-core.wasm', 'application/wasm'],
] as const) {
  test(`serves a range of ${file} with its type and a tag`, async ({ request }) => {
    const response = await request.get(`/${file}`, {
      headers: { Range: 'bytes=0-3', 'Accept-Encoding': 'identity' },
    });
    const headers = response.headers();
    expect(response.status()).toBe(206);
    expect(headers['content-type']).toContain(type);
    expect(headers['etag']).toBeTruthy();
    expect(headers['content-range']).toMatch(/^bytes 0-3\/\d+$/);
    expect(await response.body()).toHaveLength(4);
  });
}

for (const [file, type] of [
  ['sw.js', 'text/javascript'],
  ['manifest.webmanifest', 'application/manifest+json'],
] as const) {
  test(`serves ${file} from the root, isolated, and lets nobody keep an old one`, async ({ request }) => {
    const response = await request.get(`/${file}`);
    expect(response.ok()).toBe(true);
    expect(response.headers()['content-type']).toContain(type);
    expect(response.headers()).toMatchObject({
      'cache-control': 'no-cache',
      'cross-origin-embedder-policy': 'require-corp',
    });
  });
}

test('answers an unknown address with 404 instead of the page', async ({ request }) => {
  expect((await request.get('/models/no-such-model/manifest.json')).status()).toBe(404);
});

test('opens isolated, asks nobody else for anything, and breaks no rule of its policy', async ({
  page,
  baseURL,
}) => {
  const strangers: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(baseURL ?? '').origin)
      strangers.push(request.url());
  });
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text());
  });
  await page.goto('/', { waitUntil: 'networkidle' });
  await expect(page).toHaveTitle(/Palimpsest/);
  expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
  expect(strangers).toEqual([]);
  expect(complaints).toEqual([]);
});
