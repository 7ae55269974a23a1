/** Writes the uniform `Params` struct of a kernel by field name, so host and shader cannot drift apart by position. */

import { ensure, requireWhole } from './kernel.ts';

/** Field names and their 4-byte scalar types, in the order of the WGSL struct. */
export type StructLayout = Readonly<Record<string, 'u32' | 'f32'>>;

/** Size of a uniform buffer for the struct: uniform structs are padded to 16 bytes. */
export function structBytes(layout: StructLayout): number {
  return Math.ceil(Object.keys(layout).length / 4) * 16;
}

/**
 * Bytes of the struct for a uniform buffer.
 * @throws KernelError when a value is missing, not finite, or no 32-bit unsigned number where one belongs.
 */
export function writeStruct<Layout extends StructLayout>(
  layout: Layout,
  values: Readonly<Record<keyof Layout, number>>,
): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(structBytes(layout)));
  for (const [index, [name, type]] of Object.entries(layout).entries()) {
    const value = values[name];
    ensure(
      value !== undefined && Number.isFinite(value),
      () => `The parameter "${name}" is ${value}, not a number.`,
    );
    if (type === 'u32') {
      requireWhole(`The parameter "${name}"`, value, 0);
      view.setUint32(index * 4, value, true);
    } else {
      view.setFloat32(index * 4, value, true);
    }
  }
  return view.buffer;
}
