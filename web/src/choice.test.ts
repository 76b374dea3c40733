import { describe, expect, test } from 'vitest';
import { type Choice, type Page, displayName, formatChoice, parseChoice } from './choice';

const HTTP: Page = { protocol: 'http:', hostname: 'weir.test', port: '8080', origin: 'http://weir.test:8080' };
const HTTPS: Page = { protocol: 'https:', hostname: 'weir.test', port: '', origin: 'https://weir.test' };

function check(query: string, expected: Partial<Choice> | null, page = HTTP) {
  const plain = { vhost: '', app: 'live', extra: [], autostart: true };
  expect(parseChoice(query, page)).toEqual(expected && { ...plain, ...expected });
}

describe('the links of the page', () => {
  test('name a stream and a player', () => {
    check('?stream=live/livestream&player=flv', { stream: 'livestream', player: 'flv' });
    check('?stream=live/livestream', { stream: 'livestream' });
    check('?stream=a/b/c&player=ll-hls', { app: 'a/b', stream: 'c', player: 'll-hls' });
    check('?stream=live/x&vhost=cam.test', { stream: 'x', vhost: 'cam.test' });
    check('?stream=live/x&origin=http://other.test:8080', { stream: 'x', origin: 'http://other.test:8080' });
  });

  test('pass on what is meant for the server', () => {
    check('?stream=live/x&token=a%20b&expire=7', {
      stream: 'x',
      extra: [
        ['token', 'a b'],
        ['expire', '7'],
      ],
    });
  });

  test('may say nothing, or nonsense', () => {
    check('', null);
    check('?', null);
    check('?lang=zh', null);
    check('?stream=/', null);
    check('?stream=live/x&player=flash', { stream: 'x' });
    check('?stream=live/x&origin=javascript:alert(1)', { stream: 'x' });
    check('?stream=http://[/x.flv', null);
  });

  test('survive being written and read', () => {
    for (const query of [
      '?stream=live/livestream',
      '?stream=a/b/c&player=ws-flv',
      '?stream=live/%E6%91%84%E5%83%8F%E6%9C%BA&player=hls&vhost=cam.test',
      '?stream=live/x&origin=http://other.test:8080&token=a%26b%3Dc&token=d',
      '?stream=live/x&player=webrtc&api=http://weir.test:1985&codec=av1',
    ]) {
      const choice = parseChoice(query, HTTP);
      expect(choice && formatChoice(choice)).toBe(query);
    }
  });
});

describe('the links of SRS', () => {
  test('name app and stream apart, with the player in the extension', () => {
    check('?autostart=true&stream=livestream.flv', { stream: 'livestream', player: 'flv' });
    check('?app=show&stream=room.m3u8', { app: 'show', stream: 'room', player: 'hls' });
    check('?stream=/live/x.flv', { stream: 'x', player: 'flv' });
    check('?stream=/live/x.ts', { stream: 'x', player: 'ts' });
    check('?stream=v1.2', { stream: 'v1.2' });
    check('?app=show', { app: 'show', stream: 'livestream' });
  });

  test('name the server, which mostly is this one', () => {
    const here = { stream: 'livestream', player: 'flv' } as const;
    check('?app=live&stream=livestream.flv&server=weir.test&port=8080&schema=http', here);
    check('?app=live&stream=livestream.flv&server=weir.test&schema=http', here);
    check('?stream=livestream.flv&server=weir.test&vhost=weir.test&port=8080', here);
    check('?stream=livestream.flv&vhost=__defaultVhost__', here);
    check('?stream=livestream.flv&port=443&schema=https', here, HTTPS);
    check('?stream=livestream.flv&server=10.0.0.5&port=8088&schema=http', { ...here, origin: 'http://10.0.0.5:8088' });
    check('?stream=livestream.flv&server=10.0.0.5&schema=https', { ...here, origin: 'https://10.0.0.5' });
    check('?stream=livestream.flv&server=10.0.0.5', { ...here, origin: 'http://10.0.0.5' });
    check('?stream=livestream.flv&port=8081', { ...here, origin: 'http://weir.test:8081' });
    check('?stream=livestream.flv&server=%5B', here);
  });

  test('for players that browsers do not have lead to the same stream', () => {
    check('?schema=rtmp&server=weir.test&port=1935&app=live&stream=livestream', { stream: 'livestream' });
    check('?schema=rtmp&server=10.0.0.5&port=1935&stream=x', { stream: 'x', origin: 'http://10.0.0.5:8080' });
  });

  test('carry whole addresses too', () => {
    check('?url=http://weir.test:8080/live/x.flv', { stream: 'x', player: 'flv' });
    check('?stream=https://cdn.test/a/b/x.m3u8?vhost=v.test%26k=1', {
      app: 'a/b',
      stream: 'x',
      player: 'hls',
      vhost: 'v.test',
      origin: 'https://cdn.test',
      extra: [['k', '1']],
    });
  });

  test('by WebRTC lead to it', () => {
    const whep = { ...HTTP, pathname: '/players/whep.html' };
    const rtc = { stream: 'x', player: 'webrtc' } as const;
    const api = 'http://weir.test:1985';
    for (const page of [whep, { ...HTTP, pathname: '/players/rtc_player.html' }]) {
      check('', { stream: 'livestream', player: 'webrtc', autostart: false }, page);
      check('?autostart=true', { stream: 'livestream', player: 'webrtc' }, page);
      check('?app=live&stream=x&server=weir.test&port=8080&api=1985&schema=http', { ...rtc, api }, page);
      check(
        '?stream=x&codec=hevc&eip=192.0.2.7',
        {
          ...rtc,
          extra: [
            ['codec', 'hevc'],
            ['eip', '192.0.2.7'],
          ],
        },
        page,
      );
      check('?stream=x&player=flv', { stream: 'x', player: 'flv' }, page);
    }
    check(
      '?stream=x&server=10.0.0.5&api=1985',
      { ...rtc, origin: 'http://10.0.0.5', api: 'http://10.0.0.5:1985' },
      whep,
    );
    check('?schema=webrtc&stream=x', rtc);
    check('?schema=webrtc&server=10.0.0.5&stream=x', { ...rtc, origin: 'http://10.0.0.5:8080' });
    check('?url=webrtc://weir.test/live/x', rtc);
    check('?url=webrtc://weir.test:1985/live/x?vhost=v.test', { ...rtc, vhost: 'v.test', api });
    check('?url=http://weir.test:8080/rtc/v1/whep/?stream=x%26token=t', { ...rtc, extra: [['token', 't']] });
    // Nobody encodes it by hand.
    check('?url=http://weir.test:1985/rtc/v1/whep/?app=live&stream=x', { ...rtc, api });
  });

  test('say when to start', () => {
    check('?stream=livestream.flv&autostart=false', { stream: 'livestream', player: 'flv', autostart: false });
    check('?stream=livestream.flv&buffer=1&dir=/players&secret=s', {
      stream: 'livestream',
      player: 'flv',
      extra: [['secret', 's']],
    });
  });
});

test('names show their vhost only where there is one', () => {
  expect(displayName({ vhost: '', app: 'live', stream: 'x' })).toBe('live/x');
  expect(displayName({ vhost: 'v.test', app: 'live', stream: 'x' })).toBe('v.test/live/x');
});
