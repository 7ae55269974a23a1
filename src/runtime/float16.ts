/** Widens the float16 numbers that weights are on disk. */
import type { Bytes } from './chunkPlan.ts';

/** Little-endian float16 to little-endian float32 bytes. */
export function widenFloat16(bytes: Bytes): Bytes {
  // A view of 16-bit numbers must begin at an even address, which a part of a larger buffer need not.
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  const halves = new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 2);
  const floats = new Uint32Array(halves.length);
  for (let index = 0; index < halves.length; index++) floats[index] = widenBits(halves[index] ?? 0);
  return new Uint8Array(floats.buffer);
}

function widenBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  let fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // A subnormal half is a normal float32: shift its leading one out and lower the exponent to match.
  const shift = Math.clz32(fraction) - 21;
  fraction = (fraction << shift) & 0x3ff;
  return (sign | ((113 - shift) << 23) | (fraction << 13)) >>> 0;
}
