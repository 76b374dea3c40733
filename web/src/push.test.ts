import { expect, test } from 'vitest';
import { pushTo } from './push';

const LIVE = { vhost: '', app: 'live', stream: 'livestream' };

function check(name: typeof LIVE | null, server: string, key: string, host = 'weir.test', port = 1935) {
  const push = pushTo(name, host, port);
  expect([push.server, push.key]).toEqual([server, key]);
  return push;
}

test('the lines name the real host', () => {
  const push = check(null, 'rtmp://weir.test/live', 'livestream');
  expect(push.file).toBe('ffmpeg -re -stream_loop -1 -i FILE.mp4 -c copy -f flv rtmp://weir.test/live/livestream');
  expect(push.test).toMatch(/^ffmpeg -re -f lavfi -i testsrc2.* -f flv rtmp:\/\/weir\.test\/live\/livestream$/);
  check(LIVE, 'rtmp://10.0.0.5:1936/live', 'livestream', '10.0.0.5', 1936);
  check(LIVE, 'rtmp://[::1]/live', 'livestream', '[::1]');
});

test('the name that is waited for is kept', () => {
  check({ vhost: '', app: 'a/b', stream: '摄像机-1' }, 'rtmp://weir.test/a/b', '摄像机-1');
  const push = check({ vhost: 'v.test', app: 'live', stream: 'x' }, 'rtmp://weir.test/live', 'x?vhost=v.test');
  expect(push.file).toContain('-f flv "rtmp://weir.test/live/x?vhost=v.test"');
});

test('nothing that a shell would run is ever offered', () => {
  const evil = [
    '$(reboot)',
    '`reboot`',
    'x;reboot',
    'x|y',
    'x&y',
    "x'y",
    'x"y',
    'x y',
    'x\ny',
    '-i',
    '../x',
    'a//b',
    '',
  ];
  for (const text of evil) {
    check({ vhost: '', app: 'live', stream: text }, 'rtmp://weir.test/live', 'livestream');
    check({ vhost: '', app: text, stream: 'x' }, 'rtmp://weir.test/live', 'livestream');
  }
  check({ vhost: '$(reboot)', app: 'live', stream: 'x' }, 'rtmp://weir.test/live', 'livestream');
  check(LIVE, 'rtmp://localhost/live', 'livestream', 'weir.test;reboot');
});

test('a key has its place where publishers need one', () => {
  const push = pushTo(LIVE, 'weir.test', 1935, true);
  expect(push.key).toBe('livestream?key=KEY');
  expect(push.test).toMatch(/ -f flv "rtmp:\/\/weir\.test\/live\/livestream\?key=KEY"$/);
  expect(pushTo({ ...LIVE, vhost: 'v.test' }, 'weir.test', 1935, true).key).toBe('livestream?vhost=v.test&key=KEY');
});
