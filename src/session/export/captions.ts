/** The words of a story with the times of its film, as SubRip. */

export interface Caption {
  /** Empty for a shot that has none: its time passes without words. */
  readonly words: string;
  readonly seconds: number;
}

/** `00:01:02,500` */
function clock(seconds: number): string {
  const ms = Math.round(seconds * 1000);
  const part = (value: number, digits = 2): string => String(Math.floor(value)).padStart(digits, '0');
  return `${part(ms / 3_600_000)}:${part((ms / 60_000) % 60)}:${part((ms / 1000) % 60)},${part(ms % 1000, 3)}`;
}

export function captions(shots: readonly Caption[]): string {
  let start = 0;
  const entries = shots.flatMap(({ words, seconds }) => {
    const from = start;
    start += seconds;
    // An empty line would end the entry.
    const line = words.replace(/\s+/g, ' ').trim();
    return line === '' ? [] : [`${clock(from)} --> ${clock(start)}\n${line}\n`];
  });
  return entries.map((entry, index) => `${index + 1}\n${entry}`).join('\n');
}
