// @vitest-environment node
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

const CSS = readFileSync(new URL('tokens.css', import.meta.url), 'utf8');

/** Hex of a `light-dark()` token; index 0 = light, 1 = dark. */
function token(name: string, theme: 0 | 1): string {
  const match = new RegExp(`--${name}:\\s*light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(CSS);
  const hex = match?.[theme + 1];
  if (hex === undefined) throw new Error(`tokens.css has no light-dark colour --${name}`);
  return hex;
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const SURFACES = ['desk', 'page', 'lift', 'well'];
const TEXTS = ['ink', 'ink-2', 'ink-3', 'now', 'next', 'kept', 'watch', 'stop'];
const PARTS = ['edge', 'focus'];
const THEMES = [
  ['light', 0],
  ['dark', 1],
] as const;

describe.each(THEMES)('the %s theme', (_name, theme) => {
  it.each(TEXTS)('writes --%s with at least 4.5 on every surface', (text) => {
    const ratios = SURFACES.map((surface) => contrast(token(text, theme), token(surface, theme)));
    expect(Math.min(...ratios)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(PARTS)('draws --%s with at least 3 on every surface', (part) => {
    const ratios = SURFACES.map((surface) => contrast(token(part, theme), token(surface, theme)));
    expect(Math.min(...ratios)).toBeGreaterThanOrEqual(3);
  });

  it('writes filled buttons with at least 4.5, hovered too', () => {
    expect(contrast(token('ink', theme), token('page', theme))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(token('act-hover', theme), token('page', theme))).toBeGreaterThanOrEqual(4.5);
  });
});

describe('lines on pictures', () => {
  it('have one tone with at least 3 over every grey, which are the worst cases', () => {
    const tone = (name: string): string => {
      const hex = new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(CSS)?.[1];
      if (hex === undefined) throw new Error(`tokens.css has no colour --${name}`);
      return hex;
    };
    const pair = [tone('on-pic-dark'), tone('on-pic-light')];
    for (let value = 0; value < 256; value += 1) {
      const grey = `#${value.toString(16).padStart(2, '0').repeat(3)}`;
      expect(Math.max(...pair.map((line) => contrast(line, grey)))).toBeGreaterThanOrEqual(3);
    }
  });
});
