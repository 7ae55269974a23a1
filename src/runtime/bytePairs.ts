/** Byte-pair encoding as the Hugging Face tokenizers library does it: bytes as letters, joined by rank. */

interface BytePairs {
  /** Token ids of a piece of text that the pre-tokenizer has split off, in letters that stand for bytes. */
  encode(piece: string): readonly number[];
}

/** Letters for all 256 bytes: printable ones stand for themselves, the others for those from U+0100 on. */
export const BYTE_LETTERS: readonly string[] = (() => {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
})();

/** The UTF-8 bytes of `text`, each as its letter. */
export function byteLetters(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => BYTE_LETTERS[byte] ?? '').join('');
}

/** `merges` in the order of their rank, as pairs or as two parts with a space between. Throws TypeError for a piece it cannot spell. */
export function createBytePairs(
  vocab: ReadonlyMap<string, number>,
  merges: readonly (string | readonly [string, string])[],
  takesWholeWords: boolean,
): BytePairs {
  const ranks = new Map(merges.map((pair, rank) => [typeof pair === 'string' ? pair : pair.join(' '), rank]));
  const known = new Map<string, readonly number[]>();

  function join(piece: string): readonly number[] {
    const parts = takesWholeWords && vocab.has(piece) ? [piece] : Array.from(piece);
    for (;;) {
      let best = Number.POSITIVE_INFINITY;
      let at = -1;
      for (let i = 0; i + 1 < parts.length; i++) {
        const rank = ranks.get(`${parts[i]} ${parts[i + 1]}`);
        if (rank === undefined || rank >= best) continue;
        [best, at] = [rank, i];
      }
      if (at === -1) break;
      parts.splice(at, 2, `${parts[at]}${parts[at + 1]}`);
    }
    return parts.map((part) => {
      const id = vocab.get(part);
      if (id === undefined) throw new TypeError(`The vocabulary has no "${part}".`);
      return id;
    });
  }

  return {
    encode(piece) {
      const ids = known.get(piece) ?? join(piece);
      known.set(piece, ids);
      return ids;
    },
  };
}

/** The expression by which GPT-2 and its heirs split text unless their file says another. */
export const GPT2_SPLIT = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

/**
 * An expression of the library in this language's syntax. Rust's `\s` is the white space of Unicode, and a part that
 * ignores case becomes classes, because not every browser knows `(?i:`. Throws SyntaxError for what it cannot express.
 */
export function readExpression(source: string): RegExp {
  const cased = source.replaceAll(/\(\?i:([^()\\[\]{}]*)\)/g, (_, inside: string) => {
    const classes = inside.replaceAll(
      /\p{L}/gu,
      (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`,
    );
    return `(?:${classes})`;
  });
  const spaced = cased.replaceAll(/\\(.)/gs, (escape, letter: string) => {
    if (letter === 's') return String.raw`\p{White_Space}`;
    return letter === 'S' ? String.raw`\P{White_Space}` : escape;
  });
  return new RegExp(spaced, 'gu');
}
