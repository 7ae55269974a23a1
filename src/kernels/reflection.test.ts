import { describe, expect, it } from 'vitest';

import { attentionBindings, attentionParams, mergeSplitsBindings } from './attention/attention.ts';
import attentionWgsl from './attention/attention.wgsl?raw';
import mergeSplitsWgsl from './attention/mergeSplits.wgsl?raw';
import { compositeBindings, compositeParams } from './composite/composite.ts';
import compositeWgsl from './composite/composite.wgsl?raw';
import { KernelError } from './kernel.ts';
import { qkNormRopeBindings, qkNormRopeParams } from './qkNormRope/qkNormRope.ts';
import qkNormRopeWgsl from './qkNormRope/qkNormRope.wgsl?raw';
import { samplerStepBindings, samplerStepParams } from './samplerStep/samplerStep.ts';
import samplerStepWgsl from './samplerStep/samplerStep.wgsl?raw';
import { structBytes, writeStruct } from './structLayout.ts';

const KERNELS = [
  { name: 'attention', wgsl: attentionWgsl, params: attentionParams, bindings: attentionBindings },
  { name: 'mergeSplits', wgsl: mergeSplitsWgsl, params: attentionParams, bindings: mergeSplitsBindings },
  { name: 'composite', wgsl: compositeWgsl, params: compositeParams, bindings: compositeBindings },
  { name: 'qkNormRope', wgsl: qkNormRopeWgsl, params: qkNormRopeParams, bindings: qkNormRopeBindings },
  { name: 'samplerStep', wgsl: samplerStepWgsl, params: samplerStepParams, bindings: samplerStepBindings },
];

/** Fields of the WGSL struct `Params` in order. */
function paramsOf(wgsl: string): readonly (readonly [string, string])[] {
  const body = /struct Params \{([^}]*)\}/.exec(wgsl)?.[1] ?? '';
  return [...body.matchAll(/(\w+): (\w+)/g)].map(([, name = '', type = '']) => [name, type] as const);
}

/** Name and kind of every binding, by binding number. */
function bindingsOf(wgsl: string): readonly (readonly [string, string])[] {
  const kinds = new Map([
    ['uniform', 'uniform'],
    ['storage, read', 'read-only-storage'],
    ['storage, read_write', 'storage'],
  ]);
  return [...wgsl.matchAll(/@binding\((\d+)\) var<([^>]*)> (\w+)/g)]
    .toSorted(([, a], [, b]) => Number(a) - Number(b))
    .map(([, , kind = '', name = '']) => [name, kinds.get(kind) ?? kind] as const);
}

describe.each(KERNELS)('the host side of $name', ({ wgsl, params, bindings }) => {
  it('writes the struct that the shader reads', () => {
    expect(Object.entries(params)).toEqual(paramsOf(wgsl));
  });

  it('binds what the shader declares, within the eight storage buffers that every device has', () => {
    expect(Object.entries(bindings)).toEqual(bindingsOf(wgsl));
    expect(Object.values(bindings).filter((kind) => kind !== 'uniform').length).toBeLessThanOrEqual(8);
  });

  it('opens the shader with what it computes, its shapes and what the letters mean', () => {
    expect(wgsl.split('\n', 3).every((line) => line.startsWith('// '))).toBe(true);
  });
});

describe('a parameter struct', () => {
  const layout = { tokens: 'u32', epsilon: 'f32', heads: 'u32', scale: 'f32', more: 'u32' } as const;

  it('lies field after field in little-endian order, padded to 16 bytes', () => {
    const view = new DataView(
      writeStruct(layout, { tokens: 7, epsilon: 0.5, heads: 2 ** 31, scale: -3, more: 1 }),
    );
    expect(view.byteLength).toBe(structBytes(layout));
    expect(view.byteLength).toBe(32);
    expect([view.getUint32(0, true), view.getFloat32(4, true), view.getUint32(8, true)]).toEqual([
      7,
      0.5,
      2 ** 31,
    ]);
    expect([view.getFloat32(12, true), view.getUint32(16, true)]).toEqual([-3, 1]);
  });

  it('refuses numbers that the field cannot hold', () => {
    const values = { tokens: 7, epsilon: 0.5, heads: 2, scale: 1, more: 1 };
    for (const wrong of [{ tokens: -1 }, { tokens: 1.5 }, { heads: 2 ** 32 }, { epsilon: Number.NaN }]) {
      expect(() => writeStruct(layout, { ...values, ...wrong })).toThrow(KernelError);
    }
  });
});
