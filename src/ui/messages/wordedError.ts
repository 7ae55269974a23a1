import { en, type Messages } from './en.ts';

/** An error that the page can tell in any of its languages; `message` is the English one. */
export class WordedError extends Error {
  override readonly name = 'WordedError';
  readonly words: (messages: Messages) => string;

  constructor(words: (messages: Messages) => string, options?: ErrorOptions) {
    super(words(en), options);
    this.words = words;
  }
}
