import { expect, test } from 'vitest';
import { type Scene, explain, faultLine } from './explain';
import type { Fault } from './faults';
import { LANGUAGES } from './texts';

const SCENE: Scene = {
  stream: { vhost: '', app: 'live', stream: 'x' },
  kind: 'flv',
  url: 'http://weir.test:8080/live/x.flv',
  sameOrigin: true,
};

const EVERY: Fault[] = [
  { kind: 'no-mse' },
  { kind: 'no-native-hls' },
  { kind: 'codec', codec: 'H.265 (HEVC)', mime: 'video/mp4; codecs="hvc1.1.6.L93.B0"' },
  { kind: 'dropped' },
  { kind: 'gone' },
  { kind: 'not-live' },
  { kind: 'http', status: 404, said: '' },
  { kind: 'unreachable', said: 'Failed to fetch' },
  { kind: 'mixed' },
  { kind: 'silent', seconds: 12 },
  { kind: 'decode', said: 'broken' },
  { kind: 'format', said: 'no FLV' },
  { kind: 'library', said: 'no chunk' },
  { kind: 'unknown', said: 'boom' },
];

test('every fault is explained in every language, with nothing left to fill in', () => {
  for (const texts of Object.values(LANGUAGES)) {
    for (const fault of EVERY) {
      const text = explain(fault, SCENE, texts).join(' ');
      expect(text.length, fault.kind).toBeGreaterThan(10);
      expect(text, fault.kind).not.toMatch(/\{\w+\}|undefined/);
    }
  }
});

test('what an output could not do is one line', () => {
  const lastMs = new Date(2026, 0, 1, 12, 34, 56).getTime();
  const fault = { output: 'HLS', what: 'the disk is full', count: 2, lastMs };
  expect(faultLine(fault, LANGUAGES.en, 'en')).toMatch(/^HLS: the disk is full \(2 times, last at 12:34:56/);
  expect(faultLine({ ...fault, count: 1 }, LANGUAGES.en, 'en')).toMatch(/^HLS: the disk is full \(at 12:34:56/);
  expect(faultLine(fault, LANGUAGES.zh, 'zh')).toMatch(/^HLS：the disk is full（共 2 次，最近一次 12:34:56）$/);
});

function check(fault: Fault, changes: Partial<Scene>, ...expected: RegExp[]) {
  const text = explain(fault, { ...SCENE, ...changes }, LANGUAGES.en).join(' ');
  for (const pattern of expected) expect(text).toMatch(pattern);
}

test('the sentences name what matters', () => {
  check(
    { kind: 'codec', codec: 'H.265 (HEVC)', mime: 'hvc1' },
    {},
    /decode H\.265/,
    /graphics card/,
    /asked for: hvc1/,
  );
  check({ kind: 'codec', codec: 'VP6', mime: '' }, {}, /decode VP6/);
  check({ kind: 'http', status: 404, said: '' }, {}, /404/, /http_remux/, /ends in \.flv/);
  check({ kind: 'http', status: 404, said: '' }, { kind: 'll-hls' }, /hls \{ enabled on; \}/);
  check({ kind: 'http', status: 403, said: 'deny all' }, {}, /403/, /says: deny all/, /refuses/);
  check({ kind: 'unreachable', said: '' }, { sameOrigin: false }, /no answer/, /CORS/);
  check({ kind: 'unreachable', said: '' }, { kind: 'ws-flv' }, /WebSocket/);
  check({ kind: 'gone' }, {}, /live\/x is not live any more/, /by itself/);
});
