/** What is published of finished examples beside their session files. */

/** The page fetches all of them when it is first visited, to have them without a network. */
export const MOST_BYTES = 600_000;

/** One of `public/starters/sessions.json`, which `src/main.tsx` reads. */
export interface PublishedExample {
  readonly file: string;
  readonly thumbnail: string;
  readonly title: string;
  readonly about: string;
  readonly turns: number;
  /** Of the session file. */
  readonly bytes: number;
  /** Colours of the lower edges of the pictures under the last one, the latest first. */
  readonly edges: readonly string[];
}
