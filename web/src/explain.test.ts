import { expect, test } from 'vitest';
import { type Scene, explain, faultLine } from './explain';
import type { Fault } from './faults';
import { SOURCES } from './publish/wish';
import type { Candidate } from './rtc/sdp';
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
  { kind: 'no-rtc' },
  { kind: 'rtc-off' },
  { kind: 'no-endpoint' },
  { kind: 'rtc-codec', codec: 'AV1', has: ['H.264'] },
  { kind: 'rtc-codec', codec: 'AV1', has: [] },
  { kind: 'not-answered', media: 'video', offered: ['VP8'] },
  { kind: 'not-answered', media: 'audio', offered: ['opus'] },
  { kind: 'ice', tried: [] },
  { kind: 'ice', tried: [{ protocol: 'udp', address: '192.0.2.7', port: 8000 }] },
  { kind: 'dtls' },
  { kind: 'insecure' },
  ...SOURCES.flatMap((source): Fault[] => [
    { kind: 'denied', source },
    { kind: 'no-device', source },
    { kind: 'device-busy', source, said: 'busy' },
  ]),
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

test('no way to the server: which addresses, and what is likely', () => {
  const udp: Candidate = { protocol: 'udp', address: '192.0.2.7', port: 8000 };
  const tcp: Candidate = { ...udp, protocol: 'tcp', port: 8080 };
  const hidden: Candidate = { ...udp, address: '172.17.0.2' };
  const url = 'https://weir.test/rtc/v1/whep/?app=live&stream=x';
  const ice = (tried: Candidate[], changes: Partial<Scene>, ...expected: RegExp[]) =>
    check({ kind: 'ice', tried }, { kind: 'webrtc', url, ...changes }, ...expected);
  ice([], {}, /no address/, /candidate …/);
  ice([udp], {}, /told was reached: udp 192\.0\.2\.7:8000\./, /firewall.* UDP 8000 /i, /Only UDP/);
  ice([udp, tcp], {}, /UDP 8000, TCP 8080/, /and TCP, too/);
  ice([hidden], {}, /172\.17\.0\.2/, /lead nowhere/, /eip=/);
  ice([hidden, udp], {}, /firewall/i);
  // In the same network a private address is as good as any, but for that of another machine's own.
  ice([hidden], { url: 'http://192.168.1.5:8080/' }, /firewall/i);
  ice([{ ...udp, address: '127.0.0.1' }], { url: 'http://192.168.1.5:8080/' }, /lead nowhere/);
  ice([{ ...udp, address: '127.0.0.1' }], { url: 'http://localhost:8080/' }, /firewall/i);
});

test('refusals of WHIP and WHEP', () => {
  const url = 'http://weir.test:8080/rtc/v1/whip/?app=live&stream=x';
  const whip = { kind: 'webrtc', url, publishes: true } as const;
  const refused = (status: number, said: string, ...expected: RegExp[]) =>
    check({ kind: 'http', status, said }, whip, /rtc\/v1\/whip/, ...expected);
  refused(401, 'no token', /says: no token/, /field “Key”/);
  refused(403, 'security: deny', /says: security: deny/, /refuses/);
  refused(409, 'busy', /Somebody else publishes live\/x/);
  refused(503, 'too many', /503/);
  check({ kind: 'http', status: 404, said: 'no such vhost' }, { ...whip, publishes: false }, /404.*no such vhost$/);
  check({ kind: 'no-endpoint' }, whip, /at http:\/\/weir\.test:8080\./, /rtc_server/);
});
