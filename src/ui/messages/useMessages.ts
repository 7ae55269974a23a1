import { useView } from '../page.ts';
import type { ViewStore } from '../view.ts';
import { en, type Messages } from './en.ts';
import type { Language } from './language.ts';
import { zh } from './zh.ts';

const MESSAGES: Readonly<Record<Language, Messages>> = { en, zh };

/** Outside React: what the page says at this moment. */
export function messagesOf(view: ViewStore): Messages {
  return MESSAGES[view.getState().language];
}

/** What the page says, in the chosen language. */
export function useMessages(): Messages {
  return MESSAGES[useView((state) => state.language)];
}
