import { expect, test } from 'vitest';
import type { LiveStream } from './api';
import { type Browser, best, isNative, obstacle, offered } from './support';

const CHROME: Browser = {
  mse: true,
  nativeHls: false,
  secure: false,
  supports: mime => !/hvc1/.test(mime),
  playsNatively: () => false,
};
const OLD_IPHONE: Browser = {
  mse: false,
  nativeHls: true,
  secure: true,
  supports: () => false,
  playsNatively: () => true,
};
const SAFARI: Browser = { mse: true, nativeHls: true, secure: true, supports: () => true, playsNatively: () => true };
const ANCIENT: Browser = {
  mse: false,
  nativeHls: false,
  secure: false,
  supports: () => false,
  playsNatively: () => false,
};

function stream(video: string | null, audio: string | null): LiveStream {
  return {
    vhost: '',
    app: 'live',
    stream: 'x',
    live: true,
    clients: 1,
    kbps: 0,
    tcUrl: '',
    video: video === null ? null : { codec: video, profile: '', width: 0, height: 0 },
    audio: audio === null ? null : { codec: audio, sampleRate: 48000, channels: 2 },
  };
}

test('the best player', () => {
  expect(best(CHROME, stream('H264', 'AAC'))).toBe('flv');
  expect(best(CHROME, null)).toBe('flv');
  expect(best(OLD_IPHONE, null)).toBe('hls');
  expect(best(ANCIENT, null)).toBe('native-hls');
  // Media Source Extensions without HEVC, but a system that may have it.
  const odd = { ...SAFARI, supports: CHROME.supports };
  expect(best(odd, stream('HEVC', 'AAC'))).toBe('native-hls');
  // And a browser that has it neither way: the first player says so.
  expect(best(CHROME, stream('HEVC', 'AAC'))).toBe('flv');
  expect(best({ ...CHROME, nativeHls: true }, stream('HEVC', 'AAC'))).toBe('flv');
});

test('obstacles are seen before anything is loaded', () => {
  const url = 'http://weir.test:8080/live/x.flv';
  expect(obstacle('flv', url, CHROME, stream('H264', 'AAC'))).toBeNull();
  expect(obstacle('flv', url, CHROME, stream('HEVC', null))).toEqual({
    kind: 'codec',
    codec: 'H.265 (HEVC)',
    mime: 'video/mp4; codecs="hvc1.1.6.L93.B0"',
  });
  expect(obstacle('flv', url, CHROME, stream('VP6', null))).toMatchObject({ kind: 'codec', codec: 'VP6' });
  expect(obstacle('flv', url, CHROME, stream('Other', 'MP3'))).toBeNull();
  expect(obstacle('flv', url, ANCIENT, null)).toEqual({ kind: 'no-mse' });
  expect(obstacle('native-hls', url, CHROME, null)).toEqual({ kind: 'no-native-hls' });
  expect(obstacle('flv', url, SAFARI, null)).toEqual({ kind: 'mixed' });
  expect(obstacle('ws-flv', 'ws://weir.test/live/x.flv', SAFARI, null)).toEqual({ kind: 'mixed' });
  expect(obstacle('hls', 'https://weir.test/live/x.m3u8', OLD_IPHONE, stream('HEVC', null))).toBeNull();
});

test('HLS falls back to the browser where there is nothing else', () => {
  expect(isNative('hls', OLD_IPHONE)).toBe(true);
  expect(isNative('hls', SAFARI)).toBe(false);
  expect(isNative('native-hls', SAFARI)).toBe(true);
  expect(isNative('flv', OLD_IPHONE)).toBe(false);
});

test('the browser itself is offered only where it can', () => {
  expect(offered(CHROME)).not.toContain('native-hls');
  expect(offered(SAFARI)).toContain('native-hls');
});
