/** Names of exported files that every file system takes, with the person's own script kept. */

const longest = 40;
const reserved = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
// Path and wildcard characters of the common systems, control characters, lone surrogates, direction marks.
const unwelcome = /[\\/:*?"<>|\p{Cc}\p{Cs}\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu;

/** At most 40 characters of `words` for a file name; `fallback` when nothing of them is left. */
export function slug(words: string, fallback: string): string {
  const clean = words.normalize('NFC').replace(unwelcome, ' ').trim().replace(/\s+/gu, '-');
  // Cut by code points, so that no character is split; dots at the ends hide files or are dropped by Windows.
  const cut = Array.from(clean)
    .slice(0, longest)
    .join('')
    .replace(/^[.-]+|[.-]+$/g, '');
  if (cut === '') return fallback;
  return reserved.test(cut) ? `${cut.slice(0, 3)}_${cut.slice(3)}` : cut;
}

/** `name_20260131-235959` in local time, so that files sort by when they were saved. */
export function datedName(name: string, timeMs: number): string {
  const time = new Date(timeMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}${two(time.getMonth() + 1)}${two(time.getDate())}`;
  const clock = `${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`;
  return `${slug(name, 'session')}_${day}-${clock}`;
}

/** `7` becomes `007`. */
export function numbered(index: number): string {
  return String(index).padStart(3, '0');
}
