/** How a line of words names other pictures: `@` asks for one, and a name such as "picture one" stands for it. */

export interface Mention {
  /** Where its `@` stands. */
  readonly from: number;
  readonly query: string;
}

/** The `@` and what was typed after it, up to the cursor; null where the cursor is in no such word. */
export function mentionAt(text: string, cursor: number): Mention | null {
  const match = /(?:^|\s)@([^@\s]*)$/u.exec(text.slice(0, cursor));
  const query = match?.[1];
  return query === undefined ? null : { from: cursor - query.length - 1, query };
}

/** The line with the mention replaced by `name`, and where the cursor goes on. */
export function fillMention(
  text: string,
  { from, query }: Mention,
  name: string,
): { readonly text: string; readonly cursor: number } {
  const rest = text.slice(from + 1 + query.length);
  const gap = /^\s/u.test(rest) ? '' : ' ';
  return { text: `${text.slice(0, from)}${name}${gap}${rest}`, cursor: from + name.length + 1 };
}

const named = (name: string): RegExp => new RegExp(`\\b${name}\\b`, 'giu');

/** The line after the picture at `index` was taken out: its name goes, and those after it move up by one. */
export function dropName(text: string, index: number, names: readonly string[]): string {
  const [gone, ...later] = names.slice(index);
  if (gone === undefined || !named(gone).test(text)) return moveUp(text, gone, later);
  return moveUp(text.replace(named(gone), ' ').replace(/\s+/gu, ' ').trim(), gone, later);
}

function moveUp(text: string, gone: string | undefined, later: readonly string[]): string {
  let [line, above] = [text, gone];
  for (const name of later) {
    if (above !== undefined) line = line.replace(named(name), above);
    above = name;
  }
  return line;
}
