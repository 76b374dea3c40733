import { expect, test } from 'vitest';
import {
  type Destination,
  type Ports,
  apiOrigins,
  isOwn,
  isPrivate,
  mediaUrl,
  needsPushKey,
  parsePorts,
  rtcUrls,
  rtmpPort,
  rtmpServer,
  rtmpUrl,
} from './address';
import type { Choice, Page, PlayerKind } from './choice';

const HTTP: Page = { protocol: 'http:', hostname: 'weir.test', port: '8080', origin: 'http://weir.test:8080' };
const HTTPS: Page = { protocol: 'https:', hostname: 'weir.test', port: '', origin: 'https://weir.test' };

function check(kind: PlayerKind, changes: Partial<Choice>, expected: string, page = HTTP) {
  const choice: Choice = { vhost: '', app: 'live', stream: 'x', extra: [], autostart: true, ...changes };
  expect(mediaUrl(choice, kind, page)).toBe(expected);
}

test('each player has its address', () => {
  check('flv', {}, 'http://weir.test:8080/live/x.flv');
  check('ts', {}, 'http://weir.test:8080/live/x.ts');
  check('hls', {}, 'http://weir.test:8080/live/x.m3u8');
  check('ll-hls', {}, 'http://weir.test:8080/live/x.m3u8');
  check('native-hls', {}, 'http://weir.test:8080/live/x.m3u8');
  check('ws-flv', {}, 'ws://weir.test:8080/live/x.flv');
  check('ws-ts', {}, 'wss://weir.test/live/x.ts', HTTPS);
});

test('WHIP and WHEP are looked for beside the page, then where the API is', () => {
  const check = (changes: Partial<Destination>, told: number | null, ...origins: string[]) => {
    const to: Destination = { vhost: '', app: 'live', stream: 'x', extra: [], ...changes };
    const ports = told === null ? null : { api: told, apiTls: null, rtmp: 1935, pushKey: null };
    const urls = rtcUrls(to, 'whep', HTTP, ports);
    expect(urls).toEqual(origins.map(origin => `${origin}/rtc/v1/whep/?app=live&stream=x`));
  };
  check({}, null, 'http://weir.test:8080', 'http://weir.test:1985');
  check({}, 2985, 'http://weir.test:8080', 'http://weir.test:2985');
  check({}, 8080, 'http://weir.test:8080');
  check({ origin: 'https://cdn.test' }, 2985, 'https://cdn.test', 'https://cdn.test:1990');
  check({ origin: 'https://cdn.test', api: 'http://a.test:1985' }, 2985, 'http://a.test:1985');
  const named: Destination = { vhost: 'v.test', app: 'a/b', stream: '&', extra: [['eip', '192.0.2.7']] };
  expect(rtcUrls(named, 'whip', HTTPS)[0]).toBe(
    'https://weir.test/rtc/v1/whip/?app=a%2Fb&stream=%26&vhost=v.test&eip=192.0.2.7',
  );
});

test('tokens are for the server of the page, by the ports that are known to be its own', () => {
  const check = (changes: Partial<Destination>, api: number | null, own: boolean) => {
    const told = api === null ? null : { api, apiTls: null, rtmp: 1935, pushKey: null };
    expect(isOwn({ vhost: '', app: 'live', stream: 'x', extra: [], ...changes }, HTTP, told)).toBe(own);
  };
  check({}, null, true);
  check({}, 2985, true);
  check({ api: 'http://weir.test:1985' }, null, true);
  check({ api: 'http://weir.test:1985' }, 2985, false);
  check({ api: 'http://weir.test:2985' }, 2985, true);
  check({ origin: 'http://weir.test:8081' }, null, false);
  check({ api: 'http://other.test:1985' }, null, false);
  check({ origin: 'http://other.test' }, null, false);
});

