import { expect, test } from 'vitest';
import { type PlayEvent, StallMeter } from './stalls';

/** Feeds events at milliseconds, and looks at the end. */
function check(events: [number, PlayEvent][], at: number, count: number, totalMs: number) {
  const meter = new StallMeter();
  for (const [now, event] of events) meter.on(event, now);
  expect([meter.count(at), meter.totalMs(at)]).toEqual([count, totalMs]);
}

test('a stall lasts from waiting to playing', () => {
  check(
    [
      [0, 'playing'],
      [1000, 'waiting'],
      [1700, 'playing'],
    ],
    9000,
    1,
    700,
  );
  check(
    [
      [0, 'playing'],
      [1000, 'waiting'],
      [1700, 'playing'],
      [2000, 'waiting'],
      [2300, 'progress'],
    ],
    9000,
    2,
    1000,
  );
});

test('one that lasts is counted already', () => {
  check(
    [
      [0, 'playing'],
      [1000, 'waiting'],
    ],
    1050,
    0,
    0,
  );
  check(
    [
      [0, 'playing'],
      [1000, 'waiting'],
    ],
    4000,
    1,
    3000,
  );
  check(
    [
      [0, 'playing'],
      [1000, 'waiting'],
      [1200, 'waiting'],
    ],
    4000,
    1,
    3000,
  );
});

test('waiting for the first picture is none', () => {
  check(
    [
      [0, 'waiting'],
      [3000, 'playing'],
    ],
    9000,
    0,
    0,
  );
});

test('nor is what the browser hides, a seek, a pause or a publisher who left', () => {
  check(
    [
      [0, 'playing'],
      [1000, 'waiting'],
      [1099, 'playing'],
    ],
    9000,
    0,
    0,
  );
  check(
    [
      [0, 'playing'],
      [1000, 'seeking'],
      [1001, 'waiting'],
      [2000, 'seeked'],
      [2001, 'playing'],
    ],
    9000,
    0,
    0,
  );
  check(
    [
      [0, 'playing'],
      [1000, 'pause'],
      [1001, 'waiting'],
      [2000, 'playing'],
    ],
    9000,
    0,
    0,
  );
  check(
    [
      [0, 'playing'],
      [1000, 'waiting'],
      [1500, 'gone'],
      [8000, 'playing'],
    ],
    9000,
    0,
    0,
  );
});

test('a player that broke is one until it plays again', () => {
  check(
    [
      [0, 'playing'],
      [1000, 'broken'],
      [2500, 'playing'],
    ],
    9000,
    1,
    1500,
  );
  check(
    [
      [1000, 'broken'],
      [2500, 'playing'],
    ],
    9000,
    0,
    0,
  );
});
