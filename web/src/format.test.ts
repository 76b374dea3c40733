import { expect, test } from 'vitest';
import { bitRate, clock, count, seconds } from './format';
import { LANGUAGES } from './texts';

test('numbers are short', () => {
  const { en, zh } = LANGUAGES;
  expect(count(12345, 'en')).toBe('12,345');
  expect(seconds(0.84, en, 'en')).toBe('0.8 s');
  expect(seconds(12, zh, 'zh')).toBe('12.0 秒');
  expect(bitRate(812.4, en, 'en')).toBe('812 kbit/s');
  expect(bitRate(2480, en, 'en')).toBe('2.5 Mbit/s');
});

test('times of day are those of the reader', () => {
  const noon = new Date(2026, 0, 1, 12, 34, 56).getTime();
  expect(clock(noon, 'en')).toContain('12:34:56');
  expect(clock(noon, 'zh')).toContain('12:34:56');
});
