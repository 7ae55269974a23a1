/** `value`, or a failed test where it is missing. */
export function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('A value that this test needs is missing.');
  return value;
}
