/** The languages of the page. */

import { type Texts, en } from './texts/en';
import { zh } from './texts/zh';

export type { Texts };

export const LANGUAGES = { en, zh };
export type Language = keyof typeof LANGUAGES;

/** The language for somebody whose browser speaks `tag`, such as `zh-CN`. */
export function languageFor(tag: string): Language {
  return /^zh\b/i.test(tag) ? 'zh' : 'en';
}

/** Puts values where `{name}` stands. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
