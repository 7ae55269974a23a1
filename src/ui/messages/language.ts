/** The languages of the page and which of them it begins with. */

export type Language = 'en' | 'zh';

/** Each by its own name, so that whoever reads it finds it in any other language. */
export const LANGUAGES: readonly { readonly value: Language; readonly text: string; readonly tag: string }[] =
  [
    { value: 'en', text: 'English', tag: 'en' },
    { value: 'zh', text: '中文', tag: 'zh-Hans' },
  ];

/** The one chosen earlier, else the first that the person reads and the page speaks, else English. */
export function chooseLanguage(stored: string | null, languages: readonly string[]): Language {
  const wanted = [stored ?? '', ...languages].map((tag) => tag.toLowerCase().split('-')[0]);
  const known = wanted.find((language) => LANGUAGES.some(({ value }) => value === language));
  return LANGUAGES.find(({ value }) => value === known)?.value ?? 'en';
}
