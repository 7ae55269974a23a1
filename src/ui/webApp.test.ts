// @vitest-environment node
import { readFileSync } from 'node:fs';

import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';

import { sessionFileExtension, sessionFileType } from '../session/export/sessionFile.ts';

const file = (path: string): Buffer => readFileSync(new URL(`../../public/${path}`, import.meta.url));
const manifest = JSON.parse(file('manifest.webmanifest').toString()) as {
  readonly icons: readonly { readonly src: string; readonly type: string; readonly sizes: string }[];
  readonly file_handlers: readonly [{ readonly accept: Readonly<Record<string, readonly string[]>> }];
};

describe('the web app manifest', () => {
  it('names icons that have the sizes it says', () => {
    const drawn = manifest.icons.filter(({ type }) => type === 'image/png');
    const sizes = drawn
      .map(({ src }) => PNG.sync.read(file(src)))
      .map(({ width, height }) => `${width}x${height}`);
    expect(sizes).toEqual(drawn.map((icon) => icon.sizes));
    expect(sizes).toContain('192x192');
    expect(sizes).toContain('512x512');
  });

  it('opens session files as they are saved', () => {
    expect(manifest.file_handlers[0].accept[sessionFileType]).toEqual([sessionFileExtension]);
  });
});
