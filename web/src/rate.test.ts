import { expect, test } from 'vitest';
import { PieceRate, Rate } from './rate';

test('a rate slides with the clock', () => {
  const rate = new Rate(5, 2);
  expect(rate.perSecond(0)).toBeNull();
  for (let now = 0; now <= 10; now += 0.5) rate.add(100, now);
  expect(rate.perSecond(10)).toBe(200);
  expect(rate.perSecond(12.5)).toBe(100);
  expect(rate.perSecond(20)).toBe(0);
});

test('a burst at the start is not told', () => {
  const rate = new Rate(5, 2);
  rate.add(9000, 0);
  expect(rate.perSecond(1.9)).toBeNull();
  expect(rate.perSecond(3)).toBe(3000);
});

test('pieces count by their own length', () => {
  const rate = new PieceRate(4);
  expect(rate.kbps()).toBeNull();
  rate.add(500_000, 2);
  expect(rate.kbps()).toBe(2000);
  rate.add(250_000, 2);
  rate.add(250_000, 2);
  expect(rate.kbps()).toBe(1000);
  rate.add(1, 0);
  expect(rate.kbps()).toBe(1000);
});
