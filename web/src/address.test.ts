import { expect, test } from 'vitest';
import { type Ports, apiOrigins, mediaUrl, needsPushKey, parsePorts, rtmpPort, rtmpServer, rtmpUrl } from './address';
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
