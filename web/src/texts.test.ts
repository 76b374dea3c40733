import page from '../index.html?raw';
import { describe, expect, test } from 'vitest';
import { LANGUAGES, type Texts, fill, languageFor } from './texts';
import { en } from './texts/en';

/** What is the same in every language: names, units, and the switch, which speaks the other one. */
const NAMES: (keyof Texts)[] = [
  'playerWebRtc',
  'playerFlv',
  'playerTs',
  'playerHls',
  'playerLlHls',
  'playerWsFlv',
  'playerWsTs',
  'otherLanguage',
  'otherLanguageLabel',
  'measureNone',
  'kbps',
  'percent',
  'mbps',
  'pushObs',
];

const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).toSorted();

describe.each(Object.entries(LANGUAGES))('%s', (language, texts) => {
  test('has every text', () => {
    expect(Object.keys(texts).toSorted()).toEqual(Object.keys(en).toSorted());
    for (const [key, text] of Object.entries(texts)) expect(text.trim(), key).not.toBe('');
  });

  test('fills in the same values', () => {
    for (const [key, text] of Object.entries(en)) {
      expect(new Set(holes(texts[key as keyof Texts])), key).toEqual(new Set(holes(text)));
    }
  });

  test('is in that language', () => {
    const script = language === 'zh' ? /\p{Script=Han}/u : /^\P{Script=Han}*$/u;
    for (const [key, text] of Object.entries(texts)) {
      if (!NAMES.includes(key as keyof Texts)) expect(text, key).toMatch(script);
    }
  });
});

test('the page asks for texts that there are', () => {
  const asked = [...page.matchAll(/data-(?:t|label|hint)="(\w*)"/g)].map(([, key]) => key);
  expect(asked.length).toBeGreaterThan(20);
  for (const key of asked) expect(Object.keys(en)).toContain(key);
});

test('the language is that of the browser', () => {
  const check = (tag: string, language: string) => expect(languageFor(tag)).toBe(language);
  check('zh', 'zh');
  check('zh-CN', 'zh');
  check('ZH-Hant-TW', 'zh');
  check('en-US', 'en');
  check('de', 'en');
  check('', 'en');
});

test('values are put in, and nothing else', () => {
  expect(fill('{a} and {b}, {a}', { a: 1, b: '{a}' })).toBe('1 and {a}, 1');
  expect(fill('hls { enabled on; } {x}', {})).toBe('hls { enabled on; } {x}');
});
