import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DEFAULT_SETTINGS, readSettings, settingsOf } from './settings.ts';
import { createViewStore } from './view.ts';

describe('the settings of the tools', () => {
  it('outlive the visit', () => {
    const kept = new Map<string, string>();
    const preferences = {
      read: (key: string) => kept.get(key) ?? null,
      write: (key: string, value: string) => void kept.set(key, value),
    };
    const overlay = { ink: 'green', pattern: 'line', opacity: 0.5 } as const;
    createViewStore(preferences).setState({
      brushSize: 7,
      softness: 0.3,
      overlay,
      lastTool: 'lasso',
      wheel: 'mouse',
    });
    const next = createViewStore(preferences).getState();
    expect(settingsOf(next)).toEqual({
      ...DEFAULT_SETTINGS,
      brushSize: 7,
      softness: 0.3,
      overlay,
      lastTool: 'lasso',
      wheel: 'mouse',
    });
    expect(next.tool).toBe('lasso');
  });

  it('are usable whatever was kept', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (kept) => {
        const read = readSettings(kept);
        expect(readSettings(JSON.stringify(read))).toEqual(read);
      }),
    );
    expect(readSettings('{"brushSize":1e9,"overlay":{"opacity":2},"lastTool":"compare"}')).toEqual(
      DEFAULT_SETTINGS,
    );
  });
});