test('private addresses', () => {
  for (const hidden of [
    '10.1.2.3',
    '172.16.0.1',
    '172.31.9.9',
    '192.168.1.1',
    '169.254.1.1',
    '100.64.0.1',
    'fd00::1',
    'fe80::1',
    '::1',
    '127.0.0.1',
    '[fd12::1]',
  ])
    expect(isPrivate(hidden), hidden).toBe(true);
  for (const open of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2001:db8::1', 'weir.test', '10.weir.test', 'fd.test'])
    expect(isPrivate(open), open).toBe(false);
});

test('vhosts, parameters and odd names', () => {
  check('flv', { vhost: 'v.test' }, 'http://weir.test:8080/live/x.flv?vhost=v.test');
  check('hls', { vhost: 'v.test', extra: [['k', 'a&b']] }, 'http://weir.test:8080/live/x.m3u8?vhost=v.test&k=a%26b');
  check('flv', { app: 'a/b c', stream: '机?#' }, 'http://weir.test:8080/a/b%20c/%E6%9C%BA%3F%23.flv');
  check('flv', { origin: 'https://cdn.test' }, 'https://cdn.test/live/x.flv');
  check('ws-flv', { origin: 'https://cdn.test' }, 'wss://cdn.test/live/x.flv');
});

test('RTMP addresses', () => {
  const name = { vhost: '', app: 'live', stream: 'x' };
  expect(rtmpUrl(name, 'weir.test', 1935)).toBe('rtmp://weir.test/live/x');
  expect(rtmpUrl({ ...name, vhost: 'v.test' }, '[::1]', 1936)).toBe('rtmp://[::1]:1936/live/x?vhost=v.test');
  expect(rtmpServer('a/b', 'weir.test', 1935)).toBe('rtmp://weir.test/a/b');
});

test('the RTMP port is what publishers used', () => {
  expect(rtmpPort([])).toBe(1935);
  expect(rtmpPort([], 2935)).toBe(2935);
  expect(rtmpPort(['rtmp://10.0.0.5/live'])).toBe(1935);
  expect(rtmpPort(['http://10.0.0.5:8080/live', 'rtmp://10.0.0.5:19350/live'])).toBe(19350);
  expect(rtmpPort(['rtmp://[::1]:1936/live'])).toBe(1936);
});

test('the API is looked for beside the page first', () => {
  expect(apiOrigins(HTTP)).toEqual(['http://weir.test:8080', 'http://weir.test:1985']);
  expect(apiOrigins(HTTPS)).toEqual(['https://weir.test', 'https://weir.test:1990']);
  expect(apiOrigins(HTTP, { api: 2985, apiTls: null, rtmp: 1935, pushKey: null })).toEqual(['http://weir.test:2985']);
  expect(apiOrigins(HTTPS, { api: 2985, apiTls: null, rtmp: 1935, pushKey: null })).toEqual(apiOrigins(HTTPS));
  expect(apiOrigins({ ...HTTP, port: '1985', origin: 'http://weir.test:1985' })).toEqual(['http://weir.test:1985']);
});

test('what the server tells of its ports is read, and nothing else is taken for it', () => {
  expect(parsePorts({ api: 1985, apiTls: null, rtmp: 1935 })).toEqual({
    api: 1985,
    apiTls: null,
    rtmp: 1935,
    pushKey: null,
  });
  expect(parsePorts({ api: 'x' })).toEqual({ api: null, apiTls: null, rtmp: null, pushKey: null });
  expect(parsePorts({ api: 1985, rtc: 8000 })).toMatchObject({ rtc: 8000 });
  expect(parsePorts({ api: 1985, rtc: null })).toMatchObject({ rtc: null });
  expect(parsePorts({ api: 1985, pushKey: 'remote' })).toMatchObject({ pushKey: 'remote' });
  expect(parsePorts({ api: 1985, pushKey: 'secret' })).toMatchObject({ pushKey: null });
  for (const other of [null, 'html', {}]) expect(parsePorts(other)).toBeNull();
});

test('a key to publish is asked of other machines, or of all', () => {
  const check = (hostname: string, pushKey: Ports['pushKey'], needed: boolean) =>
    expect(needsPushKey(hostname, { api: null, apiTls: null, rtmp: null, pushKey })).toBe(needed);
  for (const here of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]']) {
    check(here, 'remote', false);
    check(here, 'all', true);
  }
  for (const far of ['weir.test', '10.0.0.5', '127.0.0.1.weir.test', 'localhost.test', '[::2]']) {
    check(far, 'remote', true);
    check(far, null, false);
  }
  expect(needsPushKey('weir.test', null)).toBe(false);
});
