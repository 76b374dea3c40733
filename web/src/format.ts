/** Numbers as people read them, in the language of the page. */

import { type Texts, fill } from './texts';

/** A whole number, or one with so many digits after the point. */
export function count(value: number, language: string, digits = 0): string {
  return value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Seconds, to a tenth. */
export function seconds(value: number, texts: Texts, language: string): string {
  return fill(texts.seconds, { value: count(value, language, 1) });
}

/** The time of day, here, of so many milliseconds since 1970. */
export function clock(ms: number, language: string): string {
  return new Date(ms).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

/** Kilobits per second, as megabits from one megabit on. */
export function bitRate(kbps: number, texts: Texts, language: string): string {
  return kbps < 1000
    ? fill(texts.kbps, { value: count(kbps, language) })
    : fill(texts.mbps, { value: count(kbps / 1000, language, 1) });
}

/** A time of some milliseconds. */
export function milliseconds(value: number, texts: Texts, language: string): string {
  return fill(texts.ms, { value: count(value, language) });
}

/** Parts of a hundred, to a tenth. */
export function percent(value: number, texts: Texts, language: string): string {
  return fill(texts.percent, { value: count(value, language, 1) });
}
