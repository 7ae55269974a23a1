/** 16-bit floats, two in a 32-bit word as `pack2x16float` of WGSL lays them, for self tests and tests. */

/** Nearest 16-bit float, ties away from zero; what is too large becomes the largest there is, and NaN stays NaN. */
function halfBits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.min(Math.abs(value), 65_504);
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  // A significand of 1024 is the next exponent's bit, so numbers that round up to a power of two come out right.
  const significand = Math.round((size / 2 ** exponent) * 1024);
  return sign | ((exponent + 14) * 1024 + significand);
}

function fromHalfBits(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** An even number of values, packed. */
export function packHalves(values: Float32Array): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(
    { length: values.length / 2 },
    (_, word) => (halfBits(values[2 * word] ?? 0) | (halfBits(values[2 * word + 1] ?? 0) << 16)) >>> 0,
  );
}

export function unpackHalves(words: Uint32Array): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: words.length * 2 }, (_, index) =>
    fromHalfBits(((words[index >> 1] ?? 0) >>> (index % 2 === 0 ? 0 : 16)) & 0xffff),
  );
}
