/** Repeatable numbers for self tests and tests: a 32-bit linear congruential generator, uniform in -amplitude..amplitude. */
export function testValues(seed: number, length: number, amplitude = 1): Float32Array<ArrayBuffer> {
  let state = seed >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 31 - 1) * amplitude;
  });
}
