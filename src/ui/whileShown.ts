/** For effects: passes on what a promise gives, unless the returned function was called before. */
export function whileShown<T>(coming: Promise<T>, pass: (value: T) => void): () => void {
  let isShown = true;
  void coming.then((value) => {
    if (isShown) pass(value);
  });
  return () => {
    isShown = false;
  };
}
