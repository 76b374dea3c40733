import { expect, test } from 'vitest';
import type { LiveStream } from './api';
import type { Fault } from './faults';
import { type Browser, best, instead, isNative, obstacle, offered } from './support';

const CHROME: Browser = {
  mse: true,
  nativeHls: false,
  rtc: ['h264', 'vp8', 'vp9', 'av1'],
  rtcSends: [],
  secure: false,
  supports: mime => !/hvc1/.test(mime),
  playsNatively: () => false,
};
const OLD_IPHONE: Browser = {
  mse: false,
  nativeHls: true,
  rtc: [],
  rtcSends: [],
  secure: true,
  supports: () => false,
  playsNatively: () => true,
};
const SAFARI: Browser = {
  mse: true,
  nativeHls: true,
  rtc: ['h264', 'hevc', 'vp8'],
  rtcSends: [],
  secure: true,
  supports: () => true,
  playsNatively: () => true,
};
const ANCIENT: Browser = {
  mse: false,
  nativeHls: false,
  rtc: null,
  rtcSends: [],
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
    multitrack: false,
    faults: [],
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

test('what mpegts.js does not read is played by HLS', () => {
  const check = (video: string | null, audio: string | null, player: string, browser = CHROME) =>
    expect(best(browser, stream(video, audio))).toBe(player);
  check('H264', 'MP3', 'flv');
  check('H264', null, 'flv');
  check(null, 'AAC', 'flv');
  check('AV1', 'AAC', 'll-hls');
  check('H264', 'Opus', 'll-hls');
  // VP9 or FLAC, which the API does not tell apart.
  check('Other', 'AAC', 'll-hls');
  check('H264', 'Other', 'll-hls');
  check('HEVC', 'AAC', 'flv', SAFARI);
  check('HEVC', 'Opus', 'll-hls', SAFARI);
  check('AV1', 'Opus', 'll-hls', OLD_IPHONE);
  // Media Source Extensions without AV1, but a system that has it.
  check('AV1', 'AAC', 'native-hls', { ...SAFARI, supports: mime => !/av01/.test(mime) });
  expect(best(CHROME, { ...stream('H264', 'AAC'), multitrack: true })).toBe('ll-hls');
});

test('what comes by WebRTC is played by it where the browser can', () => {
  const check = (video: string | null, player: string, browser = CHROME, tcUrl = 'webrtc://weir.test/live') =>
    expect(best(browser, { ...stream(video, 'Opus'), tcUrl })).toBe(player);
  check('H264', 'webrtc');
  check('VP8', 'webrtc');
  check(null, 'webrtc');
  check('HEVC', 'webrtc', SAFARI);
  // A browser that does not tell what it has may have it.
  check('HEVC', 'webrtc', OLD_IPHONE);
  check('H264', 'll-hls', { ...CHROME, rtc: null });
  check('AV1', 'll-hls', SAFARI);
  check('H264', 'll-hls', CHROME, 'rtmp://weir.test/live');
});

test('obstacles of WebRTC', () => {
  const url = 'http://weir.test:8080/rtc/v1/whep/?app=live&stream=x';
  expect(obstacle('webrtc', url, CHROME, stream('H264', 'AAC'))).toBeNull();
  expect(obstacle('webrtc', url, CHROME, stream('HEVC', null))).toEqual({
    kind: 'rtc-codec',
    codec: 'H.265 (HEVC)',
    has: ['H.264', 'VP8', 'VP9', 'AV1'],
  });
  expect(obstacle('webrtc', url, ANCIENT, null)).toEqual({ kind: 'no-rtc' });
  expect(obstacle('webrtc', url, SAFARI, null)).toEqual({ kind: 'mixed' });
});

test('HLS stands in for a player that failed at what came', () => {
  const format: Fault = { kind: 'format', said: 'Invalid video packet type 4' };
  const codec: Fault = { kind: 'codec', codec: 'VP9', mime: '' };
  const known = stream('HEVC', 'AAC');
  expect(instead('flv', format, CHROME, null)).toBe('ll-hls');
  expect(instead('ws-ts', codec, CHROME, null)).toBe('ll-hls');
  expect(instead('flv', format, OLD_IPHONE, known)).toBe('ll-hls');
  expect(instead('flv', codec, { ...SAFARI, supports: CHROME.supports }, known)).toBe('native-hls');
  // What the browser does not decode, no player helps with.
  expect(instead('flv', codec, CHROME, known)).toBeNull();
  expect(instead('ll-hls', format, CHROME, null)).toBeNull();
  expect(instead('native-hls', format, SAFARI, null)).toBeNull();
  expect(instead('webrtc', format, CHROME, null)).toBeNull();
  expect(instead('flv', { kind: 'dropped' }, CHROME, null)).toBeNull();
  expect(instead('flv', { kind: 'http', status: 404, said: '' }, CHROME, null)).toBeNull();
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
