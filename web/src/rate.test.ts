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

test('a burst at the start is not counted', () => {
  const rate = new Rate(5, 2, 1);
  rate.add(9000, 0);
  rate.add(9000, 0.9);
  for (let now = 1; now <= 10; now += 0.5) {
    rate.add(100, now);
    if (now < 3) expect(rate.perSecond(now)).toBeNull();
    else expect(rate.perSecond(now)).toBeLessThan(300);
  }
  expect(rate.perSecond(10)).toBe(200);
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
